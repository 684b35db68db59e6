import { UpstreamError } from '../lib/errors.js';
import { checkReferences, namedEntry } from './check-references.js';
import type { Directory } from './directory.js';
import { namedKinds } from './directory-lists.js';
import type { NamedReference } from './needs.js';
import type { ScheduledQuery } from './scheduled-triggers.js';

interface Asked {
  connectionId: string;
  ruleId: string;
  named: ScheduledQuery['named'];
}

/**
 * The ids of what a query names, by parameter. A name that leads nowhere may be as new at Clio as in the rule: its list is
 * read once more before that is believed. Only for the holder of the connection's lane.
 * @throws UpstreamError `clio.no_match` that lists what there is, or what Clio says when a list cannot be read.
 */
export async function idsOfNames(
  directory: Directory,
  { connectionId, ruleId, named }: Asked,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const references = Object.values(named).map((one) => ({ ...one, rules: [ruleId] }));
  const lists = [...new Set(references.map(listOf))];
  if (lists.length === 0) return {};
  let entries = await directory.entries(connectionId, lists);
  const unclear = checkReferences(references, entries);
  if (unclear.length > 0) {
    for (const list of new Set(unclear.map(listOf))) await directory.refresh(connectionId, list, signal);
    entries = await directory.entries(connectionId, lists);
    const [broken] = checkReferences(references, entries);
    if (broken !== undefined)
      throw new UpstreamError('clio.no_match', broken.message, { retry: 'never', applied: 'no' });
  }
  const ids = Object.entries(named).map(([parameter, one]) => [
    parameter,
    namedEntry(one, entries)?.recordId,
  ]);
  return Object.fromEntries(ids) as Record<string, string>;
}

function listOf({ kind }: Pick<NamedReference, 'kind'>): string {
  return namedKinds[kind]?.list ?? kind;
}
