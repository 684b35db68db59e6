import { InvalidArgumentError, type Command } from 'commander';

/** What every `list` takes. */
export interface ListOptions {
  limit: number;
  cursor?: string;
}

/** Adds `--limit` and `--cursor`, as the REST API has them. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <count>', 'at most so many, 1 to 200', toLimit, 50)
    .option('--cursor <cursor>', 'the next_cursor of the page before');
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new InvalidArgumentError('It must be a whole number from 1 to 200.');
  return limit;
}

/** How to see what did not fit on this page. */
export function moreText(cursor: string | null): string {
  return cursor === null ? '' : `\nMore: add --cursor ${cursor}\n`;
}
