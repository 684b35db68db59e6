import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import { newId } from '../../src/lib/ids.js';
import { cancelByEvent } from '../../src/store/cancel-run.js';
import { changedPaths } from '../../src/lib/record-diff.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import type { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RuleRecord } from '../../src/store/rule-record.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { aCompiledRule } from '../support/compiled-rule.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';

const MINUTE = 60_000;
const NONE = { field: 'lookups.notes.count', is: 0 };
const LOG = { action: 'log.write', with: { text: 'seen' } };
const notes = { resource: 'note', filter: { type: 'Matter', matter_id: '{{task.matter.id}}' } };
const waits = (over: object = {}) =>
  aCompiledRule({
    id: 'waits',
    triggers: [{ event: 'task.created' }],
    lookups: { notes },
    conditions: NONE,
    cancel_when: [{ event: 'matter.closed' }],
    actions: [{ wait: { for: '5 days' } }, LOG],
    ...over,
  });
const DEBOUNCE = { debounce: { period: '3 minutes' } };
const BLIND = { lookups: {}, conditions: undefined, ...DEBOUNCE };

describe.each(databases)('a run that begins late, on $name', ({ name, open }) => {
  let firm: Matching;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
  });
  afterEach(() => firm.close());

  const task = (over: Partial<InboundEvent> = {}) =>
    firm.happens('5', null, 'new', {
      model: 'task',
      type: 'task.created',
      types: ['task.created'],
      record: { id: 5, matter: { id: 7 } },
      ...over,
    });
  const closed = (over: Partial<InboundEvent> = {}) =>
    firm.happens('7', 'Open', 'Closed', { types: ['matter.updated', 'matter.closed'], ...over });
  const answer = () => firm.answer({ notes: { items: [], more: false } });

  describe('is ended by an event that came before and was matched after its own', () => {
    it('while something was looked up', async () => {
      firm.enforce(waits());
      const older = newId();
      await task();
      await firm.drain();
      await closed({ id: older });
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });

    it('while both waited to be matched', async () => {
      firm.enforce(waits());
      await task();
      await firm.clock.advance(MINUTE);
      await closed();
      await firm.clock.advance(MINUTE);
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });

    it('while its burst waited', async () => {
      firm.enforce(waits(BLIND));
      const older = newId();
      await task();
      await firm.drain();
      await closed({ id: older });
      await firm.drain();
      await firm.clock.advance(3 * MINUTE);
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });

    it('while its burst waited that looks something up at its end', async () => {
      firm.enforce(waits(DEBOUNCE));
      const older = newId();
      await task();
      await firm.drain();
      await closed({ id: older });
      await firm.drain();
      await firm.clock.advance(3 * MINUTE);
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });

    it('though others before it ended nothing', async () => {
      const conditions = [
        { field: 'matter.status', is: 'Closed' },
        { field: 'event.type', is: 'matter.updated' },
      ];
      firm.enforce(waits({ cancel_when: [{ event: 'matter.updated', conditions }] }));
      await task();
      await firm.drain();
      for (const status of ['Pending', 'Closed']) {
        await firm.happens('7', 'Open', status, { types: ['matter.updated'] });
        await firm.drain();
      }
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });

    it('while something was looked up for what was planned long ago', async () => {
      firm.enforce(waits({ triggers: [{ id: 'hand', manual: true }] }));
      const planned = newId();
      await firm.clock.advance(MINUTE);
      const late = { id: newId(), receivedAt: firm.now };
      await firm.clock.advance(MINUTE);
      await task({ id: planned, targetRule: 'waits', targetTrigger: 'hand', source: 'manual' });
      await firm.drain();
      await closed(late);
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['cancelled skipped']);
    });
  });

  describe('that its burst began', () => {
    const moves = (over: object = {}): CompiledRule => ({
      ...waits({
        triggers: [{ event: 'matter.updated' }],
        ...BLIND,
        conditions: { field: 'matter.stage', changed: true },
        ...over,
      }),
      derivedPaths: new Map([['matter.closed', ['status']]]),
    });
    type State = [status: string, stage: number, name?: string];
    const becomes = (
      [before, stageBefore, nameBefore = 'x']: State,
      [status, stage, name = 'x']: State,
      id = '7',
    ) => {
      const previous = { id: Number(id), status: before, stage: stageBefore, name: nameBefore };
      const record = { id: Number(id), status, stage, name };
      const changed = changedPaths(previous, record);
      const closes = before !== status && status === 'Closed' ? ['matter.closed'] : [];
      return firm.happens(id, before, status, {
        ...{ previous, record, changed },
        types: ['matter.updated', ...closes],
      });
    };
    const CLOSED_NOW = { event: 'matter.updated', conditions: { field: 'matter.status', is: 'Closed' } };
    const MOVED: State = ['Open', 2];

    it.each<[string, string, object, State[]]>([
      ['ends as it closed the matter', 'cancelled skipped', {}, [MOVED, ['Closed', 2]]],
      [
        'ends as it did before its last event',
        'cancelled skipped',
        {},
        [MOVED, ['Closed', 2], ['Closed', 2, 'y']],
      ],
      [
        'ends as the conditions hold',
        'cancelled skipped',
        { cancel_when: [CLOSED_NOW] },
        [MOVED, ['Closed', 2]],
      ],
      ['goes on after it was opened again', 'running due', {}, [MOVED, ['Closed', 2], MOVED]],
      [
        'goes on after what began it',
        'running due',
        {},
        [
          ['Closed', 2],
          ['Closed', 2, 'y'],
        ],
      ],
      ['goes on after one event', 'running due', {}, [['Closed', 2]]],
      [
        'goes on where each event could have begun it',
        'running due',
        { cancel_when: [{ event: 'matter.updated' }] },
        [MOVED, ['Open', 2, 'y']],
      ],
      [
        'goes on with what began another record of its key',
        'running due',
        { debounce: { period: '3 minutes', key: 'all' } },
        [['Closed', 2]],
      ],
    ])('%s', async (_, expected, over, states) => {
      firm.enforce(moves(over));
      await becomes(['Open', 1], MOVED, '8');
      let before: State = ['Open', 1];
      for (const state of states) {
        await becomes(before, state);
        before = state;
      }
      await firm.drain();
      await firm.clock.advance(3 * MINUTE);
      await firm.drain();
      const [run] = await firm.database.repo(Run).findBy({ recordId: '7' });
      const [step] = await firm.database.repo(Step).findBy({ runId: run?.id ?? '', position: 0 });
      expect(`${run?.status} ${step?.status}`).toBe(expected);
    });
  });

  describe('with several processes', () => {
    /** As any of them has noted the rule. */
    const recorded = ({ rule: { id, name: title }, file, hash }: CompiledRule, state = 'active') => {
      const record = { id, name: title, file, state, versionHash: hash, updatedAt: firm.now };
      return firm.database.write((tx) => tx.insert(RuleRecord, record as object));
    };

    it('waits for the one that has its rule, and is not lost to one that does not know it yet', async () => {
      const rule = waits();
      await recorded(rule);
      firm.enforce(rule);
      await task();
      await firm.drain();
      firm.enforce();
      await firm.drain();
      await answer();
      await firm.drain();
      // Where there is one process, nobody else can have made the rule.
      expect(await firm.decided()).toEqual(name === 'sqlite' ? ['suppressed rule_removed'] : []);
      firm.enforce(rule);
      await firm.drain();
      expect(await firm.decided()).toEqual([
        name === 'sqlite' ? 'suppressed rule_removed' : 'matched condition_true',
      ]);
    });

    it('waits for none that is broken everywhere', async () => {
      const rule = waits();
      await recorded(rule, 'broken');
      firm.enforce(rule);
      await task();
      await firm.drain();
      const broken = { id: 'waits', name: null, file: rule.file, source: '', hash: '', diagnostics: [] };
      firm.rules.replace(new RuleBook([], [broken]));
      await firm.drain();
      expect(await firm.decided()).toEqual(['suppressed rule_removed']);
    });

    it('lets what was made for a rule wait for it', async () => {
      const rule = waits({ ...BLIND, debounce: undefined, triggers: [{ id: 'hand', manual: true }] });
      await recorded(rule);
      firm.enforce();
      await task({ targetRule: 'waits', targetTrigger: 'hand', source: 'manual' });
      await firm.drain();
      firm.enforce(rule);
      await firm.drain();
      expect(await firm.started()).toEqual(name === 'sqlite' ? [] : ['running due']);
    });

    it('lets a burst wait for its rule, and no burst of another rule', async () => {
      const [rule, other] = [waits(BLIND), waits({ ...BLIND, id: 'other' })];
      await recorded(rule);
      firm.enforce(rule, other);
      await task();
      await firm.drain();
      firm.enforce(other);
      await firm.clock.advance(5 * MINUTE);
      await firm.drain();
      const [early, late] = [['5 suppressed rule_removed'], ['5 matched condition_true']];
      expect(await firm.decidedBy('other')).toEqual(late);
      expect(await firm.decidedBy('waits')).toEqual(name === 'sqlite' ? early : []);
      expect(await firm.nextDueAt()).toBeNull();
      firm.enforce(rule, other);
      await firm.drain();
      expect(await firm.decidedBy('waits')).toEqual(name === 'sqlite' ? early : late);
    });

    it('asks anew what one that was behind has asked', async () => {
      const books = [waits({ name: 'Of yesterday' }), waits()].map((rule) => new RuleBook([rule], []));
      const [before, now] = books as [RuleBook, RuleBook];
      firm.rules.replace(now);
      await firm.drain();
      const ahead = firm.worker;
      firm.rules.replace(before);
      firm.restart(firm.runs);
      await task();
      await firm.drain();
      firm.rules.replace(now);
      await ahead.drain(firm.connectionId);
      expect(await firm.runs.lookups.versionsAsking(firm.connectionId)).toEqual([
        { ruleId: 'waits', ruleHash: now.active[0]?.hash },
      ]);
    });
  });

  it('is ended by what came after its event when the clock had been put back', async () => {
    firm.enforce(waits(BLIND));
    await task();
    await firm.drain();
    await firm.clock.leap(-2 * 60 * MINUTE);
    await firm.drain();
    await firm.clock.advance(MINUTE);
    await closed();
    await firm.drain();
    await firm.clock.advance(3 * MINUTE);
    await firm.drain();
    expect(await firm.started()).toEqual(['cancelled skipped']);
  });

  describe('goes on', () => {
    it.each([
      ['what was matched before its event', waits()],
      ['what was matched before the last event of its burst', waits(BLIND)],
    ])('after %s', async (_, rule) => {
      firm.enforce(rule);
      const [first, older] = [newId(), newId()];
      if (rule.rule.debounce !== undefined) await task({ id: first });
      await firm.drain();
      await closed({ id: older });
      await firm.drain();
      await task();
      await firm.drain();
      await firm.clock.advance(3 * MINUTE);
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['running due']);
    });

    it('after what came between the time that it was planned for and its beginning', async () => {
      firm.enforce(waits({ triggers: [{ id: 'hand', manual: true }] }));
      const planned = { id: newId(), receivedAt: firm.now };
      await firm.clock.advance(MINUTE);
      await closed();
      await firm.drain();
      await firm.clock.advance(MINUTE);
      await task({ ...planned, targetRule: 'waits', targetTrigger: 'hand', source: 'manual' });
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['running due']);
    });

    it.each(['that comes while its burst waits', 'that comes when it has failed'])(
      'with what is done about its failure, after one %s',
      async (when) => {
        const each = { for_each: 'task.parts', as: 'part', max: 1, actions: [LOG] };
        firm.enforce(waits({ ...BLIND, actions: [each], on_failure: [{ wait: { for: '5 days' } }, LOG] }));
        await task({ record: { id: 5, matter: { id: 7 }, parts: [1, 2] } });
        await firm.drain();
        if (when.endsWith('waits')) await closed();
        await firm.clock.advance(3 * MINUTE);
        await firm.drain();
        await closed();
        await firm.drain();
        expect(await firm.started()).toEqual(['running failed']);
        const [runId = ''] = await firm.runIds();
        const ending = { runId, error: { code: 'run.cancelled', message: 'closed' } };
        expect(await firm.database.write((tx) => cancelByEvent(tx, ending, firm.now))).toEqual([
          expect.stringContaining(`praetor runs cancel ${runId}`),
        ]);
        const passedOver = { definition: { continue_on_error: true } };
        await firm.database.write((tx) => tx.update<ObjectLiteral>(Step, { status: 'failed' }, passedOver));
        await closed();
        await firm.drain();
        expect(await firm.started()).toEqual(['cancelled failed']);
      },
    );

    it('after an event that is only played again and is the last of its burst', async () => {
      const isDone = { event: 'task.updated', conditions: { field: 'task.status', is: 'complete' } };
      const updated = { triggers: [{ event: 'task.updated' }], cancel_when: [isDone] };
      firm.enforce(waits({ ...BLIND, ...updated }));
      const updatedTask = { type: 'task.updated', types: ['task.updated'], changed: ['status'] };
      const became = (status: string, over: Partial<InboundEvent> = {}) =>
        task({ ...updatedTask, record: { id: 5, status }, previous: { id: 5, status: 'draft' }, ...over });
      await became('pending');
      await firm.drain();
      await became('complete', { replayOf: 'an-event' });
      await firm.drain();
      await firm.clock.advance(3 * MINUTE);
      await firm.drain();
      expect(await firm.started()).toEqual(['running due']);
    });

    it('after an old event that is only played again, or is about another record', async () => {
      firm.enforce(waits());
      const [older, other] = [newId(), newId()];
      await task();
      await firm.drain();
      await closed({ id: older, replayOf: 'an-event' });
      await firm.happens('8', 'Open', 'Closed', { id: other, types: ['matter.closed'] });
      await firm.drain();
      await answer();
      await firm.drain();
      expect(await firm.started()).toEqual(['running due']);
    });
  });
});
