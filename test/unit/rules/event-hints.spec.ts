import { describe, expect, it } from '@jest/globals';
import { eventHints } from '../../../src/rules/event-hints.js';
import type { JsonObject } from '../../../src/lib/json.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, GOOD } from '../../support/lint-rule.js';

const [rule] = check(GOOD).rules;
const hints = (event: string, record: JsonObject, previous: JsonObject | null = null) =>
  eventHints({ event, record, previous, lookups: {} }, rule!, vocabulary());

describe('hints about an event file', () => {
  it('are none for what Clio may send', () => {
    const record = {
      id: 5,
      status: 'Open',
      client: { id: 1, name: 'Ann' },
      custom_fields: { Anything: 'x' },
      custom_field_values: [{ id: 'text-1' }],
    };
    expect(hints('matter.created', record, record)).toEqual([]);
  });

  it('name an event that no trigger has, and keys that the record does not have', () => {
    expect(hints('matter.creatd', { stauts: 'Open', client: { nam: 'Ann' } }, { statu: 'x' })).toEqual([
      'No trigger of the rule has the event "matter.creatd"; it has matter.created. Did you mean "matter.created"?',
      'record.stauts is no field of matter. Did you mean "status"?',
      expect.stringContaining('record.client.nam is no field of matter.client. Did you mean "name"?'),
      'previous.statu is no field of matter. Did you mean "status"?',
    ]);
  });

  it('say what to do where the rule has no event at all', () => {
    const [byHand] = check(GOOD.replace(/event: matter.created/, 'manual: true')).rules;
    const given = { event: 'matter.created', record: {}, previous: null, lookups: {} };
    expect(eventHints(given, byHand!, vocabulary())).toEqual([
      'No trigger of the rule has the event "matter.created"; it goes by the clock or by hand, so leave "event" out.',
    ]);
  });

  it('name what the rule looks up and the file leaves out, and the other way round', () => {
    const [looking] = check(
      GOOD.replace(
        'conditions:',
        'lookups: { open: { resource: task, filter: { matter_id: "{{matter.id}}" } } }\nconditions:',
      ),
    ).rules;
    const told = (lookups: Record<string, JsonObject>) =>
      eventHints({ event: 'matter.created', record: {}, previous: null, lookups }, looking!, vocabulary());
    expect(told({ open: { items: [] } })).toEqual([]);
    expect(told({ open: { itmes: [] } })).toEqual([
      'The lookup "open" never gives "itmes"; it gives count, items, first, more. Did you mean "items"?',
    ]);
    expect(told({ open: { items: { id: 1 } } })).toEqual([
      'The lookup "open" finds a list; write "items" as [{ … }], with an entry for each.',
    ]);
    expect(told({ open: { items: [{ nmae: 'x' }] } })).toEqual([
      'The lookup "open" finds what Clio does not have: items.0.nmae is no field of task. Did you mean "name"?',
    ]);
    expect(told({ opne: {} })).toEqual([
      'The rule looks up "open"; say what it finds with "lookups": {"open": {"items": []}}.',
      'The rule has no lookup "opne". Did you mean "open"?',
    ]);
  });
});
