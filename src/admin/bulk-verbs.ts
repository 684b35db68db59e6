import { Between, In, IsNull, type EntityTarget, type FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { lockLane } from '../store/held-lane.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { Run } from '../store/run.entity.js';
import { assertRule, replayOne, type KnowsRule } from './event-verbs.js';
import { eventView } from './event-views.js';
import type { Change, Interventions, Order } from './interventions.js';
import { filtersOf } from './read-list.js';
import { cancelOne, retryOne } from './run-verbs.js';

/** More is asked for in parts. */
const MOST = 10_000;
/** So many in one transaction: nobody else writes on SQLite meanwhile. */
const BATCH = 100;
const SAMPLE = 10;
const LATEST = Date.UTC(9999, 11, 31);

const span = {
  since: z.iso.datetime({ offset: true }).optional().describe('Not before this time.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Not after this time.'),
  connection: z.string().min(1).optional(),
};
const expect = z
  .number()
  .int()
  .min(0)
  .max(MOST)
  .optional()
  .describe('How many it must be. Without it nothing is done, and the answer says how many there are.');

const runsWhere = {
  ...span,
  rule: z.string().min(1).optional(),
};

export const runsBulkBody = z.discriminatedUnion('verb', [
  z.strictObject({
    verb: z.literal('retry'),
    where: z.strictObject({ ...runsWhere, status: z.literal('failed').optional() }),
    expect,
  }),
  z.strictObject({
    verb: z.literal('cancel'),
    where: z.strictObject({ ...runsWhere, status: z.enum(['queued', 'running', 'unknown']).optional() }),
    reason: z.string().trim().min(1).max(500),
    expect,
  }),
]);
export type RunsBulkBody = z.infer<typeof runsBulkBody>;

export const eventsBulkBody = z.strictObject({
  verb: z.literal('replay'),
  where: z.strictObject({
    ...span,
    type: z.string().min(1).optional().describe('For example matter.created.'),
    status: eventView.shape.status.extract(['matched', 'ignored', 'gone', 'failed']).default('matched'),
  }),
  rule: z.string().min(1).optional().describe('Only this rule is asked.'),
  confirm: z.boolean().default(false).describe('Needed for events on which rules acted before.'),
  expect,
});
export type EventsBulkBody = z.infer<typeof eventsBulkBody>;

export const bulkAnswer = z.object({
  verb: z.enum(['retry', 'cancel', 'replay']),
  count: z.number().int().describe('How many there are; send it as "expect" to have it done.'),
  sample: z.array(z.string()).describe('The ids of the newest of them.'),
  done: z.number().int().nullable().describe('For how many it was done; null when nothing was asked for.'),
  refused: z
    .array(z.object({ id: z.string(), message: z.string() }))
    .describe('The first of those whose state did not allow it.'),
});
export type BulkAnswer = z.infer<typeof bulkAnswer>;

/** Counts, or with `expect` retries or cancels. @throws RequestError `request.conflict` when they are not so many. */
export function runsInBulk(
  interventions: Interventions,
  order: Order,
  body: RunsBulkBody,
): Promise<BulkAnswer> {
  const { rule, status, connection } = body.where;
  const where: FindOptionsWhere<Run> = {
    ...filtersOf<Run>({ ruleId: rule, connectionId: connection, createdAt: spanOf(body.where) }),
    status: status ?? (body.verb === 'retry' ? 'failed' : In(['queued', 'running', 'unknown'])),
  };
  const one = async (change: Change, run: Run) => {
    if (body.verb === 'retry') await retryOne(change, run, undefined, 'run.retried');
    else await cancelOne(change, run, body.reason);
  };
  return inBulk({ interventions, order, body, entity: Run, where, one });
}

/** Counts, or with `expect` replays. @throws RequestError as `runsInBulk`, `request.not_found` for the rule. */
export async function eventsInBulk(
  interventions: Interventions,
  order: Order,
  body: EventsBulkBody,
  knowsRule: KnowsRule,
): Promise<BulkAnswer> {
  await assertRule(body.rule, knowsRule);
  const { type, status, connection } = body.where;
  const where: FindOptionsWhere<InboundEvent> = {
    ...filtersOf<InboundEvent>({ type, connectionId: connection, receivedAt: spanOf(body.where) }),
    source: In(['webhook', 'poll', 'sweep']),
    replayOf: IsNull(),
    status,
  };
  const { rule, confirm } = body;
  const one = async (change: Change, event: InboundEvent) => {
    await replayOne(change, event, { rule, confirm });
  };
  return inBulk({ interventions, order, body, entity: InboundEvent, where, one });
}

interface Bulk<Row> {
  interventions: Interventions;
  order: Order;
  body: RunsBulkBody | EventsBulkBody;
  entity: EntityTarget<Row>;
  where: FindOptionsWhere<Row>;
  one: (change: Change, row: Row) => Promise<void>;
}

interface Kept {
  id: string;
  connectionId: string;
}

async function inBulk<Row extends Kept>(bulk: Bulk<Row>): Promise<BulkAnswer> {
  const { interventions, order, body, entity, where } = bulk;
  const { verb, expect: expected } = body;
  const repo = interventions.database.within(order.scope).repo<Kept>(entity);
  const criteria = where as FindOptionsWhere<Kept>;
  if (expected === undefined) {
    const count = await repo.countBy(criteria);
    const newest = await repo.find({ ...ONLY_NAMES, where: criteria, order: { id: 'DESC' }, take: SAMPLE });
    return { verb, count, sample: newest.map(({ id }) => id), done: null, refused: [] };
  }
  return interventions.carryOutInParts(order, body, async () => {
    const rows = await repo.find({ ...ONLY_NAMES, where: criteria, order: { id: 'ASC' }, take: MOST + 1 });
    const count = rows.length;
    if (count !== expected) throw notSoMany(verb, expected, count);
    const refused: BulkAnswer['refused'] = [];
    for (let from = 0; from < count; from += BATCH)
      refused.push(...(await oneBatch(bulk, rows.slice(from, from + BATCH))));
    const sample = rows.slice(-SAMPLE).map(({ id }) => id);
    return {
      verb,
      count,
      sample: sample.reverse(),
      done: count - refused.length,
      refused: refused.slice(0, SAMPLE),
    };
  });
}

const ONLY_NAMES = { select: { id: true, connectionId: true } } as const;

/** One transaction. Gives those that were refused; what they would have written is not there, because they read first. */
async function oneBatch<Row extends Kept>(
  { interventions, order, entity, one }: Bulk<Row>,
  names: readonly Kept[],
): Promise<BulkAnswer['refused']> {
  const { refused } = await interventions.carryOut({ ...order, key: undefined }, {}, async (change) => {
    const refusals: BulkAnswer['refused'] = [];
    const connections = [...new Set(names.map(({ connectionId }) => connectionId))].sort();
    for (const id of connections) await lockLane(change.tx, id);
    const ids = { id: In(names.map(({ id }) => id)) } as FindOptionsWhere<Row>;
    const rows = await change.tx.findBy<Row>(entity, ids);
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const row of rows)
      try {
        await one({ ...change, order }, row);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        refusals.push({ id: row.id, message: error.message });
      }
    return { refused: refusals };
  });
  return refused;
}

function spanOf({ since, until }: { since?: string | undefined; until?: string | undefined }) {
  if (since === undefined && until === undefined) return undefined;
  return Between(
    since === undefined ? 0 : Date.parse(since),
    until === undefined ? LATEST : Date.parse(until),
  );
}

function notSoMany(verb: string, expected: number, count: number): RequestError {
  const there =
    count > MOST ? `more than ${MOST}, the most at once; narrow "where" by a time or a rule` : `${count}`;
  return new RequestError(
    'request.conflict',
    `Nothing was done: ${expected} were expected to ${verb}, and there are ${there}. Ask again without "expect" to see which.`,
  );
}
