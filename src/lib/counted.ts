/** The word that goes with a number: `run` with 1, `runs` with 0 and 2; `many` where it is not made with an "s". */
export function wordFor(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/**
 * A number with its noun, and with what follows where that depends on the number: `1 rule`, `2 rules`, `1 entry`,
 * `1 event waits`.
 */
export function counted(count: number, one: string, many?: string): string {
  return `${count} ${wordFor(count, one, many)}`;
}
