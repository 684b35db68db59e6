import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import { Attempt } from './attempt.entity.js';
import { NOTHING_KNOWN } from './event.store.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { Run } from './run.entity.js';

/** A run that an event, or a replay of it, started, and that did something at Clio or may do so yet. */
export interface ActedBefore {
  rule_id: string;
  run_id: string;
  status: Run['status'];
}

export interface Replaying {
  /** Only this rule is asked; null for all that listen. */
  ruleId: string | null;
  /** Whether it may do again what was done. */
  confirm: boolean;
  /** The same one makes the event once, for as long as it is kept; undefined for a new one. */
  key?: string | undefined;
}

const UNDECIDED = ['planned', 'held', 'received', 'ready'] as const;
/** What another event showed already, or will show. */
const SHOWN_ELSEWHERE = ['already_seen'];

/**
 * Makes a new event of a stored one, with the record as it was frozen then, for today's rules; one that was never read is
 * read now. Reads everything before it writes. Gives the new event's id and what acted before. `now` in epoch milliseconds.
 * @throws RequestError `request.conflict` when the event, or an earlier replay, is not decided yet, when it tells nothing
 *   of its own, and without `confirm` when rules acted on it.
 */
export async function replayEvent(
  tx: EntityManager,
  event: InboundEvent,
  { ruleId, confirm, key }: Replaying,
  now: number,
): Promise<{ id: string; acted: ActedBefore[] }> {
  const original = event.replayOf ?? event.id;
  const family = await tx.find(InboundEvent, {
    select: { id: true, status: true, dedupeKey: true },
    where: [{ id: original }, { replayOf: original }],
  });
  const dedupeKey = [event.connectionId, 'replay', original, ruleId ?? '*', key ?? newId()].join(':');
  const known = family.find((one) => one.dedupeKey === dedupeKey);
  const acted = await actedOn(tx, family, ruleId);
  if (known !== undefined) return { id: known.id, acted: acted.filter(({ run_id: id }) => id < known.id) };
  assertReplayable(event, family);
  if (acted.length > 0 && !confirm) throw actedAlready(event, acted);
  const id = newId();
  const { connectionId, subscriptionId, model, recordId, type, types, etag, payload } = event;
  const { record, previous, changed, causedByRunId, depth } = event;
  const frozen = { types, record, previous, changed, causedByRunId, depth };
  await insertOnce(tx, InboundEvent, {
    ...NOTHING_KNOWN,
    ...{ connectionId, subscriptionId, model, recordId, type, etag, payload },
    ...(record === null ? {} : frozen),
    ...{ id, dedupeKey, source: 'replay', replayOf: original, targetRule: ruleId },
    status: record === null ? 'received' : 'ready',
    receivedAt: now,
    dueAt: now,
  });
  return { id, acted };
}

function assertReplayable(event: InboundEvent, family: readonly Pick<InboundEvent, 'id' | 'status'>[]): void {
  const open = family.find(({ status }) => (UNDECIDED as readonly string[]).includes(status));
  if (open !== undefined) {
    const what = open.id === event.id ? 'is' : `has the replay ${open.id}, which is`;
    throw refusal(event, `${what} not decided yet (${open.status}); wait for it.`);
  }
  if (event.source === 'revert')
    throw refusal(event, 'was made to take back what a run did; replay the event of that run.');
  if (event.source === 'schedule' || event.source === 'manual')
    throw refusal(
      event,
      `was made by ${event.source === 'manual' ? 'hand' : 'the clock'} for one rule; start that again with "praetor rules run".`,
    );
  if (event.reason !== null && SHOWN_ELSEWHERE.includes(event.reason))
    throw refusal(event, 'tells of a change that another event of the record showed; replay that one.');
}

/** The runs that had an effect, or may still have one. */
async function actedOn(
  tx: EntityManager,
  family: readonly Pick<InboundEvent, 'id'>[],
  ruleId: string | null,
): Promise<ActedBefore[]> {
  const runs = await tx.find(Run, {
    select: { id: true, ruleId: true, status: true },
    where: {
      eventId: In(family.map(({ id }) => id)),
      mode: 'active',
      ...(ruleId === null ? {} : { ruleId }),
    },
    order: { id: 'ASC' },
  });
  if (runs.length === 0) return [];
  const effects = { runId: In(runs.map(({ id }) => id)), applied: In<'yes' | 'maybe'>(['yes', 'maybe']) };
  const tried = await tx.find(Attempt, {
    select: { id: true, runId: true },
    where: effects as ObjectLiteral,
  });
  const withEffect = new Set(tried.map(({ runId }) => runId));
  return runs
    .filter(({ id, status }) => withEffect.has(id) || ['queued', 'running', 'unknown'].includes(status))
    .map(({ id, ruleId: rule, status }) => ({ rule_id: rule, run_id: id, status }));
}

function actedAlready(event: InboundEvent, acted: readonly ActedBefore[]): RequestError {
  const problems = acted.map(
    ({ rule_id: rule, run_id: run, status }) => `The rule ${rule} acted in run ${run} (${status}).`,
  );
  return new RequestError(
    'request.conflict',
    `Rules acted on the event ${event.id} already (${[...new Set(acted.map(({ rule_id: rule }) => rule))].join(', ')}), and a replay is meant to act anew: what they did may then be there twice. Send {"confirm": true} when that is wanted, or {"rule": "..."} for one rule alone.`,
    { details: { problems } },
  );
}

function refusal({ id }: InboundEvent, what: string): RequestError {
  return new RequestError('request.conflict', `The event ${id} ${what}`);
}
