import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/lib/ids.js';
import type { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { aCompiledRule } from '../support/compiled-rule.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';

const MINUTE = 60_000;
const NONE = { field: 'lookups.notes.count', is: 0 };
const notes = { resource: 'note', filter: { type: 'Matter', matter_id: '{{task.matter.id}}' } };
const waits = (over: object = {}) =>
  aCompiledRule({
    id: 'waits',
    triggers: [{ event: 'task.created' }],
    lookups: { notes },
    conditions: NONE,
    cancel_when: [{ event: 'matter.closed' }],
    actions: [{ wait: { for: '5 days' } }, { action: 'log.write', with: { text: 'seen' } }],
    ...over,
  });
const DEBOUNCE = { debounce: { period: '3 minutes' } };
const BLIND = { lookups: {}, conditions: undefined, ...DEBOUNCE };

describe.each(databases)('a run that begins late, on $name', ({ open }) => {
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
