/** What was or would be put in force; files are relative to their folders. */
export interface ApplyFacts {
  /** Why nothing was done, one line each. */
  refusals: readonly string[];
  put: readonly string[];
  removed: readonly string[];
  /** Files that stay in force though the new folder does not have them. */
  kept: readonly string[];
}

/** For people, below the plan. */
export function applyReport(
  { refusals, put, removed, kept }: ApplyFacts,
  target: string,
  isDone: boolean,
): string {
  const stays =
    kept.length === 0 ? [] : [`Still in force, because --prune was not given: ${kept.join(', ')}`];
  if (refusals.length > 0)
    return lines(['Nothing was changed:', ...refusals.map((text) => `  ${text}`), ...stays]);
  if (!isDone) return lines([`${target} has these files already.`, ...stays]);
  return lines([
    ...put.map((file) => `put ${file}`),
    ...removed.map((file) => `took out ${file}`),
    ...stays,
    `${target} is up to date. A server that watches it takes the rules up by itself within seconds; look at "praetor rules plan".`,
  ]);
}

function lines(all: readonly string[]): string {
  return all.map((text) => `${text}\n`).join('');
}
