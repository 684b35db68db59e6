import { In, Raw, type FindOptionsSelect, type FindOptionsWhere, type Repository } from 'typeorm';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { momentOf, SEARCHED_ROWS } from './list-query.js';
import {
  compareKeys,
  isDescending,
  makeCursor,
  openCursor,
  type Page,
  type PageQuery,
  type SortKey,
} from './page.js';

type PropertyOf<Entity> = keyof Entity & string;

export interface ListSource<Entity extends object> {
  /** The list's name: a cursor of one list is refused by another. */
  list: string;
  repository: Repository<Entity>;
  /** What it is sorted by; the last is the primary key. */
  order: readonly PropertyOf<Entity>[];
  /** The values of `order` look like these. */
  like: SortKey;
  /** Every row is in one of them alone. Each is read in order from an index of its own, and the pages are put together. */
  branches: readonly FindOptionsWhere<Entity>[];
  /** True for few rows, such as those of one record, that are sorted: no index has them in order. */
  isSorted?: boolean;
  /** The bounds of the first of `order`, both included. */
  span?: Span;
  /** Where a text is looked for. */
  searched: readonly PropertyOf<Entity>[];
  /** What a list never shows, or not when these fields are asked for. */
  without: readonly PropertyOf<Entity>[];
}

export interface Span {
  from: number | undefined;
  to: number | undefined;
}

/** The query of a list with the bounds of its time. */
export interface TimedQuery extends PageQuery {
  since?: string | undefined;
  until?: string | undefined;
}

export function spanOf({ since, until }: Pick<TimedQuery, 'since' | 'until'>, now: Date): Span {
  return {
    from: since === undefined ? undefined : momentOf(since, now),
    to: until === undefined ? undefined : momentOf(until, now),
  };
}

interface Found {
  key: SortKey;
  texts: readonly unknown[];
}

/**
 * One page. First the keys, from indexes alone; then the rows of the page, with the columns that are shown. What is made
 * meanwhile never shifts what follows.
 * @throws RequestError `request.invalid` for a cursor that this list did not give for this sort and these filters.
 */
export async function readList<Entity extends object>(
  source: ListSource<Entity>,
  query: PageQuery,
): Promise<Page<Entity>> {
  const after = openCursor(source.list, query, source.like);
  const most =
    query.q === undefined ? query.limit + 1 : Math.ceil(SEARCHED_ROWS / Math.max(1, source.branches.length));
  const found = await Promise.all(
    source.branches.map((branch) => readKeys(source, branch, { query, after, most })),
  );
  const { keys, end } = pageOfKeys(found, most, query);
  return {
    data: await readRows(source, keys),
    next_cursor: end === undefined ? null : makeCursor(source.list, query, end),
  };
}

const NO_BOUNDS: Span = { from: undefined, to: undefined };

async function readKeys<Entity extends object>(
  { repository, order, like, isSorted = false, span = NO_BOUNDS, searched }: ListSource<Entity>,
  branch: FindOptionsWhere<Entity>,
  { query, after, most }: { query: PageQuery; after: SortKey | undefined; most: number },
): Promise<Found[]> {
  const isDown = isDescending(query);
  const select = repository.createQueryBuilder('row').select([]).limit(most);
  order.forEach((property, index) => {
    // Not the bare column where rows are sorted: the database would walk the whole list in its order.
    const by = isSorted && index === 0 ? `row.${property} + 0` : `row.${property}`;
    select.addSelect(`row.${property}`, `k${index}`).addOrderBy(by, isDown ? 'DESC' : 'ASC');
  });
  if (query.q !== undefined)
    searched.forEach((property, index) => select.addSelect(`row.${property}`, `t${index}`));
  if (Object.keys(branch).length > 0) select.where(branch);
  // The cursor is the closer bound on its side, and one bound on a side is what an index takes.
  if (after !== undefined) {
    const columns = order.map((property) => `row.${property}`).join(', ');
    const values = after.map((_, index) => `:after${index}`).join(', ');
    const parameters = Object.fromEntries(after.map((value, index) => [`after${index}`, value]));
    select.andWhere(`(${columns}) ${isDown ? '<' : '>'} (${values})`, parameters);
  }
  const first = `row.${order[0] ?? ''}`;
  if (span.from !== undefined && (isDown || after === undefined))
    select.andWhere(`${first} >= :from`, { from: span.from });
  if (span.to !== undefined && (!isDown || after === undefined))
    select.andWhere(`${first} <= :to`, { to: span.to });
  const rows = await select.getRawMany<Record<string, unknown>>();
  return rows.map((row) => ({
    key: like.map((one, index) =>
      typeof one === 'number' ? Number(row[`k${index}`]) : String(row[`k${index}`]),
    ),
    texts: searched.map((_, index) => row[`t${index}`]),
  }));
}

/**
 * The keys of the page, of branches that gave `most` rows or all they have. `end` is where the next page goes on; undefined
 * after the last.
 */
function pageOfKeys(
  branches: readonly Found[][],
  most: number,
  query: PageQuery,
): { keys: SortKey[]; end: SortKey | undefined } {
  const turned = isDescending(query) ? -1 : 1;
  const isBefore = (a: SortKey, b: SortKey) => turned * compareKeys(a, b) < 0;
  // Behind the end of a branch that has more, others may have rows that belong further back.
  const ends = branches.flatMap((rows) => (rows.length < most ? [] : rows.slice(-1))).map(({ key }) => key);
  const horizon = ends.reduce<SortKey | undefined>(
    (nearest, key) => (nearest === undefined || isBefore(key, nearest) ? key : nearest),
    undefined,
  );
  const fitting = branches
    .flat()
    .filter(({ key, texts }) => (horizon === undefined || !isBefore(horizon, key)) && hasText(texts, query.q))
    .map(({ key }) => key)
    .sort((a, b) => turned * compareKeys(a, b));
  const keys = fitting.slice(0, query.limit);
  return { keys, end: fitting.length > keys.length ? keys.at(-1) : horizon };
}

function hasText(texts: readonly unknown[], wanted: string | undefined): boolean {
  return (
    wanted === undefined ||
    texts.some((text) => typeof text === 'string' && text.toLowerCase().includes(wanted.toLowerCase()))
  );
}

async function readRows<Entity extends object>(
  { repository, order, without }: ListSource<Entity>,
  keys: readonly SortKey[],
): Promise<Entity[]> {
  if (keys.length === 0) return [];
  const id = order.at(-1) as PropertyOf<Entity>;
  const ids = keys.map((key) => key.at(-1));
  const left: readonly string[] = without;
  const properties = repository.metadata.columns.map(({ propertyName }) => propertyName);
  const select = Object.fromEntries(
    properties.filter((name) => !left.includes(name)).map((name) => [name, true]),
  ) as FindOptionsSelect<Entity>;
  const where = { [id]: In(ids) } as FindOptionsWhere<Entity>;
  const rows = new Map((await repository.find({ select, where })).map((row) => [row[id] as unknown, row]));
  return ids.flatMap((one) => rows.get(one) ?? []);
}

/** One branch for each value that each of the columns can have, within `where`. */
export function eachOf<Entity>(
  where: FindOptionsWhere<Entity>,
  values: Partial<Record<PropertyOf<Entity>, readonly unknown[]>>,
): FindOptionsWhere<Entity>[] {
  return Object.entries<readonly unknown[] | undefined>(values).reduce<FindOptionsWhere<Entity>[]>(
    (branches, [name, all = []]) =>
      branches.flatMap((branch) => all.map((one) => ({ ...branch, [name]: one }))),
    [where],
  );
}

/** Filters beside one that leaves few rows, written so that no index is taken for them instead. */
export function besides<Entity>(
  filters: Partial<Record<PropertyOf<Entity>, string | readonly string[] | undefined>>,
): FindOptionsWhere<Entity> {
  const sent = Object.entries<string | readonly string[] | undefined>(filters).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const test = (column: string) => `${column} || '' in (:...beside_${name})`;
    return [[name, Raw(test, { [`beside_${name}`]: [value].flat() })] as const];
  });
  return Object.fromEntries(sent) as FindOptionsWhere<Entity>;
}

/** The connection that was asked for, or all there are: few, so that what is indexed by connection needs no other index. */
export async function connectionsOf(database: Database, wanted: string | undefined): Promise<string[]> {
  if (wanted !== undefined) return [wanted];
  return (await database.repo(Connection).find({ select: { id: true } })).map(({ id }) => id);
}

/** The columns of `heavy` (by field of the view) whose fields are not shown. */
export function unshown<Property extends string>(
  heavy: Readonly<Record<string, Property>>,
  fields: readonly string[] | undefined,
): Property[] {
  if (fields === undefined) return [];
  return Object.entries(heavy).flatMap(([field, property]) => (fields.includes(field) ? [] : property));
}

/** The where of the filters that were sent. */
export function filtersOf<Entity>(filters: Record<string, unknown>): FindOptionsWhere<Entity> {
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined),
  ) as FindOptionsWhere<Entity>;
}
