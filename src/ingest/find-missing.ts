import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient } from '../clio/clio.client.js';
import { fieldList } from '../clio/field-list.js';
import { UpstreamError } from '../lib/errors.js';
import { isGone } from './find-changes.js';
import { listParts, TELLS_GONE } from './poll-plan.js';

/** What became of known records that Clio's list does not show. */
export interface Missing {
  gone: string[];
  /** There, but not for the connected user: it is forgotten, and no deletion. */
  hidden: string[];
  /** The last record that was asked for; those after it have their turn later. */
  until: string;
}

/**
 * Asks whether known records are still there: one call for all, then one for each that is missing while there is budget to
 * spare. `ids` is not empty.
 * @throws UpstreamError when Clio does not answer.
 */
export async function findMissing(
  client: ClioClient,
  model: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Missing> {
  const { path, readable } = resourceFacts(model);
  const there = new Set<string>();
  for (const part of listParts(model)) {
    const records = await client.list(path, { ...part, fields: 'id', ids }, signal);
    for (const { id } of records) there.add(String(id));
  }
  // What is struck off its list may still be shown by itself.
  const fields = fieldList(model, TELLS_GONE);
  const found: Missing = { gone: [], hidden: [], until: ids.at(-1) ?? '' };
  for (const [index, id] of ids.entries()) {
    if (there.has(id)) continue;
    if (client.spareInMs() > 0) return { ...found, until: ids[index - 1] ?? '' };
    const state = readable ? await stateOf(client, `${path}/${id}`, fields, signal) : 'gone';
    if (state !== 'there') found[state].push(id);
  }
  return found;
}

async function stateOf(
  client: ClioClient,
  path: string,
  fields: string,
  signal: AbortSignal,
): Promise<'there' | 'gone' | 'hidden'> {
  try {
    return isGone(await client.get(path, { fields }, signal)) ? 'gone' : 'there';
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'clio.not_found') return 'gone';
    if (error instanceof UpstreamError && error.code === 'clio.forbidden') return 'hidden';
    throw error;
  }
}
