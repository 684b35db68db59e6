import { In, IsNull, MoreThan, type EntityManager, type FindOptionsWhere, type ObjectLiteral } from 'typeorm';
import { engineActor } from './actor.js';
import { appendAudit } from './append-audit.js';
import { closeIn, raiseIn } from './alerts-in.js';
import type { AlertKind } from './alert.entity.js';
import { endRun, OPEN_RUN } from './end-run.js';
import { placesTaken, startOf, type OfRule } from './release-run.js';
import { MOST_QUEUED, MOST_WAITING, type RunControl } from './run-control.js';
import { RulePause } from './rule-pause.entity.js';
import { Run } from './run.entity.js';
import { counted, wordFor } from '../lib/counted.js';

const HOUR_MS = 3_600_000;

export interface Asked extends OfRule {
  /** The id that the run will have. */
  runId: string;
  control: RunControl;
}

/** Whether a run may start, and when; `message` is for people. */
export type Admission =
  | { kind: 'start'; startsAt: number }
  | { kind: 'queue' }
  | { kind: 'refuse'; reason: string; message: string };

/** What came of asking, and the alerts that were opened over it. */
export interface Answer {
  admission: Admission;
  alerts: string[];
}

/**
 * Asks whether a matched rule may start a run now, in the transaction that makes the run: pauses first, then the limit, the
 * throttle's queue, and the runs of the same key. `restart` ends the older runs here. `now` in epoch milliseconds.
 */
export async function admitRun(tx: EntityManager, asked: Asked, now: number): Promise<Answer> {
  const alerts: string[] = [];
  const tell = async (kind: AlertKind, message: string) => {
    const about = { connectionId: asked.connectionId, kind, subject: asked.ruleId };
    if (await raiseIn(tx, about, message, now)) alerts.push(message);
  };
  const { connectionId, ruleId } = asked;
  const pause = await tx.findOneBy(RulePause, { connectionId, ruleId });
  const refusal =
    refusedByPause(pause, now) ??
    (await refusedByLimit(tx, asked, now, { pause, tell })) ??
    (await refusedByThrottle(tx, asked, now, tell));
  const admission = refusal ?? (await besideOthers(tx, asked, now, tell));
  return { admission, alerts };
}

type Tell = (kind: AlertKind, message: string) => Promise<void>;
type Refusal = Extract<Admission, { kind: 'refuse' }>;

/** Whether a pause holds; one with an end ends by itself. */
export function isInForce({ untilAt, resumedAt }: RulePause, now: number): boolean {
  return resumedAt === null && (untilAt === null || untilAt > now);
}

function refusedByPause(pause: RulePause | null, now: number): Refusal | null {
  if (pause === null || !isInForce(pause, now)) return null;
  const reason = pause.cause === 'limit' ? 'limit_exceeded' : 'paused';
  return { kind: 'refuse', reason, message: pause.reason };
}

async function refusedByLimit(
  tx: EntityManager,
  { connectionId, ruleId, control }: Asked,
  now: number,
  { pause, tell }: { pause: RulePause | null; tell: Tell },
): Promise<Refusal | null> {
  const { runsPerHour, onExceed } = control.limit;
  // Whoever resumed the rule has seen the runs before: they do not stop it at once again.
  const since = Math.max(now - HOUR_MS, pause?.resumedAt ?? pause?.untilAt ?? 0);
  const runs = await tx.countBy(Run, {
    connectionId,
    ruleId,
    mode: 'active',
    revertsRunId: IsNull(),
    createdAt: MoreThan(since),
  });
  const about = { connectionId, kind: 'rule_over_limit' as const, subject: ruleId };
  if (runs < runsPerHour) {
    await closeIn(tx, about, now);
    return null;
  }
  const minutes = Math.max(1, Math.ceil((now - since) / 60_000));
  const tally = `The rule ${ruleId} has started ${counted(runs, 'run')} in ${counted(minutes, 'minute')}; its limit is ${runsPerHour} an hour`;
  const asks = control.owner === null ? '' : ` It is ${control.owner}'s.`;
  const look = `Look at what it does (praetor runs list), and raise limits.runs_per_hour if it is meant.${asks}`;
  if (onExceed === 'alert') {
    await tell('rule_over_limit', `${tally}. It goes on. ${look}`);
    return null;
  }
  const kept = 'What matches meanwhile is kept as a decision limit_exceeded and starts nothing.';
  if (onExceed === 'stop') {
    await tell(
      'rule_over_limit',
      `${tally}. It starts nothing more until the hour has room. ${kept} ${look}`,
    );
    return { kind: 'refuse', reason: 'limit_exceeded', message: `${tally}.` };
  }
  const reason = `${tally}, so it is paused on this connection.`;
  const row = { connectionId, ruleId, cause: 'limit', reason, pausedAt: now, untilAt: null, resumedAt: null };
  await tx.upsert<ObjectLiteral>(RulePause, row, ['connectionId', 'ruleId']);
  const facts = { cause: 'limit', reason, until_at: null };
  appendAudit(tx, {
    at: now,
    actor: engineActor('limits'),
    kind: 'rule.paused',
    connectionId,
    ruleId,
    facts,
  });
  const resume = `Resume it with "praetor rules resume ${ruleId}" or POST /api/v1/rules/${ruleId}/resume.`;
  await tell('rule_paused', `${reason} ${kept} ${look} ${resume}`);
  return { kind: 'refuse', reason: 'limit_exceeded', message: reason };
}

async function refusedByThrottle(
  tx: EntityManager,
  { connectionId, ruleId, control: { throttle } }: Asked,
  now: number,
  tell: Tell,
): Promise<Refusal | null> {
  if (throttle === null) return null;
  const same = { connectionId, ruleId, throttleKey: throttle.key };
  const waiting = await tx.countBy(Run, { ...same, startsAt: MoreThan(now) });
  if (waiting < MOST_WAITING) return null;
  const message = `${counted(waiting, 'run')} of the rule ${ruleId} ${wordFor(waiting, 'waits', 'wait')} for its throttle already`;
  return overloaded('throttle_full', message, tell);
}

async function overloaded(reason: string, what: string, tell: Tell): Promise<Refusal> {
  await tell(
    'rule_overloaded',
    `${what}, so what matches now starts nothing (${reason}). The decisions are kept; widen the rule's control, or make its conditions narrower.`,
  );
  return { kind: 'refuse', reason, message: `${what}.` };
}

async function besideOthers(tx: EntityManager, asked: Asked, now: number, tell: Tell): Promise<Admission> {
  const { connectionId, ruleId, runId, control } = asked;
  const { concurrency, throttle } = control;
  const overload = { connectionId, kind: 'rule_overloaded' as const, subject: ruleId };
  const start = async (): Promise<Admission> => {
    await closeIn(tx, overload, now);
    return { kind: 'start', startsAt: await startOf(tx, asked, throttle, now) };
  };
  if (concurrency === null) return start();
  const { key, mode, max } = concurrency;
  const same: FindOptionsWhere<Run> = { connectionId, ruleId, concurrencyKey: key };
  const open = await tx.find(Run, {
    select: { id: true, status: true },
    where: { ...same, status: In([...OPEN_RUN]) },
    order: { id: 'DESC' },
  });
  const queued = open.filter(({ status }) => status === 'queued');
  const busy = open.filter(({ status }) => status !== 'queued');
  const [other] = busy;
  if (mode === 'single' && other !== undefined)
    return { kind: 'refuse', reason: 'already_running', message: whyBusy(other, key) };
  if (mode === 'restart') {
    const error = { code: 'run.restarted', message: `the newer run ${runId} of "${key}" took its place` };
    // Those that wait first: an ending run must not start them.
    for (const { id } of [...queued, ...busy]) await endRun(tx, id, { status: 'cancelled', error }, now);
    return start();
  }
  const slots = mode === 'parallel' ? max : 1;
  const places = { connectionId, ruleId, concurrencyKey: key };
  if (queued.length === 0 && (slots === null || (await placesTaken(tx, places, mode)) < slots))
    return start();
  const most = mode === 'queued' ? (max ?? MOST_QUEUED) : MOST_WAITING;
  if (queued.length < most) return { kind: 'queue' };
  return overloaded(
    'queue_full',
    `${counted(queued.length, 'run')} of the rule ${ruleId} ${wordFor(queued.length, 'waits', 'wait')} for "${key}" already`,
    tell,
  );
}

function whyBusy({ id, status }: Pick<Run, 'id' | 'status'>, key: string): string {
  const what =
    status === 'unknown' ? 'waits for a person to say whether its step took effect' : 'is under way';
  return `Run ${id} of "${key}" ${what}; the rule runs once at a time for it.`;
}
