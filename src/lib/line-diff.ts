export interface DiffLine {
  sign: ' ' | '-' | '+';
  text: string;
}

/** Lines that stay around a change, for whoever reads it. */
const CONTEXT = 2;

/**
 * What has to be taken out of `before` and put in to get `after`, in order, with two lines around each change; an empty
 * list when both are the same. Time and memory grow with the product of the lengths: for documents, not for logs.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const all = [...steps(before, after)];
  const isNear = all.map((_, index) =>
    all.slice(Math.max(index - CONTEXT, 0), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  return all.filter((_, index) => isNear[index]);
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
