import { IsNull, LessThan, MoreThanOrEqual } from 'typeorm';
import { counted } from '../lib/counted.js';
import { isObject } from '../lib/json.js';
import { renderVerdict } from '../rules/describe-verdict.js';
import { missesOf } from '../rules/nearest-miss.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { RuleBook } from '../rules/rule-book.js';
import { eventsOf } from '../rules/trigger.js';
import type { Verdict } from '../rules/verdict.js';
import type { Database } from '../store/database.js';
import { Debounce } from '../store/debounce.entity.js';
import { Decision } from '../store/decision.entity.js';
import { openLookups } from '../store/held-events.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { Run } from '../store/run.entity.js';
import { isoTime, isoTimeOrNull } from './answer-fields.js';
import { causesOfPauses, causesOfRecord, causesOfRule } from './explain-causes.js';
import type { ExplainedEvent, RecordName, RuleExplanation } from './explain-views.js';
import { causeOfTime, causesOfQueries } from './explain-schedule.js';
import { momentOf } from './list-query.js';
import { readRule } from './rule-views.js';

const MOST_EVENTS = 50;

export interface Question {
  ruleId: string;
  record: RecordName;
  /** As lists take it: a time, a day, or so long ago. */
  since?: string | undefined;
  now: Date;
}

/** Why a rule did or did not do something about a record; null when there is no such rule. Only reads. */
export async function explainRule(
  database: Database,
  book: RuleBook,
  question: Question,
): Promise<RuleExplanation | null> {
  const { ruleId, record, since, now } = question;
  const rule = await readRule(book, database, ruleId);
  if (rule === null) return null;
  const compiled = book.find(ruleId);
  const from = since === undefined ? null : momentOf(since, now);
  const { timeline, hasEarlier } = await timelineOf(database, { ruleId, compiled }, record, from);
  const causes = [
    ...causesOfRule(rule, compiled, question),
    ...(await causesOfPauses(database, ruleId, now)),
    ...causeOfTime(rule, compiled),
    ...(await causesOfQueries(database, ruleId)),
    ...(timeline.length === 0 && hearsOf(compiled, record)
      ? await causesOfRecord(database, record, now)
      : []),
  ];
  const nearest = nearestMiss(timeline);
  return {
    rule_id: ruleId,
    record: `${record.kind}/${record.id}`,
    since: from === null ? null : isoTime(from),
    summary: summaryOf(timeline, nearest),
    timeline,
    has_earlier: hasEarlier,
    nearest_miss: nearest === null ? null : { event_id: nearest.event_id, misses: nearest.misses },
    causes,
  };
}

/** Whether changes of the record would be told to the rule at all. */
function hearsOf(compiled: CompiledRule | undefined, { model }: RecordName): boolean {
  return (compiled?.needs.get(model)?.events.size ?? 1) > 0;
}

async function timelineOf(
  database: Database,
  { ruleId, compiled }: { ruleId: string; compiled: CompiledRule | undefined },
  record: RecordName,
  from: number | null,
): Promise<{ timeline: ExplainedEvent[]; hasEarlier: boolean }> {
  const where = { model: record.model, recordId: record.id };
  const since = from === null ? {} : { receivedAt: MoreThanOrEqual(from) };
  const found = await database.repo(InboundEvent).find({
    // What was made for another rule says nothing of this one.
    where: [null, ruleId].map((target) => ({ ...where, ...since, targetRule: target ?? IsNull() })),
    order: { id: 'DESC' },
    take: MOST_EVENTS,
  });
  const events = found.reverse();
  const [oldest] = events;
  const before = oldest === undefined ? { receivedAt: LessThan(from ?? 0) } : { id: LessThan(oldest.id) };
  const hasEarlier = await database.repo(InboundEvent).existsBy({ ...where, ...before });
  const versions = await database.repo(RuleVersion).find({
    select: { ruleId: true, hash: true, number: true, createdAt: true },
    where: { ruleId, approval: 'accepted' },
    order: { number: 'ASC' },
  });
  const listensTo = new Set(compiled === undefined ? [] : eventsOf(compiled.rule));
  const bursts = await database.repo(Debounce).findBy({ ruleId, record: `${record.model}/${record.id}` });
  const waiting = new Map(bursts.map(({ lastEventId, dueAt }) => [lastEventId, dueAt]));
  const open = await openLookups(database, where);
  const lookingUp = new Set(open.filter((asked) => asked.ruleId === ruleId).map(({ eventId }) => eventId));
  const holding = new Set(open.map(({ connectionId }) => connectionId));
  const timeline: ExplainedEvent[] = [];
  for (const event of events) {
    const decision = await database.repo(Decision).findOneBy({ eventId: event.id, ruleId });
    const run = await runOf(database, decision);
    timeline.push({ ...lineOf(event, decision, { versions, listensTo, waiting, lookingUp, holding }), run });
  }
  return { timeline, hasEarlier };
}

async function runOf(database: Database, decision: Decision | null): Promise<ExplainedEvent['run']> {
  if (decision?.runId == null) return null;
  const select = { id: true, status: true, error: true, reason: true } as const;
  const run = await database.repo(Run).findOne({ select, where: { id: decision.runId } });
  return run && { status: run.status, error: run.error?.message ?? null, reason: run.reason };
}

interface RuleHistory {
  versions: readonly Pick<RuleVersion, 'hash' | 'number' | 'createdAt'>[];
  /** The events of its triggers, as they are now. */
  listensTo: ReadonlySet<string>;
  /** By event: until when it waits for the rule's debounce, in epoch milliseconds. */
  waiting: ReadonlyMap<string, number>;
  /** The events about which the rule is still looking something up. */
  lookingUp: ReadonlySet<string>;
  /** The connections in which a rule looks something up about the record: its later events wait there. */
  holding: ReadonlySet<string>;
}

function lineOf(
  event: InboundEvent,
  decision: Decision | null,
  history: RuleHistory,
): Omit<ExplainedEvent, 'run'> {
  const about = {
    event_id: event.id,
    connection_id: event.connectionId,
    received_at: isoTime(event.receivedAt),
    planned_at: isoTimeOrNull(event.plannedAt),
    types: event.types ?? [event.type],
    source: event.source,
    changed: event.changed,
  };
  if (decision === null)
    return {
      ...about,
      outcome: null,
      reason: whyNotAsked(event, history),
      version: null,
      explanation: null,
      misses: [],
      shadow: false,
      run_id: null,
    };
  const { outcome, reason, ruleHash, explanation, shadow, runId } = decision;
  return {
    ...about,
    outcome,
    reason,
    version: numberAt(history.versions, ruleHash, decision.createdAt),
    explanation,
    misses: isVerdict(explanation)
      ? missesOf(explanation).flatMap((miss) => renderVerdict(miss).slice(0, 1))
      : [],
    shadow: Boolean(shadow),
    run_id: runId,
  };
}

/** A rule may come back to a content: the last version that had it then. */
function numberAt(versions: RuleHistory['versions'], ruleHash: string, at: number): number | null {
  const such = versions.filter(({ hash }) => hash === ruleHash);
  return (such.findLast(({ createdAt }) => createdAt <= at) ?? such[0])?.number ?? null;
}

function isVerdict(value: unknown): value is Verdict {
  return isObject(value) && typeof value['node'] === 'string';
}

/** Machine words; those of the event's own state where that is why. */
function whyNotAsked(event: InboundEvent, history: RuleHistory): string {
  const { versions, listensTo, waiting, lookingUp, holding } = history;
  const until = waiting.get(event.id);
  if (until !== undefined) return `debouncing until ${isoTime(until)}`;
  if (lookingUp.has(event.id)) return 'looking_up';
  if (event.status === 'planned') return 'planned';
  if (event.status === 'held') return 'query_not_at_its_end';
  if (event.status === 'received') return 'not_read_yet';
  if (event.status === 'ready')
    return holding.has(event.connectionId) ? 'waits_for_lookup' : 'not_decided_yet';
  if (versions.every(({ createdAt }) => createdAt > event.receivedAt)) return 'rule_newer';
  if (event.status === 'matched')
    return (event.types ?? []).some((type) => listensTo.has(type)) ? 'rule_not_in_force' : 'other_event';
  return event.reason ?? event.status;
}

/** The refusal that lacked the fewest conditions; the latest of several. What was debounced is decided with a later event. */
function nearestMiss(timeline: readonly ExplainedEvent[]): ExplainedEvent | null {
  const missed = timeline.filter(
    ({ outcome, reason, misses }) => outcome !== 'matched' && reason !== 'debounced' && misses.length > 0,
  );
  return missed.reduce<ExplainedEvent | null>(
    (best, one) => (best === null || one.misses.length <= best.misses.length ? one : best),
    null,
  );
}

function summaryOf(timeline: readonly ExplainedEvent[], nearest: ExplainedEvent | null): string {
  if (timeline.length === 0) return 'No event of this record came.';
  const fired = timeline.filter(({ outcome }) => outcome === 'matched');
  const last = fired.at(-1);
  const times = `${counted(timeline.length, 'event')} came`;
  if (last !== undefined)
    return `${times}; the rule matched ${fired.length === 1 ? 'once' : `${fired.length} times`}, last at ${last.received_at}.`;
  if (nearest !== null)
    return `${times}; the rule never matched. Nearest miss: ${nearest.misses.join('; ')}.`;
  const reasons = [...new Set(timeline.map(({ reason }) => reason))].join(', ');
  return `${times}; the rule never matched (${reasons}).`;
}
