import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RuleBook } from '../../src/rules/rule-book.js';
import { Debounce } from '../../src/store/debounce.entity.js';
import { letWait } from '../../src/store/debounce.store.js';
import { Decision } from '../../src/store/decision.entity.js';
import { whileHolding } from '../../src/store/held-lane.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Lane } from '../../src/store/lane.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { databases } from '../support/databases.js';
import { dyingDatabase, untilDeath } from '../support/dying-database.js';
import { Matching } from '../support/matching.js';
import { matterRule } from '../support/rule-text.js';

const MINUTE = 60_000;
const CHANGED = 'conditions: { field: matter.status, changed: true }';
const dragged = (over = '', trigger = 'matter.updated') =>
  matterRule('drag', `debounce: { period: 3 minutes, timeout: 10 minutes }\n${over}\n${CHANGED}`, trigger);

describe.each(databases)('debounce on $name', ({ open }) => {
  let firm: Matching;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
    firm.enforce(dragged());
  });
  afterEach(() => firm.close());

  const advance = (minutes: number) => firm.clock.advance(minutes * MINUTE);
  const bursts = () => firm.database.repo(Debounce).find();

  it('does nothing for A to B to A, and says why', async () => {
    const first = await firm.happens('7', 'A', 'B');
    await firm.drain();
    expect(await firm.decided()).toEqual([]);
    expect(await firm.nextDueAt()).toBe(firm.now + 3 * MINUTE);
    await advance(2);
    const second = await firm.happens('7', 'B', 'A');
    await firm.drain();
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual(['suppressed debounced', 'not_matched no_change']);
    const [superseded] = await firm.database.repo(Decision).findBy({ eventId: first });
    expect(JSON.stringify(superseded?.explanation)).toContain(`Event ${second} came within the debounce`);
    expect(await firm.runIds()).toEqual([]);
    expect(await bursts()).toEqual([]);
    expect(await firm.nextDueAt()).toBeNull();
  });

  it.each([['while it runs'], ['and a restart'], ['and the lane is lost at first']])(
    'waits no longer than its period when the clock is put back, %s',
    async (when) => {
      await firm.happens('7', 'A', 'B');
      await firm.happens('8', 'A', 'B');
      await firm.drain();
      await advance(1);
      // Not worked on yet when the clock is put back.
      await firm.happens('7', 'B', 'C');
      const due = firm.now;
      await firm.clock.leap(-48 * 60 * MINUTE);
      if (when === 'and a restart') firm.restart(firm.runs);
      if (when === 'and the lane is lost at first')
        await expect(
          whileHolding({ connectionId: firm.connectionId, fence: 99 }, () => firm.drain()),
        ).rejects.toThrow(/another process has taken it over/);
      await firm.drain();
      expect(await firm.nextDueAt()).toBe(due - 48 * 60 * MINUTE + 3 * MINUTE);
      expect((await bursts()).map(({ deadline }) => deadline - firm.now)).toEqual([10 * MINUTE, 10 * MINUTE]);
      await advance(1);
      await firm.happens('7', 'C', 'D');
      await firm.drain();
      await advance(2);
      await firm.drain();
      expect(await firm.decided()).toEqual([
        'suppressed debounced',
        'matched condition_true',
        'suppressed debounced',
      ]);
      await advance(1);
      await firm.drain();
      expect(await bursts()).toEqual([]);
      const [one, other] = await firm.database.repo(Run).find({ order: { createdAt: 'ASC' } });
      expect([one?.recordId, other?.recordId]).toEqual(['8', '7']);
      expect(other?.facts['matter']).toMatchObject({ status: 'D' });
      expect(other?.facts['previous']).toMatchObject({ status: 'A' });
    },
  );

  it('decides the last event once, between the state before the first and the one after the last', async () => {
    const first = await firm.happens('7', 'A', 'B');
    const eventId = await firm.happens('7', 'B', 'C');
    await firm.drain();
    await advance(3);
    await firm.drain();
    await firm.drain();
    expect(await firm.decided()).toEqual(['suppressed debounced', 'matched condition_true']);
    expect(await firm.database.repo(Decision).findOneBy({ eventId })).toMatchObject({
      explanation: { notes: [expect.stringContaining(`compared with the record before event ${first}`)] },
    });
    const [run] = await firm.database.repo(Run).find();
    expect(run?.facts).toMatchObject({
      matter: { status: 'C' },
      previous: { status: 'A' },
      event: { changed: ['status'] },
    });
  });

  it('waits no longer than the timeout, however many events come', async () => {
    for (let n = 0; n < 7; n++) {
      await firm.happens('7', String(n), String(n + 1));
      await firm.drain();
      await advance(2);
    }
    expect((await firm.decided()).filter((one) => one.startsWith('matched'))).toHaveLength(1);
  });

  it.each([3, 5])(
    'keeps a burst that had ended apart from what came %s minutes later, however late both are worked on',
    async (minutes) => {
      await firm.happens('7', 'A', 'B');
      await advance(minutes);
      await firm.happens('7', 'B', 'C');
      await advance(5);
      await firm.drain();
      expect(await firm.decided()).toEqual(['matched condition_true', 'matched condition_true']);
    },
  );

  it('waits for what came in time and is not in the batch', async () => {
    for (let other = 1; other < 50; other++) await firm.happens(String(100 + other), 'A', 'B');
    await firm.happens('7', 'A', 'B');
    await advance(1);
    await firm.happens('7', 'B', 'A');
    await advance(10);
    await firm.drain();
    const told = await firm.decidedBy('drag');
    expect(told).toHaveLength(51);
    expect(told.slice(-2)).toEqual(['7 suppressed debounced', '7 not_matched no_change']);
  });

  it('goes on until all that have ended are decided', async () => {
    for (let record = 0; record < 51; record++) await firm.happens(String(100 + record), 'A', 'B');
    await firm.drain();
    await advance(3);
    await firm.drain();
    expect(await bursts()).toEqual([]);
    expect(await firm.decided()).toHaveLength(51);
  });

  it('keeps what was made in the burst as made, and the records and echoes apart', async () => {
    firm.enforce(
      matterRule(
        'drag',
        'debounce: { period: 3 minutes }\nidempotency_key: "{{matter.id}}"',
        'matter.created',
      ),
    );
    const both = { types: ['matter.created', 'matter.updated'] };
    await firm.happens('7', null, 'A', both);
    await firm.happens('7', 'A', 'B', { types: ['matter.created'] });
    await firm.happens('8', null, 'A');
    await firm.happens('9', null, 'A', { causedByRunId: 'a-run', depth: 1 });
    await firm.drain();
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual([
      'suppressed debounced',
      'matched condition_true',
      'matched condition_true',
      'suppressed own_echo',
    ]);
  });

  it('is not taken over by an echo of our own', async () => {
    await firm.happens('7', 'A', 'B');
    await firm.happens('7', 'B', 'C', { causedByRunId: 'a-run', depth: 1 });
    await firm.drain();
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual(['matched condition_true', 'suppressed own_echo']);
  });

  it('keeps what its events are, and how deep their chain goes', async () => {
    firm.enforce(dragged('chain: allow', 'matter.opened'));
    const types = ['matter.updated', 'matter.opened'];
    await firm.happens('7', 'A', 'B', { types, causedByRunId: 'a-run', depth: 5 });
    await firm.happens('7', 'B', 'C', { types });
    await firm.drain();
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual(['suppressed debounced', 'matched condition_true']);
    expect(await firm.database.repo(Run).find()).toMatchObject([{ depth: 5 }]);
  });

  it('says of all its events that the rule only watches', async () => {
    firm.enforce(dragged('mode: shadow'));
    await firm.happens('7', 'A', 'B');
    await firm.happens('7', 'B', 'A');
    await firm.drain();
    await advance(3);
    await firm.drain();
    const told = (await firm.database.repo(Decision).find()).map(
      ({ reason, shadow }) => `${reason} ${shadow}`,
    );
    expect(told.sort()).toEqual(['debounced 1', 'no_change 1']);
  });

  it.each([
    ['edited', () => [matterRule('drag', 'idempotency_key: x')], 'matched condition_true'],
    ['disabled', () => [dragged('enabled: false')], 'suppressed disabled'],
    ['paused', () => [dragged('paused: { reason: holidays }')], 'suppressed paused'],
  ] as const)('decides by the rule in force when it is due: %s', async (_what, rules, expected) => {
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    firm.enforce(...rules());
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual([expected]);
  });

  it('says that its rule was removed meanwhile', async () => {
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    firm.enforce();
    await advance(3);
    await firm.drain();
    expect(await firm.database.repo(Decision).find()).toMatchObject([
      { outcome: 'suppressed', reason: 'rule_removed', explanation: { path: 'debounce' } },
    ]);
  });

  it.each([
    ['enabled: false', 'suppressed disabled'],
    ['paused: { reason: holidays }', 'suppressed paused'],
  ])('lets nothing wait for a rule that does not act: %s', async (over, told) => {
    firm.enforce(dragged(over));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    expect(await firm.decided()).toEqual([told]);
    expect(await bursts()).toEqual([]);
  });

  it('lets nothing wait that was made for the rule at its time', async () => {
    firm.enforce(
      matterRule(
        'drag',
        'debounce: { period: 3 minutes }\nidempotency_key: "{{event.id}}"',
        'matter.updated }, { id: hand, manual: true',
      ),
    );
    await firm.happens('7', 'A', 'A', { targetRule: 'drag', targetTrigger: 'hand', source: 'manual' });
    await firm.drain();
    expect(await firm.decided()).toEqual(['matched condition_true']);
    expect(await bursts()).toEqual([]);
  });

  it.each(['a running process', 'a new process'])(
    'acts on what waited before what comes next, when the rule lets nothing wait any more: %s',
    async (which) => {
      const said = `idempotency_key: "{{event.id}}"\n${CHANGED}`;
      firm.enforce(dragged(), matterRule('other', `debounce: { period: 3 minutes }\n${said}`));
      await firm.happens('7', 'A', 'B');
      await firm.drain();
      firm.enforce(matterRule('drag', said), matterRule('other', `debounce: { period: 2 minutes }\n${said}`));
      if (which === 'a new process') firm.restart(firm.runs);
      await advance(1);
      await firm.happens('7', 'B', 'C');
      await firm.drain();
      const runs = await firm.database.repo(Run).find({ order: { id: 'ASC' } });
      expect(runs.map(({ ruleId, facts }) => [ruleId, facts['matter']])).toEqual([
        ['drag', { id: 7, status: 'B' }],
        ['drag', { id: 7, status: 'C' }],
      ]);
      expect(await bursts()).toMatchObject([{ ruleId: 'other', events: 2 }]);
    },
  );

  it('notes what waited for a rule whose file broke', async () => {
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const broken = { id: 'drag', name: null, file: 'a.yaml', source: '', hash: '', diagnostics: [] };
    firm.rules.replace(new RuleBook([], [{ ...broken, lastGood: dragged() }]));
    await advance(3);
    await firm.drain();
    expect(await firm.decided()).toEqual(['errored rule_broken']);
  });

  it('falls back on the record where the key has no value, and decides at once what cannot be read', async () => {
    firm.enforce(
      matterRule('drag', `debounce: { period: 3 minutes, key: "{{matter.description}}" }\n${CHANGED}`),
    );
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    expect(await bursts()).toMatchObject([{ key: 'matter/7', events: 1 }]);
    firm.enforce(
      matterRule(
        'drag',
        `debounce: { period: 3 minutes }\nvars: { y: { logic: { var: matter.status } }, x: "{{money vars.y}}" }\n${CHANGED}`,
      ),
    );
    await firm.happens('8', 'A', 'B');
    await firm.drain();
    expect(await firm.decided()).toEqual(['errored template_failed']);
  });

  it.each([
    ['not from the burst alone', 'debounce: { period: 3 minutes }'],
    ['also without a burst', 'enabled: true'],
  ])('knows since when something is so from all that was seen, %s', async (_, waits) => {
    firm.enforce(
      matterRule(
        'drag',
        `${waits}\nconditions: { field: matter.status, held_for: 3 days }\nevaluation: level\nidempotency_key: "{{matter.id}}:{{matter.description}}"`,
      ),
    );
    const at = (status: string, day: number) => ({
      id: 7,
      status,
      description: `of day ${day}`,
      updated_at: new Date(firm.now + day * 24 * 60 * MINUTE).toISOString(),
    });
    const days = [at('A', -9), at('B', -5), at('B', -2), at('B', 0)];
    for (const [index, record] of days.entries()) {
      if (index === 0) continue;
      await firm.happens('7', 'B', 'B', {
        record,
        previous: days[index - 1] ?? null,
        changed: ['description'],
      });
      await firm.drain();
      await advance(3);
      await firm.drain();
    }
    expect((await firm.decided()).at(-1)).toBe('matched condition_true');
  });

  it('lets only the holder of the lane decide a burst', async () => {
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await advance(3);
    const { connectionId } = firm;
    const lane = { connectionId, fence: 2, holder: 'other', expiresAt: 0, wanted: 0 };
    await firm.database.write((tx) => tx.insert(Lane, lane));
    await expect(whileHolding({ connectionId, fence: 1 }, () => firm.drain())).rejects.toThrow(
      'taken it over',
    );
    expect(await firm.decided()).toEqual([]);
    await whileHolding({ connectionId, fence: 2 }, () => firm.drain());
    expect(await firm.decided()).toEqual(['matched condition_true']);
  });

  it('does not decide a burst that has grown since it was looked at', async () => {
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const [burst] = await bursts();
    await firm.happens('7', 'B', 'C');
    await firm.drain();
    const { debounces } = firm.runs;
    const event = await debounces.lastEvent(burst!);
    const decision = { ruleId: 'drag', ruleHash: 'x', outcome: 'errored', reason: 'x' } as const;
    const late = { event, decision: { ...decision, explanation: null, shadow: false }, cancelled: [] };
    expect(await debounces.decide(burst!, late, firm.now)).toEqual([]);
    expect(await bursts()).toMatchObject([{ events: 2 }]);
    expect(await firm.decided()).toEqual(['suppressed debounced']);
  });

  it('lets an event wait once, and not when it is decided', async () => {
    const id = await firm.happens('7', 'A', 'B');
    await firm.drain();
    const [burst] = await bursts();
    const { dueAt: _due, deadline: _deadline, lastEventId: _last, ...rest } = burst!;
    const joining = {
      ...{ ruleId: 'drag', ruleHash: 'x', shadow: false, key: rest.key, derivedPaths: new Map() },
      ...{ periodMs: MINUTE, timeoutMs: MINUTE },
      event: { ...rest, id, changed: [], receivedAt: firm.now },
    };
    await firm.database.write((tx) => letWait(tx, joining, firm.now));
    expect(await bursts()).toEqual([burst]);
    await advance(3);
    await firm.drain();
    await firm.database.write((tx) => letWait(tx, joining, firm.now));
    expect(await bursts()).toEqual([]);
    expect(await firm.decided()).toEqual(['matched condition_true']);
  });

  it('never loses the last state, wherever the process dies', async () => {
    let record = 100;
    const move = fc.record({
      to: fc.constantFrom('A', 'B', 'C'),
      after: fc.integer({ min: 1, max: 240 }),
      isWorkedOn: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 1, maxLength: 7 }),
        fc.array(fc.boolean(), { maxLength: 12 }),
        async (moves, crashes) => {
          const id = String(++record);
          const seen: Seen[] = [];
          let status = 'A';
          const plan = [...crashes];
          for (const { to, after, isWorkedOn } of moves) {
            await firm.clock.advance(after * 1_000);
            const at = firm.now;
            seen.push({ id: await firm.happens(id, status, to), at, before: status, after: to });
            status = to;
            if (isWorkedOn) await drainCrashing(firm, plan);
          }
          await advance(20);
          for (let tries = 0; tries < 30 && plan.length > 0; tries++) await drainCrashing(firm, plan);
          firm.restart(new RunStore(firm.database));
          await firm.drain();
          const rows = await firm.database.repo(Decision).find({ order: { eventId: 'ASC' } });
          const told = seen.map((event) =>
            rows.filter(({ eventId }) => eventId === event.id).map(({ reason }) => reason),
          );
          expect(told).toEqual(expectedOf(seen));
          const events = await firm.database.repo(InboundEvent).findBy({ recordId: id });
          expect(new Set(events.map(({ status: is }) => is))).toEqual(new Set(['matched']));
          const fired = await firm.database.repo(Run).countBy({ recordId: id });
          expect(fired).toBe(expectedOf(seen).filter(([reason]) => reason === 'condition_true').length);
        },
      ),
      { numRuns: 25 },
    );
  });
});

interface Seen {
  id: string;
  at: number;
  before: string;
  after: string;
}

/** The model: stretches of events without a gap of three minutes, cut at ten; each decided by its last. */
function expectedOf(seen: readonly Seen[]): string[][] {
  const stretches: Seen[][] = [];
  let ends = 0;
  let deadline = 0;
  for (const event of seen) {
    const isNew = event.at >= ends;
    if (isNew) {
      deadline = event.at + 10 * MINUTE;
      stretches.push([]);
    }
    ends = Math.min(event.at + 3 * MINUTE, deadline);
    stretches.at(-1)?.push(event);
  }
  return stretches.flatMap((events) =>
    events.map((event, index) => {
      if (index < events.length - 1) return ['debounced'];
      return [events[0]?.before === event.after ? 'no_change' : 'condition_true'];
    }),
  );
}

/** Works with a process that dies before or after a transaction, as `plan` says; nothing of it stays in memory. */
async function drainCrashing(firm: Matching, plan: boolean[]): Promise<void> {
  firm.restart(new RunStore(dyingDatabase(firm.database, plan)));
  await untilDeath(() => firm.drain());
}
