export interface Column<Row> {
  title: string;
  value(row: Row): string;
  /** Numbers read best from the right. */
  align?: 'left' | 'right';
  /** Longer cells go on in the next line, broken at blanks. */
  wrap?: number;
}

const GAP = '  ';

/**
 * Rows under their titles, each column as wide as its widest cell; the last column is not padded. Line breaks and
 * control characters inside a cell become blanks, so that no text from Clio can move the cursor or forge a row.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.flatMap((row) => linesOf(columns, row))];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => width(cells[index] ?? ''))));
  return lines.map((cells) => line(cells, columns, widths)).join('\n') + '\n';
}

/** A row's cells, as many lines of them as its longest wrapped cell needs. */
function linesOf<Row>(columns: readonly Column<Row>[], row: Row): string[][] {
  const cells = columns.map((column) => wrapped(oneLine(column.value(row)), column.wrap));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) => cells.map((cell) => cell[index] ?? ''));
}

function wrapped(text: string, limit = Infinity): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && width(current) + 1 + width(word) > limit) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
}

function line<Row>(
  cells: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
): string {
  return cells
    .map((cell, index) => {
      const blanks = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(cell)));
      return columns[index]?.align === 'right' ? blanks + cell : cell + blanks;
    })
    .join(GAP)
    .trimEnd();
}

/** The text on one line, without control characters and those that turn the reading direction of what follows. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters to take out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
}

/** Characters, not UTF-16 units: a name with an accent or an emoji must not shift the columns. */
function width(text: string): number {
  return [...text].length;
}
