import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import { newId } from '../../src/lib/ids.js';
import { adminActor } from '../../src/store/actor.js';
import { Approval } from '../../src/store/approval.entity.js';
import { decideIn } from '../../src/store/approval.store.js';
import { Attempt } from '../../src/store/attempt.entity.js';
import { Decision } from '../../src/store/decision.entity.js';
import { endRun } from '../../src/store/end-run.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { pauseRule } from '../../src/store/rule-pause.store.js';
import type { Continuation, Settlement } from '../../src/store/run-settlement.js';
import { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';
import { aConnection, aMatch } from '../support/rows.js';
import { matterRule } from '../support/rule-text.js';

const MINUTE = 60_000;
const problem = { code: 'clio.invalid', message: 'No.' };
const EACH = 'idempotency_key: "{{event.id}}"\n';

describe.each(databases)('what is kept apart on $name', ({ open }) => {
  let firm: Matching;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
  });
  afterEach(() => firm.close());

  /** A change of matter 7 of a connection, decided. */
  const changes = async (connectionId: string) => {
    firm.connectionId = connectionId;
    await firm.happens('7', 'A', 'B');
    await firm.drain();
  };
  type Of = { connectionId?: string; ruleId?: string };
  const runsOf = (where: Of) => firm.database.repo(Run).find({ where, order: { id: 'ASC' } });

  describe('connections and rules', () => {
    let mine: string;
    let theirs: string;

    beforeEach(async () => {
      mine = firm.connectionId;
      theirs = (await aConnection(firm.database)).id;
    });

    it.each(['normal', 'deadline', 'bulk'])(
      'work of priority %s: each lane has its own',
      async (priority) => {
        firm.enforce(matterRule('plain', `${EACH}priority: ${priority}`));
        for (const id of [mine, theirs]) await changes(id);
        for (const id of [mine, theirs])
          expect((await firm.runs.dueSteps(id, firm.now, 50)).map(({ step }) => step.connectionId)).toEqual([
            id,
          ]);
      },
    );

    it.each([
      ['one at a time', `${EACH}concurrency: { mode: single }`],
      ['one after the other', `${EACH}concurrency: { mode: queued }`],
      ['some side by side', `${EACH}concurrency: { mode: parallel, max: 1 }`],
      ['the newest', `${EACH}concurrency: { mode: restart }`],
      ['one an hour', `${EACH}throttle: { limit: 1, period: 1 hour }`],
      ['no more than one', `${EACH}limits: { runs_per_hour: 1, on_exceed: stop }`],
      ['once for a key', 'idempotency_key: "{{matter.id}}"'],
    ])('%s: each rule counts its own runs, on each connection', async (_, control) => {
      firm.enforce(matterRule('a', control), matterRule('b', control));
      await changes(mine);
      await changes(theirs);
      expect(await firm.decided()).toEqual(Array(4).fill('matched condition_true'));
      expect(await firm.started()).toEqual(Array(4).fill('running due'));
      expect((await runsOf({})).map(({ startsAt }) => startsAt)).toEqual(Array(4).fill(firm.now));
      const rows = async (...others: Of[]) => [
        await firm.database.repo(Run).find({ where: others, order: { id: 'ASC' } }),
        await firm.database.repo(Step).find({ where: { connectionId: theirs }, order: { id: 'ASC' } }),
      ];
      const before = await rows({ connectionId: theirs });
      await changes(mine);
      expect(await rows({ connectionId: theirs })).toEqual(before);
      await changes(theirs);
      const others = [{ connectionId: theirs }, { ruleId: 'b' }];
      const during = await rows(...others);
      for (const { id, status } of await runsOf({ connectionId: mine, ruleId: 'a' }))
        if (status === 'running')
          await firm.database.write((tx) => endRun(tx, id, { status: 'done', error: null }, firm.now));
      expect(await rows(...others)).toEqual(during);
      const waiting = (await runsOf({ connectionId: mine, ruleId: 'a' })).map(({ status }) => status);
      expect(waiting).not.toContain('queued');
    });

    it('a pause holds for its connection', async () => {
      firm.enforce(matterRule('a'), matterRule('b'));
      const pause = { ruleId: 'a', connectionId: mine, reason: 'Holidays.', untilAt: null };
      await pauseRule(firm.database, pause, { actor: adminActor, at: firm.now });
      await changes(mine);
      await changes(theirs);
      const matched = 'matched condition_true';
      expect(await firm.decided()).toEqual(['suppressed paused', matched, matched, matched]);
    });

    const dragging = (minutes: number) =>
      `debounce: { period: ${minutes} minutes }\nconditions: { field: matter.status, changed: true }`;

    it.each([
      [10, 3],
      [3, 10],
    ])('a burst of %d minutes goes on beside one of %d that ends', async (one, other) => {
      firm.enforce(matterRule('a', dragging(one)), matterRule('b', dragging(other)));
      await changes(mine);
      await firm.clock.advance(4 * MINUTE);
      await changes(mine);
      await firm.clock.advance(10 * MINUTE);
      await firm.drain();
      const found = await firm.database.repo(Decision).find({ order: { ruleId: 'ASC', eventId: 'ASC' } });
      const first = (minutes: number) => (minutes === 3 ? 'condition_true' : 'debounced');
      expect(found.map(({ reason }) => reason)).toEqual([
        ...[first(one), 'condition_true'],
        ...[first(other), 'condition_true'],
      ]);
    });

    it.each([
      ['7', '8'],
      ['8', '7'],
    ])('the burst of matter %s ends, whatever becomes of that of %s', async (one, other) => {
      firm.enforce(matterRule('a', dragging(3)));
      await firm.happens(one, 'A', 'B');
      await firm.drain();
      await firm.clock.advance(2 * MINUTE);
      await firm.happens(other, 'A', 'B');
      await firm.drain();
      await firm.clock.advance(2 * MINUTE);
      await firm.happens(one, 'B', 'C');
      await firm.clock.advance(10 * MINUTE);
      await firm.drain();
      expect(await firm.decided()).toEqual(Array(3).fill('matched condition_true'));
    });

    it('what waits no longer is let go on its own connection', async () => {
      firm.enforce(matterRule('a', dragging(3)));
      await changes(mine);
      await changes(theirs);
      firm.enforce(matterRule('a'));
      firm.connectionId = mine;
      await firm.drain();
      expect((await runsOf({})).map(({ connectionId }) => connectionId)).toEqual([mine]);
    });

    it('bursts of one key are as many as there are rules and connections', async () => {
      firm.enforce(matterRule('a', dragging(3)), matterRule('b', dragging(3)));
      await changes(mine);
      await firm.clock.advance(MINUTE);
      await changes(theirs);
      expect(await firm.decided()).toEqual([]);
      await firm.clock.advance(2 * MINUTE);
      await changes(theirs);
      expect(await runsOf({})).toEqual([]);
      firm.connectionId = mine;
      await firm.drain();
      expect((await runsOf({})).map(({ connectionId }) => connectionId)).toEqual([mine, mine]);
      await firm.clock.advance(3 * MINUTE);
      firm.connectionId = theirs;
      await firm.drain();
      expect((await firm.decided()).sort()).toEqual([
        ...Array<string>(4).fill('matched condition_true'),
        ...Array<string>(2).fill('suppressed debounced'),
      ]);
    });
  });

  describe('a run', () => {
    /** A run of two steps and an approval that is asked for; what its first step may have done is in doubt. */
    const aRun = async () => {
      firm.connectionId = (await aConnection(firm.database)).id;
      const eventId = await firm.happens('7', 'A', 'B');
      const event = await firm.database.repo(InboundEvent).findOneByOrFail({ id: eventId });
      const match = aMatch({}, { idempotencyKey: 'key', plan: { actions: [] }, cancelKeys: ' matter/7 ' });
      await firm.runs.recordDecisions(event, [match], firm.now);
      const runId = match.run?.id ?? '';
      const [step] = await firm.runs.stepsOf(runId);
      const asked = { asked: [], people: [], preview: [], onTimeout: 'reject', requestedAt: firm.now };
      await firm.database.write(async (tx) => {
        await tx.update<ObjectLiteral>(Step, { id: step?.id }, { echo: [{ model: 'task' }] });
        await tx.insert<ObjectLiteral>(Approval, {
          ...asked,
          ...{ id: newId(), connectionId: firm.connectionId, runId, stepId: step?.id, stepKey: 'step_0' },
          ...{ ruleId: 'rule-a', status: 'pending' },
        });
      });
      return runId;
    };
    const stateOf = async (runId: string) => ({
      run: await firm.database.repo(Run).findOneByOrFail({ id: runId }),
      steps: await firm.runs.stepsOf(runId),
      approvals: await firm.database.repo(Approval).findBy({ runId }),
      attempts: await firm.database.repo(Attempt).findBy({ runId }),
    });
    const settlement = async (runId: string, kind: 'done' | 'fail' | 'unknown'): Promise<Settlement> => {
      const { run, steps } = await stateOf(runId);
      const facts = { status: null, requestId: null, durationMs: null, applied: null, adopted: false };
      const outcome = kind === 'done' ? { kind, output: {} } : { kind, error: problem };
      const at = { run, step: steps[0] as Step, attempt: null, continueOnError: false, mayBeApplied: false };
      return { ...at, outcome, writes: [], facts };
    };
    const follows = (end: Continuation['end']): Continuation => {
      const [step] = aMatch().run?.steps ?? [];
      return { steps: end !== null || step === undefined ? [] : [{ ...step, key: 'next' }], end };
    };

    it.each<[string, (runId: string) => Promise<unknown>, string[]]>([
      [
        'is done with a step',
        async (id) => firm.runs.settleSteps([await settlement(id, 'done')], firm.now),
        ['running', 'done', 'due'],
      ],
      [
        'fails',
        async (id) => firm.runs.settleSteps([await settlement(id, 'fail')], firm.now),
        ['failed', 'failed', 'skipped'],
      ],
      [
        'waits for a person',
        async (id) => firm.runs.settleSteps([await settlement(id, 'unknown')], firm.now),
        ['unknown', 'unknown', 'waiting'],
      ],
      [
        'goes on by its plan',
        async (id) =>
          firm.runs.settleSteps([{ ...(await settlement(id, 'done')), next: follows(null) }], firm.now),
        ['running', 'done', 'waiting', 'due'],
      ],
      [
        'fails by its plan',
        async (id) => {
          const next = follows({ status: 'failed', error: problem });
          await firm.runs.settleSteps([{ ...(await settlement(id, 'fail')), next }], firm.now);
        },
        ['failed', 'failed', 'skipped'],
      ],
      [
        'is cancelled',
        (id) =>
          firm.database.write((tx) => endRun(tx, id, { status: 'cancelled', error: problem }, firm.now)),
        ['cancelled', 'unknown', 'skipped'],
      ],
      [
        'is decided by a person',
        async (id) => {
          const [approval] = (await stateOf(id)).approvals;
          const judgement = { status: 'approved', by: 'Ann', comment: null } as const;
          const word = { actor: adminActor, at: firm.now + 1 };
          await firm.database.write((tx) => decideIn(tx, approval?.id ?? '', judgement, word));
        },
        ['running', 'due', 'waiting'],
      ],
    ])('that %s leaves the others as they are', async (_, happens, expected) => {
      const runIds = [await aRun(), await aRun(), await aRun()];
      const [first = '', second = '', third = ''] = runIds;
      const before = [await stateOf(first), await stateOf(second), await stateOf(third)];
      await happens(second);
      expect([await stateOf(first), await stateOf(third)]).toEqual([before[0], before[2]]);
      const after = await stateOf(second);
      expect(after).not.toEqual(before[1]);
      expect([after.run.status, ...after.steps.map(({ status }) => status)]).toEqual(expected);
    });
  });
});
