import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Connection } from '../store/connection.entity.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { PollCursor } from '../store/poll-cursor.entity.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';

const DEFAULT_SPAN_MS = 7 * 24 * 3_600_000;

const count = z.int().min(0);
const counts = z.object({
  delivered: count.describe('Told of by a webhook before anything else found them.'),
  late: count.describe('Found by a sweep; the webhook came afterwards.'),
  never_came: count.describe('Found by a sweep; no webhook has come.'),
  polled: count.describe('Found by reading lists, where no webhook was to be expected.'),
  processed: count.describe('Every rule that listens has decided, or none does.'),
  open: count.describe('Not decided yet; the rest of all.'),
});
export type GapCounts = z.infer<typeof counts>;

const modelGaps = z.object({
  model: z.string(),
  ...counts.shape,
  last_walk_at: moment.nullable().describe('When its list was last read to the end; null if never.'),
});
export type ModelGaps = z.infer<typeof modelGaps>;

/** How the changes of a connection came in: what webhooks told of, and what was found without them. */
export const gapReport = z.object({
  connection_id: z.string(),
  connection_name: z.string(),
  since: moment,
  total: counts,
  models: z.array(modelGaps),
});
export type GapReport = z.infer<typeof gapReport>;

export const gapsQuery = z.strictObject({
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Changes that came in from then on; the last 7 days when left out.'),
});
export type GapsQuery = z.infer<typeof gapsQuery>;

/** Null for an unknown connection. */
export async function readGaps(
  database: Database,
  connectionId: string,
  { since }: GapsQuery,
  now: Date,
): Promise<GapReport | null> {
  const connection = await database.repo(Connection).findOneBy({ id: connectionId });
  if (connection === null) return null;
  const from = since === undefined ? now.getTime() - DEFAULT_SPAN_MS : Date.parse(since);
  const counted = await countChanges(database, connectionId, from);
  const cursors = await database.repo(PollCursor).findBy({ connectionId });
  const walkedAt = new Map(cursors.map((cursor) => [cursor.model, cursor.walkedAt]));
  const models = [...new Set([...counted.keys(), ...walkedAt.keys()])].sort();
  return {
    connection_id: connection.id,
    connection_name: connection.name,
    since: isoTime(from),
    total: [...counted.values()].reduce(sum, NOTHING),
    models: models.map((model) => ({
      model,
      ...(counted.get(model) ?? NOTHING),
      last_walk_at: isoTimeOrNull(walkedAt.get(model) ?? null),
    })),
  };
}

const NOTHING: GapCounts = { delivered: 0, late: 0, never_came: 0, polled: 0, processed: 0, open: 0 };

/** A second report of a change that was known is no change. */
const IS_CHANGE =
  "event.source in ('webhook', 'sweep', 'poll') and coalesce(event.reason, '') <> 'already_seen'";

const CASES: Record<keyof GapCounts, string> = {
  delivered: "event.source = 'webhook'",
  late: "event.source = 'sweep' and event.webhook_at is not null",
  never_came: "event.source = 'sweep' and event.webhook_at is null",
  polled: "event.source = 'poll'",
  processed: "event.status not in ('received', 'ready')",
  open: "event.status in ('received', 'ready')",
};

/** Not the bare column: SQLite would walk all events by model to have the groups in order. */
const GROUP = "event.model || ''";

async function countChanges(
  database: Database,
  connectionId: string,
  from: number,
): Promise<Map<string, GapCounts>> {
  const query = database.repo(InboundEvent).createQueryBuilder('event').select(GROUP, 'model');
  for (const [name, test] of Object.entries(CASES))
    query.addSelect(`sum(case when ${test} then 1 else 0 end)`, name);
  const rows = await query
    .where(`event.connection_id = :connectionId and event.received_at >= :from and ${IS_CHANGE}`, {
      connectionId,
      from,
    })
    .groupBy(GROUP)
    .getRawMany<Record<string, unknown>>();
  return new Map(rows.map((row) => [String(row['model']), countsOf((name) => Number(row[name]))]));
}

function sum(a: GapCounts, b: GapCounts): GapCounts {
  return countsOf((name) => a[name] + b[name]);
}

function countsOf(value: (name: keyof GapCounts) => number): GapCounts {
  const names = Object.keys(NOTHING) as (keyof GapCounts)[];
  return Object.fromEntries(names.map((name) => [name, value(name)])) as GapCounts;
}
