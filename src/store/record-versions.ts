import { IsNull, type FindOperator } from 'typeorm';
import { textOf, type JsonObject } from '../lib/json.js';
import type { Database } from './database.js';
import { InboundEvent } from './inbound-event.entity.js';

/** Further back nobody looks for what a record was. */
const MOST_VERSIONS = 100;

/**
 * What a record was, newest first, as far as its events tell without a gap. `previous` is what it was last; `id` leaves
 * events out. What was read for one rule alone has no more than the fields of that rule, so it counts for `targetRule`
 * only. Only reads.
 */
export async function recordVersions(
  database: Database,
  of: Pick<InboundEvent, 'connectionId' | 'model' | 'recordId' | 'targetRule' | 'previous'>,
  id?: FindOperator<string>,
): Promise<JsonObject[]> {
  const { connectionId, model, recordId, targetRule, previous } = of;
  const record = { connectionId, model, recordId, ...(id === undefined ? {} : { id }) };
  const readFor = targetRule === null ? [IsNull()] : [IsNull(), targetRule];
  const rows = await database.repo(InboundEvent).find({
    where: readFor.map((rule) => ({ ...record, targetRule: rule })),
    order: { id: 'DESC' },
    take: MOST_VERSIONS,
  });
  const unread = rows.findIndex(({ status, reason }) => status === 'ignored' && reason === 'no_rule');
  const seen = unread === -1 ? rows : rows.slice(0, unread);
  const versions = [previous, ...seen.flatMap((row) => [row.record, row.previous])].filter(
    (version) => version !== null,
  );
  const timeOf = (version: JsonObject) => Date.parse(textOf(version['updated_at'] ?? null)) || 0;
  return versions.sort((a, b) => timeOf(b) - timeOf(a));
}
