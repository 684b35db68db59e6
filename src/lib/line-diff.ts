export interface DiffLine {
  sign: ' ' | '-' | '+';
  text: string;
}

/** Lines that stay around a change, for whoever reads it. */
const CONTEXT = 2;
/** Time and memory grow with the product of the lengths: beyond this nobody reads the lines one by one. */
const MOST_COMPARED = 4_000_000;

/**
 * What has to be taken out of `before` and put in to get `after`, in order, with two lines around each change; an empty
 * list when both are the same. Texts of thousands of lines are told as taken out and put in as a whole, between what they
 * have in common at both ends.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const all = [...wholeDiff(before, after)];
  const isNear = all.map((_, index) =>
    all.slice(Math.max(index - CONTEXT, 0), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  return all.filter((_, index) => isNear[index]);
}

function wholeDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const shorter = Math.min(before.length, after.length);
  let [head, tail] = [0, 0];
  while (head < shorter && before[head] === after[head]) head += 1;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [old, fresh] = [before, after].map((lines) => lines.slice(head, lines.length - tail));
  const same = (lines: readonly string[]) => lines.map((text) => ({ sign: ' ' as const, text }));
  const [first, last] = [same(before.slice(0, head)), same(before.slice(before.length - tail))];
  return [...first, ...changes(old ?? [], fresh ?? []), ...last];
}

function changes(before: readonly string[], after: readonly string[]): DiffLine[] {
  if (before.length * after.length <= MOST_COMPARED) return [...steps(before, after)];
  const [taken, put] = [{ sign: '-' as const }, { sign: '+' as const }];
  return [...before.map((text) => ({ ...taken, text })), ...after.map((text) => ({ ...put, text }))];
}

function* steps(before: readonly string[], after: readonly string[]): Generator<DiffLine> {
  const common = commonLengths(before, after);
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      yield { sign: ' ', text: old };
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (fresh === undefined || lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))
    ) {
      yield { sign: '-', text: old };
      i += 1;
    } else {
      yield { sign: '+', text: fresh ?? '' };
      j += 1;
    }
  }
}

const lengthAt = (common: readonly Uint32Array[], i: number, j: number) => common[i]?.[j] ?? 0;

/** How many lines the rests from (i, j) on have in common, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = rows[i] as Uint32Array;
      row[j] =
        before[i] === after[j]
          ? lengthAt(rows, i + 1, j + 1) + 1
          : Math.max(lengthAt(rows, i + 1, j), lengthAt(rows, i, j + 1));
    }
  return rows;
}
