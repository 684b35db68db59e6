import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';

/** What every list takes: how many at most (1 to 200), and where the page before ended. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most so many, 1 to 200.'),
  cursor: z
    .string()
    .optional()
    .describe('The next_cursor of the page before, with the same filters and the same sort.'),
};

/** What pages need of a list's query; what else is in it are filters. */
export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
  sort: string;
  fields?: readonly string[] | undefined;
  q?: string | undefined;
}

export interface Page<Item> {
  data: Item[];
  /** Null on the last page. */
  next_cursor: string | null;
}

/** The values by which a list is sorted; the last is unique. */
export type SortKey = readonly (string | number)[];

/** The schema of a page of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Send it as "cursor" for the next page; null on the last.'),
  });
}

/** One page of a list that is in memory. */
export function slicePage<Item>(
  list: string,
  items: readonly Item[],
  query: PageQuery,
  keyOf: (item: Item) => SortKey,
): Page<Item> {
  const turned = isDescending(query) ? -1 : 1;
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  const sorted = keyed.sort((a, b) => turned * compareKeys(a.key, b.key));
  const after = openCursor(list, query, sorted[0]?.key ?? ['']);
  const rest =
    after === undefined ? sorted : sorted.filter(({ key }) => turned * compareKeys(key, after) > 0);
  const data = rest.slice(0, query.limit);
  const last = data.at(-1);
  const hasMore = rest.length > data.length && last !== undefined;
  return {
    data: data.map(({ item }) => item),
    next_cursor: hasMore ? makeCursor(list, query, last.key) : null,
  };
}

/** The same page with other items. */
export function mapPage<From, To>(page: Page<From>, toItem: (item: From) => To): Page<To> {
  return { data: page.data.map(toItem), next_cursor: page.next_cursor };
}

export function isDescending({ sort }: Pick<PageQuery, 'sort'>): boolean {
  return sort.startsWith('-');
}

/** Below zero when `a` comes first, in ascending order. */
export function compareKeys(a: SortKey, b: SortKey): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** A cursor names its list, sort and filters: with others its key would lead to some other place. */
export function makeCursor(list: string, query: PageQuery, key: SortKey): string {
  return Buffer.from(JSON.stringify([list, questionOf(query), ...key])).toString('base64url');
}

function questionOf(query: PageQuery): string {
  const { limit: _limit, cursor: _cursor, fields: _fields, ...question } = query;
  const asked = Object.entries(question).filter(([, value]) => value !== undefined);
  return contentHash(Object.fromEntries(asked)).slice(0, 12);
}

const cursorParts = z.tuple([z.string(), z.string()]).rest(z.union([z.string(), z.int()]));

/**
 * The key in the cursor that was sent, with the types of `like`.
 * @throws RequestError `request.invalid` when this list did not give it, or gave it for another sort or other filters.
 */
export function openCursor(list: string, query: PageQuery, like: SortKey): SortKey | undefined {
  if (query.cursor === undefined) return undefined;
  const [from, question, ...key] = partsOf(query.cursor) ?? [];
  if (from !== list) throw refusal(`not one that the list of ${list} gave; start again without it`);
  if (question !== questionOf(query))
    throw refusal('of a list with another sort or other filters; send those again, or start without it');
  const isLike =
    key.length === like.length && key.every((value, index) => typeof value === typeof like[index]);
  if (!isLike || key.some((value) => String(value).includes('\0')))
    throw refusal(`not one that the list of ${list} gave; start again without it`);
  return key;
}

function refusal(what: string): RequestError {
  return new RequestError('request.invalid', `The cursor is ${what}.`);
}

function partsOf(cursor: string): z.infer<typeof cursorParts> | undefined {
  try {
    return cursorParts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return undefined;
  }
}
