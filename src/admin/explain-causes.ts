import type { CompiledRule } from '../rules/compiled-rule.js';
import { isPaused } from '../rules/evaluate-rule.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { PollCursor } from '../store/poll-cursor.entity.js';
import { pausesOf } from '../store/rule-pause.store.js';
import { Snapshot } from '../store/snapshot.entity.js';
import { Subscription } from '../store/subscription.entity.js';
import { isoTime } from './answer-fields.js';
import type { Cause, RecordName } from './explain-views.js';
import type { RuleDetail } from './rule-views.js';

/** Where the engine or a person has stopped the rule while it runs. */
export async function causesOfPauses(database: Database, ruleId: string, now: Date): Promise<Cause[]> {
  const pauses = await pausesOf(database, ruleId, now.getTime());
  return pauses.map(({ connectionId, reason, untilAt }) => ({
    code: 'rule_paused',
    message: `The rule is paused on connection ${connectionId} ${untilAt === null ? `until "praetor rules resume ${ruleId}"` : `until ${isoTime(untilAt)}`}: ${reason}`,
  }));
}

/** What keeps the rule itself from doing anything about the record. */
export function causesOfRule(
  { state, file, diagnostics }: RuleDetail,
  compiled: CompiledRule | undefined,
  { record, now }: { record: RecordName; now: Date },
): Cause[] {
  if (state === 'removed')
    return [{ code: 'rule_removed', message: `The rule was removed; its file was ${file}.` }];
  if (compiled === undefined)
    return [
      { code: 'rule_broken', message: `The rule is broken: ${diagnostics[0]?.message ?? `see ${file}`}` },
    ];
  const causes: Cause[] = [];
  const { enabled, paused, timezone = 'UTC' } = compiled.rule;
  if (!enabled) causes.push({ code: 'rule_disabled', message: 'The rule says "enabled: false".' });
  if (paused !== undefined && isPaused(compiled, now, timezone))
    causes.push({
      code: 'rule_paused',
      message: `The rule is paused until ${paused.until ?? 'somebody takes the pause away'}: ${paused.reason}.`,
    });
  if (!compiled.needs.has(record.model))
    causes.push({
      code: 'other_record_kind',
      message: `The rule is about ${[...compiled.needs.keys()].join(', ')}; no event of a ${record.kind} starts it.`,
    });
  return causes;
}

/** Why no event of a record came, by connection. */
export async function causesOfRecord(database: Database, record: RecordName, now: Date): Promise<Cause[]> {
  const connections = await database.repo(Connection).find({ order: { id: 'ASC' } });
  if (connections.length === 0)
    return [{ code: 'no_connection', message: 'No connection to Clio; connect one first.' }];
  const all = await Promise.all(
    connections.map(async (connection) => [
      ...authorisation(connection),
      ...(await subscription(database, connection, record, now)),
      ...(await lastSweep(database, connection, record)),
    ]),
  );
  return all.flat();
}

function authorisation({ name, status, userName }: Connection): Cause[] {
  if (status === 'active') return [];
  const message = `The connection "${name}" needs authorisation by ${userName}; nothing is read through it until then.`;
  return [{ code: 'needs_authorisation', message }];
}

async function subscription(
  database: Database,
  { id, name }: Connection,
  { model }: RecordName,
  now: Date,
): Promise<Cause[]> {
  const isOver = (end: number | null) => end !== null && end <= now.getTime();
  const rows = await database.repo(Subscription).findBy({ connectionId: id, model });
  const live = rows.filter(({ status, expiresAt }) => status === 'enabled' && !isOver(expiresAt));
  const [other] = rows;
  if (other === undefined) {
    const message = `The connection "${name}" has no webhook for ${model}; such records are only found by reading lists.`;
    return [{ code: 'not_subscribed', message }];
  }
  if (live.length === 0) {
    const message = `The webhook for ${model} of the connection "${name}" is ${other.status === 'enabled' ? 'expired' : other.status}; its last word is of ${isoTime(other.updatedAt)}.`;
    return [{ code: 'subscription_not_in_place', message }];
  }
  const since = isoTime(Math.min(...live.map(({ createdAt }) => createdAt)));
  const message = `The webhook for ${model} of the connection "${name}" is in place since ${since}; of changes before that nobody was told.`;
  return [{ code: 'subscription_newer', message }];
}

async function lastSweep(
  database: Database,
  { id, name }: Connection,
  { kind, model, id: recordId }: RecordName,
): Promise<Cause[]> {
  const seen = await database.repo(Snapshot).findOneBy({ connectionId: id, model, recordId });
  if (seen !== null) {
    const version = seen.recordUpdatedAt === null ? '' : `, as it was changed at ${seen.recordUpdatedAt}`;
    const message = `${kind}/${recordId} was last seen through "${name}" at ${isoTime(seen.updatedAt)}${version}; since then no change was noticed.`;
    return [{ code: 'record_seen', message }];
  }
  const cursor = await database.repo(PollCursor).findOneBy({ connectionId: id, model });
  const walkedAt = cursor?.walkedAt ?? null;
  if (walkedAt === null) {
    const message = `The list of ${model} was never read to its end through "${name}", so nobody knows whether ${kind}/${recordId} is there.`;
    return [{ code: 'never_swept', message }];
  }
  const message = `The list of ${model} was read to its end through "${name}" at ${isoTime(walkedAt)}, and ${kind}/${recordId} was not in it: it does not exist there, or the connected user may not see it.`;
  return [{ code: 'record_not_seen', message }];
}
