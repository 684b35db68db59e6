/**
 * The known word that is most likely meant: one that a slip of the finger or two make of it, or the same words in another
 * order; else the only one that begins with it, or the shortest that has its words. Undefined when none is near.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MOST_LETTERS) return undefined;
  const all = [...known];
  return nearlyAlike(word, all) ?? begunBy(word, all) ?? containing(word, all);
}

/** ` Did you mean "x"?` with a leading blank, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const match = nearest(word, known);
  return match === undefined ? '' : ` Did you mean "${match}"?`;
}

function nearlyAlike(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  const sorted = wordsOf(word).sort().join('_');
  for (const candidate of known) {
    const plain = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const ordered = editDistance(sorted, wordsOf(candidate).sort().join('_'));
    // Of the same words in another order each is a guess a little worse than a word that is nearly the same.
    const distance = Math.min(plain, ordered + 0.5);
    // One letter of three, or a third of the letters: more is another word.
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= limit && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

const FEWEST_LETTERS = 3;
/** Longer ones are no slip of the finger, and comparing them takes long. */
const MOST_LETTERS = 100;

/** `due` for `due_at`, `desc` for `description`; undefined where several words begin so, or have that word. */
function begunBy(word: string, known: readonly string[]): string | undefined {
  if (word.length < FEWEST_LETTERS) return undefined;
  const begins = (candidate: string) => candidate.toLowerCase().startsWith(word.toLowerCase());
  const found = known.filter(
    (candidate) => begins(candidate) || wordsOf(candidate).includes(word.toLowerCase()),
  );
  const [only] = found;
  return only !== undefined && found.length === 1 && begins(only) ? only : undefined;
}

/** `stage` and `stgae` for `matter_stage`, unless others of that length have it as well. */
function containing(word: string, known: readonly string[]): string | undefined {
  const words = wordsOf(word);
  if (words.every(({ length }) => length <= FEWEST_LETTERS)) return undefined;
  const found = known
    .map((candidate) => ({ candidate, parts: wordsOf(candidate) }))
    .filter(({ parts }) => words.every((one) => parts.some((part) => isAlmost(one, part))))
    .sort((a, b) => a.parts.length - b.parts.length);
  const [first, second] = found;
  return first?.parts.length === second?.parts.length ? undefined : first?.candidate;
}

/** The same word, or a long one with one slip. */
function isAlmost(word: string, part: string): boolean {
  return word === part || (word.length > FEWEST_LETTERS && editDistance(word, part) === 1);
}

/** `dueDate`, `due_date` and `due-date` are two words. */
function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Letters to add, take out, put in place of others, or swap with their neighbours. */
function editDistance(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (before[j - 2] ?? 0) + 1 : Infinity;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution, swap);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
