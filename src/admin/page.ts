import { LessThan, type FindOptionsOrder, type FindOptionsWhere, type Repository } from 'typeorm';
import { z } from 'zod';
import { RequestError } from '../lib/errors.js';

/** What every list takes: how many at most (1 to 200), and where the page before ended. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most so many, 1 to 200.'),
  cursor: z.string().optional().describe('The next_cursor of the page before.'),
};

export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Item> {
  data: Item[];
  /** Null on the last page. */
  next_cursor: string | null;
}

/** The schema of a page of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Send it as "cursor" for the next page; null on the last.'),
  });
}

interface PageSource<Entity extends { id: string }> {
  /** The list's name: a cursor of one list is refused by another. */
  list: string;
  repository: Repository<Entity>;
  where: FindOptionsWhere<Entity>;
}

/**
 * One page of entities, newest first. Ids sort by age, so what is made meanwhile never shifts what follows.
 * @throws RequestError `request.invalid` for a cursor that this list did not give.
 */
export async function readPage<Entity extends { id: string }>(
  { list, repository, where }: PageSource<Entity>,
  query: PageQuery,
): Promise<Page<Entity>> {
  const after = openCursor(list, query);
  const found = await repository.find({
    where: { ...where, ...(after !== undefined && { id: LessThan(after) }) } as FindOptionsWhere<Entity>,
    order: { id: 'DESC' } as FindOptionsOrder<Entity>,
    take: query.limit + 1,
  });
  return cut(list, found, query.limit, ({ id }) => id);
}

/** One page of a list that is in memory, in the order of its keys, which are unique. */
export function slicePage<Item>(
  list: string,
  items: readonly Item[],
  query: PageQuery,
  keyOf: (item: Item) => string,
): Page<Item> {
  const after = openCursor(list, query);
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after);
  return cut(list, rest.slice(0, query.limit + 1), query.limit, keyOf);
}

/** The same page with other items. */
export function mapPage<From, To>(page: Page<From>, toItem: (item: From) => To): Page<To> {
  return { data: page.data.map(toItem), next_cursor: page.next_cursor };
}

/** The page of what was found, of which one more than `limit` was asked for. */
export function cut<Item>(
  list: string,
  found: Item[],
  limit: number,
  keyOf: (item: Item) => string,
): Page<Item> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { data, next_cursor: hasMore ? makeCursor(list, keyOf(last)) : null };
}

function makeCursor(list: string, key: string): string {
  return Buffer.from(`${list}:${key}`).toString('base64url');
}

/** The key in the cursor that was sent. @throws RequestError when this list did not give it. */
export function openCursor(list: string, { cursor }: PageQuery): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const key = text.slice(list.length + 1);
  if (key === '' || makeCursor(list, key) !== cursor)
    throw new RequestError(
      'request.invalid',
      `The cursor is not one that the list of ${list} gave; start again without it.`,
    );
  return key;
}

/** The where of the filters that were sent. */
export function filtersOf<Entity>(filters: Record<string, unknown>): FindOptionsWhere<Entity> {
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined),
  ) as FindOptionsWhere<Entity>;
}
