import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import type { ActionContext } from './action.js';

/** The firm's own lists change rarely. A list is used again for so long, but only a hit in it is believed. */
const KEEP_MS = 10 * 60_000;

interface KeptList {
  readAt: number;
  records: Promise<ClioRecord[]>;
}

const kept = new WeakMap<ClioClient, Map<string, KeptList>>();

/** One of the firm's lists, for example `{ path: 'users', query: { fields: 'id,email' } }`. */
export interface FirmList {
  path: string;
  query: Record<string, string | number | boolean>;
}

/**
 * Finds something in a list of users, stages, custom fields or task types. A burst of steps costs one call; a miss in a
 * kept list reads it anew, so what the firm has just added is found. Throws what `missing` makes of a fresh list without it.
 */
export async function lookup<T>(
  list: FirmList,
  find: (records: readonly ClioRecord[]) => T | undefined,
  missing: (records: readonly ClioRecord[]) => UpstreamError,
  context: ActionContext,
): Promise<T> {
  const lists = kept.get(context.clio) ?? new Map<string, KeptList>();
  kept.set(context.clio, lists);
  const key = keyOf(list);
  const earlier = lists.get(key);
  if (earlier !== undefined && context.now.getTime() - earlier.readAt < KEEP_MS) {
    const found = find(await earlier.records);
    if (found !== undefined) return found;
  }
  // Of several steps that miss at once the first reads anew; the others find its list in place of the earlier one.
  const current = lists.get(key);
  const fresh = current === undefined || current === earlier ? read(lists, key, list, context) : current;
  const records = await fresh.records;
  const found = find(records);
  if (found === undefined) throw missing(records);
  return found;
}

function keyOf({ path, query }: FirmList): string {
  return `${path} ${JSON.stringify(query)}`;
}

/** Reads the list anew when it is needed next: Clio has just said that what is kept is out of date. */
export function forgetList(list: FirmList, { clio }: ActionContext): void {
  kept.get(clio)?.delete(keyOf(list));
}

function read(
  lists: Map<string, KeptList>,
  key: string,
  { path, query }: FirmList,
  context: ActionContext,
): KeptList {
  const list = { readAt: context.now.getTime(), records: context.clio.list(path, query, context.signal) };
  lists.set(key, list);
  list.records.catch(() => {
    if (lists.get(key) === list) lists.delete(key);
  });
  return list;
}

/** Clio has no record that fits what the rule asks for; nothing was sent. `message` ends with what to do. */
export function noMatch(message: string, details: Readonly<Record<string, unknown>>): UpstreamError {
  return new UpstreamError('clio.no_match', message, { retry: 'never', applied: 'no', details });
}
