import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { Debounce } from '../../src/store/debounce.entity.js';
import { Decision } from '../../src/store/decision.entity.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Lookup } from '../../src/store/lookup.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { Run } from '../../src/store/run.entity.js';
import { aCompiledRule } from '../support/compiled-rule.js';
import { databases } from '../support/databases.js';
import { dyingDatabase, untilDeath } from '../support/dying-database.js';
import { Matching } from '../support/matching.js';

const CHANGED = { field: 'matter.status', changed: true };
const NONE = { field: 'lookups.open.count', is: 0 };
const lookups = { open: { resource: 'task', filter: { matter_id: '{{matter.id}}' } } };
const DEBOUNCE = { debounce: { period: '3 minutes', timeout: '10 minutes' } };
const rule = (id: string, over: object = {}) => aCompiledRule({ id, conditions: CHANGED, ...over });
const asks = (name = 'One') => rule('asks', { name, lookups, conditions: [CHANGED, NONE] });
const plain = rule('plain');
const calm = rule('calm', DEBOUNCE);
const both = rule('both', { lookups, conditions: [CHANGED, NONE], ...DEBOUNCE });
/** What people do to the rules on the way. */
const books: Record<string, CompiledRule[]> = {
  all: [asks(), plain, calm, both],
  edited: [asks('Another'), plain, calm, both],
  hasty: [asks(), plain, calm, rule('both', { lookups, conditions: [CHANGED, NONE] })],
  swapped: [asks(), plain, rule('calm', { ...DEBOUNCE, lookups, conditions: [CHANGED, NONE] }), both],
};

const step = fc.record({
  record: fc.constantFrom('1', '2', '3'),
  to: fc.constantFrom('A', 'B', 'C'),
  after: fc.integer({ min: 1, max: 240 }),
  isWorkedOn: fc.boolean(),
  isAnswered: fc.boolean(),
  rules: fc.option(fc.constantFrom(...Object.keys(books)), { freq: 3 }),
});

describe.each(databases)('what is decided late, on $name', ({ open }) => {
  let firm: Matching;
  let round = 0;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    firm = await Matching.start(open);
  });
  afterEach(() => firm.close());

  /** A new process, that dies as `plan` says. */
  const work = async (plan: boolean[], isAnswered: boolean) => {
    firm.restart(new RunStore(dyingDatabase(firm.database, plan)));
    await untilDeath(async () => {
      await firm.drain();
      if (isAnswered) await firm.answer({ open: { items: [], more: false } });
      await firm.drain();
    });
  };

  it('is decided once, in order for each record, and nothing waits for ever, wherever the process dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { maxLength: 16 }),
        async (steps, crashes) => {
          round += 10;
          firm.enforce(...(books['all'] ?? []));
          const plan = [...crashes];
          const status = new Map<string, string>();
          for (const { record, to, after, isWorkedOn, isAnswered, rules } of steps) {
            await firm.clock.advance(after * 1_000);
            if (rules !== null) firm.enforce(...(books[rules] ?? []));
            const id = String(round + Number(record));
            await firm.happens(id, status.get(id) ?? 'A', to);
            status.set(id, to);
            if (isWorkedOn) await work(plan, isAnswered);
          }
          while (plan.length > 0) await work(plan, true);
          // A burst may ask when it ends, and so may each event that waited behind.
          for (let turn = 0; turn < 12; turn++) {
            await firm.clock.advance(2 * 60_000);
            await work(plan, true);
          }
          expect(await firm.nextDueAt()).toBeNull();
          for (const id of status.keys()) await checkRecord(id);
        },
      ),
      { numRuns: 15 },
    );
  });

  const checkRecord = async (recordId: string) => {
    const events = await firm.database.repo(InboundEvent).find({ where: { recordId }, order: { id: 'ASC' } });
    expect(new Set(events.map((event) => event.status))).toEqual(new Set(['matched']));
    expect(await firm.database.repo(Debounce).countBy({ record: `matter/${recordId}` })).toBe(0);
    const asked = await firm.database.repo(Lookup).findBy({ recordId });
    expect(asked.filter((one) => one.status !== 'decided')).toEqual([]);
    const places = new Map(events.map(({ id }, place) => [id, place]));
    const decisions = (await firm.database.repo(Decision).find({ order: { id: 'ASC' } })).filter(
      ({ eventId }) => places.has(eventId),
    );
    for (const ruleId of ['asks', 'plain', 'calm', 'both']) {
      const order = decisions
        .filter((one) => one.ruleId === ruleId)
        .map(({ eventId }) => places.get(eventId));
      expect(order).toEqual(events.map((_, place) => place));
    }
    const plainly = decisions.filter(({ ruleId }) => ruleId === 'plain' || ruleId === 'asks');
    for (const { eventId, outcome } of plainly)
      expect(outcome).toBe(
        events[places.get(eventId) ?? 0]?.changed?.length === 0 ? 'not_matched' : 'matched',
      );
    const runs = await firm.database.repo(Run).countBy({ recordId });
    expect(runs).toBe(decisions.filter(({ outcome }) => outcome === 'matched').length);
  };
});
