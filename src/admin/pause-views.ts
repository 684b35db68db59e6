import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import type { Actor } from '../store/actor.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import type { RulePause } from '../store/rule-pause.entity.js';
import { pauseRule, pausesOf, resumeRule, type PauseCheck } from '../store/rule-pause.store.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { etagOf, requireMatch } from './entity-tag.js';

const pause = z.object({
  connection_id: z.string(),
  cause: z.enum(['limit', 'person']).describe('limit: the rule started more runs than its limits allow.'),
  reason: z.string(),
  paused_at: moment,
  until: moment.nullable().describe('Null: until somebody resumes it.'),
});

/** Where a rule is stopped while the engine runs; what its file says of a pause stands in the rule. */
export const pausesView = z.object({ rule_id: z.string(), pauses: z.array(pause) });
export type PausesView = z.infer<typeof pausesView>;

const connection = z.string().min(1).optional().describe('Only on this connection; on all when left out.');

export const pauseBody = z.strictObject({
  reason: z.string().trim().min(1, 'say why').max(500),
  until: z.iso
    .datetime({ offset: true, error: 'write a time such as 2026-03-01T09:00:00Z' })
    .optional()
    .describe('Until somebody resumes it when left out.'),
  connection_id: connection,
});
export type PauseBody = z.infer<typeof pauseBody>;

export const resumeBody = z.strictObject({ connection_id: connection });
export type ResumeBody = z.infer<typeof resumeBody>;

/** Who wants it, and when. */
export interface Order {
  actor: Actor;
  now: Date;
  /** The header If-Match. */
  ifMatch?: string | undefined;
}

export async function viewPauses(database: Database, ruleId: string, now: Date): Promise<PausesView> {
  return view(ruleId, await pausesOf(database, ruleId, now.getTime()));
}

/** @throws RequestError when the connection does not exist, the pause would be over already, or it is stale. */
export async function pauseNow(
  database: Database,
  ruleId: string,
  { reason, until, connection_id }: PauseBody,
  { actor, now, ifMatch }: Order,
): Promise<PausesView> {
  const untilAt = until === undefined ? null : Date.parse(until);
  if (untilAt !== null && untilAt <= now.getTime())
    throw new RequestError('request.invalid', `The pause would end at ${String(until)}, which has passed.`);
  const connectionId = await known(database, connection_id);
  const wanted = { ruleId, reason, untilAt, connectionId };
  await pauseRule(database, wanted, { actor, at: now.getTime() }, seenAs(ruleId, ifMatch));
  return viewPauses(database, ruleId, now);
}

/** @throws RequestError when the connection does not exist, or the rule is not paused there. */
export async function resumeNow(
  database: Database,
  ruleId: string,
  { connection_id }: ResumeBody,
  { actor, now, ifMatch }: Order,
): Promise<PausesView> {
  const wanted = { ruleId, connectionId: await known(database, connection_id) };
  const onWord = { actor, at: now.getTime() };
  const resumed = await resumeRule(database, wanted, onWord, seenAs(ruleId, ifMatch));
  if (resumed === 0)
    throw new RequestError(
      'request.invalid',
      `The rule ${ruleId} is not paused by the engine; a pause in its file is taken away in the file.`,
    );
  return viewPauses(database, ruleId, now);
}

async function known(database: Database, id: string | undefined): Promise<string | null> {
  if (id === undefined) return null;
  if (await database.repo(Connection).existsBy({ id })) return id;
  throw new RequestError('request.invalid', `There is no connection ${id}; see "praetor connections list".`);
}

function seenAs(ruleId: string, ifMatch: string | undefined): PauseCheck {
  return (inForce) => requireMatch(ifMatch, etagOf(view(ruleId, inForce)), `state of the rule ${ruleId}`);
}

function view(ruleId: string, pauses: readonly RulePause[]): PausesView {
  return { rule_id: ruleId, pauses: pauses.map(viewPause) };
}

function viewPause({ connectionId, cause, reason, pausedAt, untilAt }: RulePause): z.infer<typeof pause> {
  const times = { paused_at: isoTime(pausedAt), until: isoTimeOrNull(untilAt) };
  return { connection_id: connectionId, cause, reason, ...times };
}
