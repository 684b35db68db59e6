import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { defineAction, type ActionResult } from '../../src/act/action.js';
import { UpstreamError } from '../../src/lib/errors.js';
import { adminActor } from '../../src/store/actor.js';
import { Approval } from '../../src/store/approval.entity.js';
import type { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { dyingDatabase, untilDeath } from '../support/dying-database.js';
import { RunFixture } from '../support/run-fixture.js';

/** What happened outside, by the reference of the step that did it: it outlives every process. */
const outside = new Map<string, string>();
let doubled: string[] = [];
const lost = new Set<string>();

const DONE: ActionResult = { output: { ok: true }, writes: [] };
const tell = defineAction({
  name: 'world.tell',
  summary: 'Says something to the world outside.',
  input: z.object({ text: z.string(), how: z.enum(['well', 'refused', 'answer lost']) }),
  safety: 'check-first',
  text: { text: 'plain' },
  output: new Map(),
  probe: (_, { reference }) => Promise.resolve(outside.has(reference) ? { ...DONE, adopted: true } : null),
  execute: ({ text, how }, { reference }) => {
    if (how === 'refused')
      return Promise.reject(
        new UpstreamError('clio.invalid', `${text} is refused.`, { retry: 'never', applied: 'no' }),
      );
    if (outside.has(reference)) doubled.push(text);
    outside.set(reference, text);
    if (how === 'well' || lost.has(reference)) return Promise.resolve(DONE);
    lost.add(reference);
    return Promise.reject(
      new UpstreamError('clio.unreachable', 'No answer.', { retry: 'later', applied: 'maybe' }),
    );
  },
});

const open = { field: 'matter.status', is: 'Open' };
const shut = { field: 'matter.status', is: 'Closed' };
const few = { field: 'lookups.found.count', lt: 2 };
const unknown = { field: 'matter.nothing', is: 1 };
const test = fc.constantFrom(open, shut, few, unknown);
const TEXT = 'said at {{now}} of {{matter.status}} with {{lookups.found.count}}';
const approval = fc.record({
  by: fc.constant('ann@firm.example'),
  timeout: fc.constant('2 days'),
  on_timeout: fc.constantFrom('reject', 'approve'),
});

const { steps: trees } = fc.letrec<{ steps: object[]; step: object }>((tie) => ({
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 3 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      action: fc.constant('world.tell'),
      with: fc.record({
        text: fc.constant(TEXT),
        how: fc.constantFrom('well', 'well', 'well', 'refused', 'answer lost'),
      }),
      continue_on_error: fc.boolean(),
    }),
    fc.record({
      wait: fc.record({ for: fc.constantFrom('1 hour', '1 day'), recheck: fc.boolean() }),
    }),
    fc.record({ approval }),
    fc.record({ if: test, approval }),
    fc.record({ if: test, then: tie('steps'), else: tie('steps') }),
    fc.record({
      choose: fc.array(fc.record({ if: test, then: tie('steps') }), { minLength: 1, maxLength: 2 }),
      else: tie('steps'),
    }),
    fc.record({
      for_each: fc.constantFrom('matter.parts', 'matter.gone', 'lookups.found.items'),
      max: fc.constantFrom(1, 5),
      actions: tie('steps'),
    }),
  ),
}));
const rules = fc.record(
  {
    actions: trees,
    on_failure: trees,
    concurrency: fc.record({ key: fc.constant('k'), mode: fc.constantFrom('queued', 'single', 'restart') }),
    limits: fc.record({ max_actions: fc.constantFrom(2, 25) }),
  },
  { requiredKeys: ['actions', 'on_failure'] },
);

describe.each(databases)('a run on $name', ({ open: openDatabase }) => {
  let database: TestDatabase;
  let stage: RunFixture;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    database = await openDatabase();
    stage = await RunFixture.start(database.database, 'http://127.0.0.1:9', [tell]);
  });
  afterEach(() => database.close());

  const texts = async (runId: string) =>
    (await stage.steps(runId)).flatMap(({ reference }) => outside.get(reference) ?? []);

  /** What people say depends on where they are asked; a third never answers. */
  const decide = async () => {
    for (const { id, stepKey } of await database.database.repo(Approval).findBy({ status: 'pending' })) {
      const luck = [...stepKey].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 3;
      const judgement = { status: luck === 0 ? 'approved' : 'rejected', by: 'Ann', comment: null } as const;
      if (luck < 2) await stage.approvals.decide(id, judgement, { actor: adminActor, at: stage.now });
    }
  };

  /** Two runs of a rule, to their ends; each process dies as `plan` says. */
  const play = async (rule: object, plan: boolean[]) => {
    stage.today = { id: 77, status: 'Open', parts: [{ id: 1 }, { id: 2 }] };
    stage.items = [{ id: 5 }];
    const full = { lookups: LOOKUPS, conditions: { field: 'lookups.found.count', lt: 9 }, ...rule };
    const ids = [await stage.planRule(full), await stage.planRule(full)];
    stage.items = [{ id: 5 }, { id: 6 }];
    stage.today = { id: 77, status: 'Closed', parts: [{ id: 1 }, { id: 2 }, { id: 3 }] };
    for (let turn = 0; turn < 400; turn++) {
      stage.restart(dyingDatabase(database.database, plan));
      await untilDeath(() => stage.drain());
      stage.restart(database.database);
      await decide();
      const due = await stage.nextDueAt();
      if (due === null && (await database.database.repo(Step).countBy({ status: 'running' })) === 0) break;
      stage.advance(Math.max(0, Math.ceil(((due ?? 0) - stage.now) / 1_000)));
    }
    return Promise.all(ids.map(async (id) => ({ texts: await texts(id), ...endOf(await find(id)) })));
  };

  /** Null for a run that `single` did not let begin. */
  const find = async (id: string) => ((await stage.steps(id)).length === 0 ? null : stage.run(id));

  it('has the same effects, once each, wherever the engine dies', async () => {
    await fc.assert(
      fc.asyncProperty(rules, fc.array(fc.boolean(), { maxLength: 30 }), async (rule, crashes) => {
        doubled = [];
        const straight = await play(rule, []);
        const died = await play(rule, [...crashes]);
        expect(died.map(withoutTimes)).toEqual(straight.map(withoutTimes));
        expect(doubled).toEqual([]);
        for (const { status } of died) expect(['done', 'failed', 'cancelled', null]).toContain(status);
      }),
      { numRuns: 15 },
    );
  });
});

const LOOKUPS = { found: { resource: 'task', filter: { matter_id: '{{matter.id}}' } } };

interface Played {
  texts: string[];
  status: string | null;
  reason: string | null;
  error: string | null;
}

function endOf(run: Run | null): Omit<Played, 'texts'> {
  return { status: run?.status ?? null, reason: run?.reason ?? null, error: run?.error?.code ?? null };
}

/** A death costs time: what is said is said later. */
function withoutTimes({ texts, ...end }: Played): Played {
  return { ...end, texts: texts.map((text) => text.replace(/at \S+/, 'at some time')) };
}
