import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import { adminActor } from '../../src/store/actor.js';
import { Alert } from '../../src/store/alert.entity.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { Decision } from '../../src/store/decision.entity.js';
import { endRun } from '../../src/store/end-run.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { pauseRule, pausesOf, resumeRule } from '../../src/store/rule-pause.store.js';
import { RuleStore } from '../../src/store/rule.store.js';
import type { Settlement } from '../../src/store/run-settlement.js';
import { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { SilenceWorker } from '../../src/match/silence.worker.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';
import { aConnection } from '../support/rows.js';
import { matterRule } from '../support/rule-text.js';

const HOUR = 3_600_000;
const ACTS = 'idempotency_key: "{{event.id}}"';
const acting = (id: string, over: string) => matterRule(id, `${ACTS}\n${over}`);
const by = (at: number) => ({ actor: adminActor, at });
const problem = { code: 'test', message: 'it is over' };

describe.each(databases)('how often rules act, on $name', ({ open }) => {
  let firm: Matching;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
  });
  afterEach(() => firm.close());

  /** So many changes of one matter, decided. */
  async function changes(count: number, recordId = '7'): Promise<void> {
    for (let n = 0; n < count; n++) await firm.happens(recordId, String(n), String(n + 1));
    await firm.drain();
  }

  const alerts = async () => {
    const rows = await firm.database.repo(Alert).find({ order: { id: 'ASC' } });
    return rows.map(
      ({ kind, subject, closedAt }) => `${kind} ${subject}${closedAt === null ? '' : ' closed'}`,
    );
  };
  const lastReason = async () => {
    const [last] = await firm.database.repo(Decision).find({ order: { id: 'DESC' }, take: 1 });
    return JSON.stringify(last?.explanation);
  };
  const end = (id: string, status: 'done' | 'failed' | 'cancelled' = 'done') =>
    firm.database.write((tx) =>
      endRun(tx, id, status === 'done' ? { status, error: null } : { status, error: problem }, firm.now),
    );
  const stepOf = async (runId: string) => {
    const step = await firm.database.repo(Step).findOneByOrFail({ runId, position: 0 });
    const run = await firm.database.repo(Run).findOneByOrFail({ id: runId });
    return { step, run };
  };
  const outcome = (
    at: { step: Step; run: Run },
    is: Settlement['outcome'],
    mayBeApplied = false,
  ): Settlement => ({
    ...at,
    attempt: null,
    outcome: is,
    writes: [],
    continueOnError: false,
    mayBeApplied,
    facts: { status: null, requestId: null, durationMs: null, applied: null, adopted: false },
  });

  describe('concurrency', () => {
    it('starts every run at once when the rule says nothing', async () => {
      firm.enforce(acting('plain', ''));
      await changes(2);
      expect(await firm.started()).toEqual(['running due', 'running due']);
    });

    it('single: starts no second run of a key, and names the first', async () => {
      firm.enforce(acting('one', 'concurrency: { mode: single }'));
      await changes(2);
      await firm.happens('8', 'A', 'B');
      await firm.drain();
      expect(await firm.decided()).toEqual([
        'matched condition_true',
        'suppressed already_running',
        'matched condition_true',
      ]);
      const [first = ''] = await firm.runIds();
      expect(await firm.started()).toEqual(['running due', 'running due']);
      const [, refused] = await firm.database.repo(Decision).find({ order: { eventId: 'ASC' } });
      expect(JSON.stringify(refused?.explanation)).toContain(`Run ${first} of \\"matter/7\\" is under way`);
      await end(first);
      await changes(1);
      expect(await firm.started()).toEqual(['done skipped', 'running due', 'running due']);
    });

    it('single: a run that waits for a person holds its key, and the reason says so', async () => {
      firm.enforce(acting('one', 'concurrency: { mode: single }'));
      await changes(1);
      const [first = ''] = await firm.runIds();
      const lost = { kind: 'unknown' as const, error: problem };
      await firm.runs.settleSteps([outcome(await stepOf(first), lost)], firm.now);
      await changes(1);
      expect(await firm.decided()).toEqual(['matched condition_true', 'suppressed already_running']);
      expect(await lastReason()).toContain('waits for a person');
    });

    it('single: names the newest where several are under way', async () => {
      firm.enforce(acting('one', 'concurrency: { mode: parallel }'));
      await changes(2);
      firm.enforce(acting('one', 'concurrency: { mode: single }'));
      await changes(1);
      const [, second = ''] = await firm.runIds();
      expect(await lastReason()).toContain(`Run ${second} of`);
    });

    it('restart: the newer run takes the place of the older ones', async () => {
      firm.enforce(acting('again', 'concurrency: { mode: restart, key: "{{matter.id}}" }'));
      await changes(2);
      const [first, second = ''] = await firm.database.repo(Run).find({ order: { id: 'ASC' } });
      expect(await firm.started()).toEqual(['cancelled skipped', 'running due']);
      expect(first?.error).toEqual({
        code: 'run.restarted',
        message: `the newer run ${second === '' ? '' : second.id} of "7" took its place`,
      });
    });

    it('restart: what is under way is settled first, and nothing follows it', async () => {
      firm.enforce(acting('again', 'concurrency: { mode: restart }'));
      await changes(3);
      const ids = await firm.runIds();
      // Three older runs whose first steps are under way, however that came about.
      for (const id of ids)
        await firm.database.write((tx) =>
          tx.update<ObjectLiteral>(Step, { runId: id, position: 0 }, { status: 'due' }),
        );
      const [one = '', two = ''] = ids;
      const retry = { kind: 'retry' as const, at: firm.now + HOUR, error: problem };
      await firm.runs.settleSteps(
        [outcome(await stepOf(one), retry), outcome(await stepOf(two), retry, true)],
        firm.now,
      );
      expect(await firm.started()).toEqual(['cancelled skipped', 'cancelled unknown', 'running due']);
      const unknown = { kind: 'unknown' as const, error: problem };
      await firm.database.write((tx) =>
        tx.update<ObjectLiteral>(Step, { runId: two, position: 0 }, { status: 'due' }),
      );
      await firm.runs.settleSteps([outcome(await stepOf(two), unknown)], firm.now);
      expect((await firm.started())[1]).toBe('cancelled unknown');
    });

    it('does not leave a write in doubt to wait for ever when its run is ended', async () => {
      firm.enforce(acting('plain', ''));
      await changes(1);
      const [id = ''] = await firm.runIds();
      const echo = [{ model: 'task', isNew: true, recordId: null, matterId: '7', markedIn: 'description' }];
      await firm.database.write((tx) => tx.update<ObjectLiteral>(Step, { runId: id, position: 0 }, { echo }));
      await end(id, 'cancelled');
      expect(await firm.started()).toEqual(['cancelled unknown']);
    });

    it.each(['done', 'failed', 'cancelled'] as const)(
      'queued: the next run starts when the older one is %s, in order',
      async (how) => {
        firm.enforce(acting('line', 'concurrency: { mode: queued }'));
        await changes(3);
        await firm.happens('8', 'A', 'B');
        await firm.drain();
        const waiting = ['running due', 'queued waiting', 'queued waiting', 'running due'];
        expect(await firm.started()).toEqual(waiting);
        const [first = '', second = '', third = ''] = await firm.runIds();
        await firm.clock.advance(1_000);
        await end(first, how);
        const over = `${how} skipped`;
        expect(await firm.started()).toEqual([over, 'running due', 'queued waiting', 'running due']);
        expect((await stepOf(second)).step.dueAt).toBe(firm.now);
        expect((await stepOf(second)).run.startsAt).toBe(firm.now);
        // One that waits can be taken out of the line.
        await end(third, 'cancelled');
        await end(second, how);
        expect(await firm.started()).toEqual([over, over, 'cancelled skipped', 'running due']);
      },
    );

    it('queued: refuses what is more than may wait, and says so until there is room', async () => {
      firm.enforce(acting('line', 'concurrency: { mode: queued, max: 1 }'));
      await changes(3);
      expect(await firm.decided()).toEqual([
        'matched condition_true',
        'matched condition_true',
        'suppressed queue_full',
      ]);
      expect(await alerts()).toEqual(['rule_overloaded line']);
      for (const id of await firm.runIds()) await end(id);
      await changes(1);
      expect(await alerts()).toEqual(['rule_overloaded line closed']);
    });

    it('parallel: nothing overtakes what waits already when the rule lets more run at once', async () => {
      firm.enforce(acting('more', 'concurrency: { mode: parallel, max: 1 }'));
      await changes(2);
      firm.enforce(acting('more', 'concurrency: { mode: parallel, max: 2 }'));
      await changes(1);
      expect(await firm.started()).toEqual(['running due', 'queued waiting', 'queued waiting']);
    });

    it('parallel: lets so many run at once as it says, and the rest wait', async () => {
      firm.enforce(acting('two', 'concurrency: { mode: parallel, max: 2 }'));
      await changes(4);
      expect(await firm.started()).toEqual([
        'running due',
        'running due',
        'queued waiting',
        'queued waiting',
      ]);
      const [first = ''] = await firm.runIds();
      await end(first);
      expect(await firm.started()).toEqual(['done skipped', 'running due', 'running due', 'queued waiting']);
      firm.enforce(acting('free', 'concurrency: { mode: parallel }'));
      await changes(2);
      expect((await firm.started()).slice(4)).toEqual(['running due', 'running due']);
    });
  });

  describe('throttle', () => {
    it.each(['normal', 'bulk'])(
      'starts later what is more than its limit, and remembers over a restart: %s',
      async (priority) => {
        firm.enforce(acting('slow', `throttle: { limit: 2, period: 1 minute }\npriority: ${priority}`));
        await changes(3);
        firm.restart(firm.runs);
        await firm.clock.advance(10_000);
        await changes(2, '8');
        const rows = await firm.database.repo(Run).find({ order: { id: 'ASC' } });
        const begin = firm.now - 10_000;
        expect(rows.map(({ startsAt }) => (startsAt ?? 0) - begin)).toEqual([0, 0, 60_000, 60_000, 120_000]);
        expect(await firm.runs.dueSteps(firm.connectionId, firm.now, 50)).toHaveLength(2);
        expect(await firm.runs.dueSteps(firm.connectionId, begin + 59_999, 50)).toHaveLength(2);
        expect(await firm.runs.dueSteps(firm.connectionId, begin + 60_000, 50)).toHaveLength(4);
      },
    );

    it('counts each key for itself', async () => {
      firm.enforce(acting('slow', 'throttle: { limit: 1, period: 1 minute, key: "{{matter.id}}" }'));
      await changes(1);
      await changes(2, '8');
      const rows = await firm.database.repo(Run).find({ order: { id: 'ASC' } });
      expect(rows.map(({ startsAt }) => (startsAt ?? 0) - firm.now)).toEqual([0, 0, 60_000]);
    });

    it('counts what was queued from when it starts', async () => {
      firm.enforce(
        acting('slow', 'throttle: { limit: 1, period: 1 minute, key: "{{matter.id}}" }\nconcurrency: {}'),
      );
      await changes(2);
      const [first = '', second = ''] = await firm.runIds();
      await firm.clock.advance(20_000);
      await end(first);
      expect((await stepOf(second)).step.dueAt).toBe(firm.now + 40_000);
    });

    it('gives the place of a run that never began to the next one', async () => {
      const over =
        'throttle: { limit: 1, period: 1 hour, key: "{{matter.id}}" }\nconcurrency: { mode: restart }';
      firm.enforce(acting('slow', over));
      const begin = firm.now;
      for (let n = 0; n < 4; n++) {
        await changes(1);
        await firm.clock.advance(HOUR / 4);
      }
      const rows = await firm.database.repo(Run).find({ order: { id: 'ASC' } });
      expect(rows.map(({ startsAt }) => startsAt && startsAt - begin)).toEqual([0, null, null, HOUR]);
      expect(await firm.runs.dueSteps(firm.connectionId, firm.now, 50)).toHaveLength(1);
    });

    it('refuses more than a thousand that wait for one key of one rule on one connection', async () => {
      const throttle = 'throttle: { limit: 1, period: 1 minute, key: "{{matter.id}}" }';
      const over = `${throttle}\nlimits: { runs_per_hour: 9 }`;
      const full = async () => (await firm.decided()).filter((one) => one.includes('throttle_full')).length;
      firm.enforce(acting('slow', over));
      await changes(1);
      const [run] = await firm.database.repo(Run).find();
      const [event] = await firm.database.repo(InboundEvent).find();
      const each = <T>(make: (n: number) => T) => Array.from({ length: 1_000 }, (_, n) => make(n));
      const events = each((n) => ({ ...event, id: `e${n}`, dedupeKey: `e${n}`, status: 'matched' }));
      const waiting = each((n) => ({
        ...run,
        ...{ id: `x${n}`, eventId: `e${n}`, idempotencyKey: `x${n}` },
        startsAt: firm.now + 60_000 * (n + 1),
        createdAt: firm.now - 2 * HOUR,
      }));
      await firm.database.write(async (tx) => {
        for (let from = 0; from < 1_000; from += 250) {
          await tx.insert<ObjectLiteral>(InboundEvent, events.slice(from, from + 250));
          await tx.insert<ObjectLiteral>(Run, waiting.slice(from, from + 250));
        }
      });
      await changes(1);
      expect(await full()).toBe(1);
      expect(await alerts()).toEqual(['rule_overloaded slow']);
      await changes(1, '8');
      firm.enforce(acting('other', over));
      await changes(1);
      firm.connectionId = (await aConnection(firm.database)).id;
      firm.enforce(acting('slow', over));
      await changes(1);
      expect(await full()).toBe(1);
    });
  });

  it('takes deadlines first and bulk last, and starves nobody', async () => {
    const many = 'limits: { runs_per_hour: 1000 }';
    firm.enforce(
      acting('bulk', `priority: bulk\n${many}`),
      acting('plain', many),
      acting('urgent', 'priority: deadline'),
    );
    await changes(20);
    const due = await firm.runs.dueSteps(firm.connectionId, firm.now, 40);
    const rules = due.map(({ run }) => run.ruleId);
    expect(rules).toEqual([
      ...Array<string>(20).fill('urgent'),
      ...Array<string>(16).fill('plain'),
      ...Array<string>(4).fill('bulk'),
    ]);
    const [oldest] = await firm.runIds();
    expect(due.some(({ run }) => run.id === oldest)).toBe(true);
  });

  describe('limits', () => {
    it('pause: stops the rule on this connection, keeps what matches, and goes on when it is resumed', async () => {
      firm.enforce(acting('wide', 'owner: ann@firm.example\nlimits: { runs_per_hour: 2 }'));
      await changes(4);
      expect(await firm.decided()).toEqual([
        'matched condition_true',
        'matched condition_true',
        'suppressed limit_exceeded',
        'suppressed limit_exceeded',
      ]);
      const [alert] = await firm.database.repo(Alert).find();
      expect(alert?.message).toMatch(/^The rule wide has started 2 runs in 60 minutes;/);
      expect(alert?.message).toContain('its limit is 2 an hour');
      expect(alert?.message).toContain("It is ann@firm.example's.");
      expect(alert?.message).toContain('praetor rules resume wide');
      await firm.clock.advance(2 * HOUR);
      await changes(1);
      expect(await firm.started()).toHaveLength(2);
      expect(await pausesOf(firm.database, 'wide', firm.now)).toMatchObject([{ cause: 'limit' }]);
      expect(await resumeRule(firm.database, { ruleId: 'wide', connectionId: null }, by(firm.now))).toBe(1);
      expect(await alerts()).toEqual(['rule_paused wide closed']);
      await firm.clock.advance(1);
      await changes(2);
      expect(await firm.started()).toHaveLength(4);
    });

    it('pause: the runs before it was resumed do not count', async () => {
      firm.enforce(acting('wide', 'limits: { runs_per_hour: 2 }'));
      await changes(3);
      await firm.clock.advance(60_000);
      await resumeRule(firm.database, { ruleId: 'wide', connectionId: firm.connectionId }, by(firm.now));
      await firm.clock.advance(60_000);
      await changes(3);
      expect(await firm.started()).toHaveLength(4);
      expect(await lastReason()).toContain('has started 2 runs in 1 minute;');
      expect(await alerts()).toEqual(['rule_paused wide closed', 'rule_paused wide']);
    });

    it('is 60 an hour where the rule says nothing, and counts only what ran', async () => {
      firm.enforce(acting('plain', ''), acting('watch', 'mode: shadow'));
      await changes(61);
      const reasons = (await firm.decided()).filter((one) => one === 'suppressed limit_exceeded');
      expect(reasons).toHaveLength(1);
      expect(await alerts()).toEqual(['rule_paused plain']);
    });

    it('counts neither what only watched nor what took something back', async () => {
      const limited = 'limits: { runs_per_hour: 1, on_exceed: stop }';
      firm.enforce(acting('wide', `${limited}\nmode: shadow`));
      await changes(1);
      firm.enforce(acting('wide', limited));
      await changes(1);
      const [, acted = ''] = await firm.runIds();
      await firm.database.write((tx) => tx.update(Run, { id: acted }, { revertsRunId: 'another' }));
      await changes(2);
      expect(await firm.started()).toEqual(['done skipped', 'running due', 'running due']);
    });

    it('stop: starts nothing more until the hour has room', async () => {
      firm.enforce(acting('wide', 'limits: { runs_per_hour: 1, on_exceed: stop }'));
      await changes(2);
      expect(await firm.started()).toHaveLength(1);
      expect(await alerts()).toEqual(['rule_over_limit wide']);
      await firm.clock.advance(HOUR);
      await changes(1);
      expect(await firm.started()).toHaveLength(2);
      expect(await alerts()).toEqual(['rule_over_limit wide closed']);
    });

    it('alert: says so, and goes on', async () => {
      firm.enforce(acting('wide', 'limits: { runs_per_hour: 1, on_exceed: alert }'));
      await changes(3);
      expect(await firm.started()).toHaveLength(3);
      expect(await alerts()).toEqual(['rule_over_limit wide']);
    });

    it('a pause by a person holds until its end', async () => {
      firm.enforce(acting('wide', 'limits: { runs_per_hour: 1 }'));
      const order = { ruleId: 'wide', reason: 'Audit.', untilAt: firm.now + HOUR, connectionId: null };
      await pauseRule(firm.database, order, by(firm.now));
      await changes(1);
      expect(await firm.decided()).toEqual(['suppressed paused']);
      expect(await lastReason()).toContain('Audit.');
      await firm.clock.advance(HOUR);
      await changes(1);
      expect(await firm.started()).toHaveLength(1);
      expect(await resumeRule(firm.database, { ruleId: 'wide', connectionId: null }, by(firm.now))).toBe(0);
    });
  });

  describe('expect_every', () => {
    const rule = (over = '') =>
      matterRule(
        'quiet',
        `expect_every: 2 business_days\n${over}\nconditions: { field: matter.status, changed_to: Open }`,
      );
    let silence: SilenceWorker;

    beforeEach(async () => {
      silence = new SilenceWorker(
        firm.database,
        new AlertStore(firm.database, firm.clock),
        firm.rules,
        firm.clock,
      );
      await use(rule('owner: ann@firm.example'));
    });

    async function use(...rules: ReturnType<typeof rule>[]): Promise<void> {
      firm.enforce(...rules);
      await new RuleStore(firm.database, firm.clock).record(rules, []);
    }
    const look = async (hours: number) => {
      await firm.clock.advance(hours * HOUR);
      await silence.drain(firm.connectionId);
      return alerts();
    };

    it('tells of a rule that has not matched for so long, with what it said meanwhile, until it matches', async () => {
      await changes(2);
      // Tuesday to Thursday.
      expect(await look(47)).toEqual([]);
      expect(await look(2)).toEqual(['rule_silent quiet']);
      const [alert] = await firm.database.repo(Alert).find();
      expect(alert?.message).toContain(
        'Its decisions since: 2 not_matched condition_false. The last refusal: ✗',
      );
      expect(alert?.message).toContain("It is ann@firm.example's.");
      await firm.happens('7', 'Pending', 'Open');
      await firm.drain();
      expect(await look(0.01)).toEqual(['rule_silent quiet closed']);
      expect(await look(24 * 7)).toEqual(['rule_silent quiet closed', 'rule_silent quiet']);
    });

    it('says so when nothing came at all', async () => {
      expect(await look(24 * 4)).toEqual(['rule_silent quiet']);
      const [alert] = await firm.database.repo(Alert).find();
      expect(alert?.message).toContain('No event that it listens to came.');
    });

    it('counts from the end of a pause, and from the return of a version', async () => {
      const pause = { ruleId: 'quiet', reason: 'Audit.', untilAt: null, connectionId: null };
      await pauseRule(firm.database, pause, by(firm.now));
      expect(await look(24 * 9)).toEqual([]);
      await resumeRule(firm.database, pause, by(firm.now));
      expect(await look(24)).toEqual([]);
      await pauseRule(firm.database, { ...pause, untilAt: firm.now + 24 * 9 * HOUR }, by(firm.now));
      expect(await look(24 * 10)).toEqual([]);
      const until = new Date(firm.now + 24 * 9 * HOUR).toISOString();
      await use(rule(`paused: { reason: holidays, until: "${until}" }`));
      expect(await look(24 * 10)).toEqual([]);
      expect(await look(24 * 4)).toEqual(['rule_silent quiet']);
      await use(rule('enabled: false'));
      expect(await look(24 * 9)).toEqual(['rule_silent quiet closed']);
      await use(rule('owner: ann@firm.example'));
      expect(await look(24)).toEqual(['rule_silent quiet closed']);
      expect(await look(24 * 4)).toEqual(['rule_silent quiet closed', 'rule_silent quiet']);
    });

    it('expects nothing of a rule that is not in force, or that nobody has put in force', async () => {
      await pauseRule(
        firm.database,
        { ruleId: 'quiet', reason: 'Audit.', untilAt: null, connectionId: null },
        by(firm.now),
      );
      expect(await look(24 * 9)).toEqual([]);
      await use(rule('enabled: false'));
      expect(await look(24 * 9)).toEqual([]);
      await use(rule('paused: { reason: holidays }'));
      expect(await look(24 * 9)).toEqual([]);
      firm.enforce(matterRule('other', `expect_every: 1 day\n${ACTS}`));
      expect(await look(24 * 9)).toEqual([]);
    });
  });
});
