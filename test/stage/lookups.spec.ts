import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AskedLookups } from '../../src/rules/lookup.js';
import { Debounce } from '../../src/store/debounce.entity.js';
import { Decision } from '../../src/store/decision.entity.js';
import { heldEvents } from '../../src/store/held-events.js';
import { Lookup } from '../../src/store/lookup.entity.js';
import { ask, LookupStore } from '../../src/store/lookup.store.js';
import { aCompiledRule } from '../support/compiled-rule.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';
import { QueryPlans } from '../support/query-plans.js';

const MINUTE = 60_000;
const CHANGED = { field: 'matter.status', changed: true };
const OPEN = { field: 'lookups.open.count', is: 0 };
const plain = (id: string, over = {}) => aCompiledRule({ id, conditions: CHANGED, ...over });
const asking = (complete = false, over = {}) => {
  const open = { resource: 'task', filter: { matter_id: '{{matter.id}}', complete } };
  return plain('asks', { lookups: { open }, conditions: [CHANGED, OPEN], ...over });
};
const NOT_8 = { not: { field: 'matter.id', is: 8 } };
const DEBOUNCE = { debounce: { period: '3 minutes' } };

describe.each(databases)('events that wait for what rules look up, on $name', ({ open }) => {
  let firm: Matching;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
  });
  afterEach(() => firm.close());

  const due = () => firm.runs.lookups.due(firm.connectionId, firm.now, 50);
  const answer = () => firm.answer({ open: { items: [], more: false } });
  const burstsOf = async () => (await firm.database.repo(Debounce).find()).map(({ record }) => record).sort();

  it('leave the lane in peace while a burst waits for them', async () => {
    firm.enforce(asking(), plain('drag', DEBOUNCE));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await firm.clock.advance(MINUTE);
    await firm.happens('7', 'B', 'C');
    await firm.drain();
    await firm.clock.advance(5 * MINUTE);
    await firm.drain();
    // Clio has not answered: the second event would have prolonged the burst.
    expect(await firm.database.repo(Debounce).count()).toBe(1);
    expect(await firm.nextDueAt()).toBeNull();
    await answer();
    await firm.drain();
    await answer();
    await firm.drain();
    expect(await firm.decided()).toEqual([
      'matched condition_true',
      'suppressed debounced',
      'matched condition_true',
      'matched condition_true',
    ]);
  });

  it('keep a burst open for what waits behind them in the same batch', async () => {
    firm.enforce(asking(), plain('drag', DEBOUNCE));
    await firm.happens('7', 'A', 'B');
    await firm.clock.advance(MINUTE);
    await firm.happens('7', 'B', 'C');
    await firm.clock.advance(5 * MINUTE);
    await firm.happens('7', 'C', 'D');
    await firm.drain();
    for (let event = 0; event < 3; event++) {
      await answer();
      await firm.drain();
    }
    await firm.clock.advance(3 * MINUTE);
    await firm.drain();
    expect(await firm.decidedBy('drag')).toEqual([
      '7 suppressed debounced',
      '7 matched condition_true',
      '7 matched condition_true',
    ]);
  });

  it('hold what came after them for all rules, also in the same batch', async () => {
    firm.enforce(asking(), plain('other'));
    await firm.happens('7', 'A', 'B');
    await firm.happens('7', 'B', 'C');
    await firm.happens('8', 'A', 'B');
    await firm.drain();
    expect(await firm.decidedBy('other')).toEqual(['7 matched condition_true', '8 matched condition_true']);
    await answer();
    await firm.drain();
    expect(await firm.decidedBy('other')).toHaveLength(3);
  });

  it('keep no burst waiting that they cannot join', async () => {
    firm.enforce(asking(false, { conditions: [CHANGED, OPEN, NOT_8] }), plain('drag', DEBOUNCE));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await firm.clock.advance(MINUTE);
    await firm.happens('7', 'B', 'C');
    await firm.clock.advance(MINUTE);
    await firm.happens('8', 'A', 'B');
    await firm.drain();
    expect(await burstsOf()).toEqual(['matter/7', 'matter/8']);
    expect(await firm.nextDueAt()).toBe(firm.now + 3 * MINUTE);
    await firm.clock.advance(5 * MINUTE);
    await firm.drain();
    expect(await burstsOf()).toEqual(['matter/7']);
    expect(await firm.nextDueAt()).toBeNull();
    expect((await firm.decidedBy('drag')).slice(-1)).toEqual(['8 matched condition_true']);
  });

  it('hold a burst of another record that they will join, and no other with a key of its own', async () => {
    firm.enforce(
      asking(false, { conditions: [CHANGED, OPEN, { field: 'matter.id', is: 7 }] }),
      plain('drag', { debounce: { period: '3 minutes', key: '{{matter.status}}' } }),
    );
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await firm.clock.advance(MINUTE);
    await firm.happens('8', 'A', 'C');
    await firm.happens('9', 'A', 'D');
    await firm.clock.advance(MINUTE);
    await firm.happens('7', 'B', 'C');
    await firm.clock.advance(5 * MINUTE);
    await firm.drain();
    expect(await burstsOf()).toEqual(['matter/8']);
    expect(await firm.decidedBy('drag')).toEqual(['7 matched condition_true', '9 matched condition_true']);
    expect(await firm.nextDueAt()).toBeNull();
    await answer();
    await firm.drain();
    expect(await firm.decidedBy('drag')).toEqual([
      '7 matched condition_true',
      '8 suppressed debounced',
      '9 matched condition_true',
      '7 matched condition_true',
    ]);
  });

  it('take no burst over from what came after them, to another record with the same key', async () => {
    firm.enforce(
      asking(false, { conditions: [CHANGED, OPEN, NOT_8] }),
      plain('drag', { debounce: { period: '3 minutes', key: 'all' } }),
    );
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const held = await firm.happens('7', 'B', 'C');
    const last = await firm.happens('8', 'A', 'B');
    await firm.drain();
    await answer();
    await firm.drain();
    await firm.clock.advance(3 * MINUTE);
    await firm.drain();
    expect(await firm.decidedBy('drag')).toEqual([
      '7 suppressed debounced',
      '7 suppressed debounced',
      '8 matched condition_true',
    ]);
    const decision = await firm.database.repo(Decision).findOneByOrFail({ ruleId: 'drag', eventId: held });
    expect(decision.explanation).toMatchObject({ reason: expect.stringContaining(`Event ${last} came`) });
  });

  it('do not hide those that are due behind many that wait for them', async () => {
    firm.enforce(asking(false, { conditions: [CHANGED, OPEN, NOT_8] }), plain('drag', DEBOUNCE));
    const waiting = Array.from({ length: 60 }, (_, index) => String(100 + index));
    for (const id of waiting) await firm.happens(id, 'A', 'B');
    await firm.drain();
    await firm.clock.advance(MINUTE);
    for (const id of waiting) await firm.happens(id, 'B', 'C');
    await firm.happens('8', 'A', 'B');
    await firm.drain();
    await firm.clock.advance(2 * MINUTE);
    expect(await firm.nextDueAt()).toBe(firm.now + MINUTE);
    await firm.clock.advance(MINUTE);
    await firm.drain();
    expect(await firm.decidedBy('drag')).toEqual(['8 matched condition_true']);
    expect(await firm.nextDueAt()).toBeNull();
  });

  it('wait also for what is asked when a burst of their record ends', async () => {
    firm.enforce(asking(false, DEBOUNCE), plain('other'));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await firm.clock.advance(5 * MINUTE);
    await firm.happens('7', 'B', 'C');
    await firm.drain();
    expect(await due()).toHaveLength(1);
    expect(await firm.decided()).toEqual(['matched condition_true']);
    await answer();
    await firm.drain();
    expect(await firm.decided()).toEqual([
      'matched condition_true',
      'matched condition_true',
      'matched condition_true',
    ]);
  });

  it('hold the record of the burst that they are about, not the one that comes upon its end', async () => {
    const key = '{{matter.status}}';
    firm.enforce(asking(false, { debounce: { period: '3 minutes', key } }), plain('other'));
    await firm.happens('8', 'A', 'C');
    await firm.drain();
    await firm.clock.advance(5 * MINUTE);
    await firm.happens('9', 'A', 'C');
    await firm.happens('8', 'C', 'D');
    await firm.drain();
    expect(await firm.decidedBy('other')).toEqual(['8 matched condition_true', '9 matched condition_true']);
    expect(await due()).toMatchObject([{ recordId: '8' }]);
    await answer();
    await firm.drain();
    expect(await firm.decidedBy('other')).toHaveLength(3);
  });

  it('wait also for what is asked when their rule debounces no more', async () => {
    firm.enforce(asking(false, DEBOUNCE), plain('other'));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    firm.enforce(asking(), plain('other'));
    await firm.happens('7', 'B', 'C');
    await firm.drain();
    expect(await due()).toHaveLength(1);
    expect(await firm.decided()).toEqual(['matched condition_true']);
  });

  it('wait for no answer that their rule does not ask for any more', async () => {
    firm.enforce(asking());
    const event = await firm.happens('7', 'A', 'B');
    await firm.drain();
    firm.enforce(asking(true));
    await firm.drain();
    expect(await due()).toMatchObject([{ eventId: event, asked: { open: { filter: { complete: true } } } }]);
    firm.enforce(plain('other'));
    await firm.drain();
    expect(await due()).toEqual([]);
    expect(await firm.decided()).toEqual(['suppressed rule_removed']);
    const [decision] = await firm.database.repo(Decision).find();
    expect(decision?.explanation).toMatchObject({ path: 'lookups' });
  });

  it('are decided by no answer that another version of their rule asked for', async () => {
    firm.enforce(asking());
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    await answer();
    firm.enforce(asking(true));
    await firm.drain();
    expect(await firm.decided()).toEqual([]);
    expect(await due()).toMatchObject([{ asked: { open: { filter: { complete: true } } } }]);
    await answer();
    await firm.drain();
    expect(await firm.decided()).toEqual(['matched condition_true']);
  });

  it('are decided also when nothing has changed in the record', async () => {
    const level = { evaluation: 'level', idempotency_key: '{{event.id}}' };
    firm.enforce(asking(false, { ...level, conditions: [OPEN] }));
    await firm.happens('7', 'B', 'B');
    await firm.drain();
    await answer();
    await firm.drain();
    expect(await firm.decided()).toEqual(['matched condition_true']);
  });

  it('are decided once, whatever comes back about them afterwards', async () => {
    firm.enforce(asking());
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const [lookup] = await due();
    if (lookup === undefined) throw new TypeError('nothing was asked');
    firm.enforce(plain('other'));
    await firm.drain();
    const { lookups } = firm.runs;
    await lookups.answer([{ lookup, found: { open: { items: [], more: false } } }], firm.now);
    await lookups.askAgain(lookup, { ruleId: 'asks', ruleHash: 'x', asked: lookup.asked }, firm.now);
    expect(await firm.database.repo(Lookup).find()).toMatchObject([{ status: 'decided', found: null }]);
    await firm.drain();
    expect(await firm.decided()).toEqual(['suppressed rule_removed']);
  });

  it('are asked about neither for a rule that has decided nor for a burst that has grown', async () => {
    firm.enforce(plain('asks', DEBOUNCE));
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const [burst] = await firm.database.repo(Debounce).find();
    await firm.happens('7', 'B', 'C');
    await firm.drain();
    const { lookups, debounces } = firm.runs;
    const asked = { open: { resource: 'task' as const, filter: {}, max: 1 } };
    const asks = { ruleId: 'asks', ruleHash: 'x', asked: asked as unknown as AskedLookups };
    const event = await debounces.lastEvent(burst!);
    await lookups.askForBurst(burst!, event, asks, firm.now);
    expect(await firm.database.repo(Debounce).count()).toBe(1);
    expect(await firm.decided()).toEqual(['suppressed debounced']);
    await firm.database.write((tx) => ask(tx, event, asks, firm.now));
    expect(await due()).toEqual([]);
  });

  it('are found without reading what was decided long ago', async () => {
    firm.enforce(asking());
    await firm.happens('7', 'A', 'B');
    await firm.drain();
    const plans = await QueryPlans.open(firm.url);
    const { connectionId: id, now } = firm;
    const found = await plans.of(async (database) => {
      const lookups = new LookupStore(database);
      await lookups.due(id, now, 1);
      await lookups.nextDueAt(id);
      await lookups.answered(id, 1);
      await lookups.versionsAsking(id);
      await lookups.askedBy(id, { ruleId: 'asks', ruleHash: 'x' });
      await heldEvents(database, id);
    });
    await plans.close();
    const ofLookups = found.filter((plan) => /lookup/i.test(plan));
    expect(ofLookups).toHaveLength(7);
    for (const plan of ofLookups)
      expect(plan).toMatch(/using (covering )?(index )?lookups_by_(status|record)/i);
  });
});
