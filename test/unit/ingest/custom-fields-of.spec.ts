import { describe, expect, it } from '@jest/globals';
import {
  customFieldsOf,
  unexplainedIn,
  type CustomFieldDefinition,
} from '../../../src/ingest/custom-fields-of.js';

const define = (
  id: number,
  name: string,
  type: string,
  over: Partial<CustomFieldDefinition> = {},
): CustomFieldDefinition => ({ id: String(id), name, type, active: true, options: [], ...over });

const hold = (definition: CustomFieldDefinition, value: unknown, over: object = {}) => ({
  id: `${definition.type}-1`,
  field_name: definition.name,
  field_type: definition.type,
  value,
  custom_field: { id: Number(definition.id), etag: '"d"' },
  picklist_option: null,
  ...over,
});

describe('customFieldsOf', () => {
  it.each([
    ['text_line', 'A 1', 'A 1'],
    ['text_area', 'two\nlines', 'two\nlines'],
    ['email', 'jane@example.com', 'jane@example.com'],
    ['url', 'https://example.com', 'https://example.com'],
    ['time', '09:30', '09:30'],
    ['numeric', '12', 12],
    ['numeric', '-0.5', -0.5],
    ['currency', '1250.50', 1250.5],
    ['currency', 100, 100],
    ['checkbox', 'true', true],
    ['checkbox', 'false', false],
    ['checkbox', true, true],
    ['date', '2026-03-01', '2026-03-01'],
    ['date', '2026-03-01T00:00:00Z', '2026-03-01'],
    ['contact', '12', { id: 12 }],
    ['matter', 13, { id: 13 }],
  ])('reads a %s that Clio shows as %j as %j', (type, value, expected) => {
    const field = define(1, 'Field', type);
    expect(customFieldsOf([hold(field, value)], [field])).toEqual({ Field: expected });
  });

  const fee = define(2, 'Fee', 'picklist', {
    options: [
      { id: '41', name: 'Fixed' },
      { id: '42', name: 'Hourly' },
    ],
  });

  it("gives the name of a picklist's option, by the option or by the value", () => {
    expect(customFieldsOf([hold(fee, '41', { picklist_option: { id: 42 } })], [fee])).toEqual({
      Fee: 'Hourly',
    });
    expect(customFieldsOf([hold(fee, '41')], [fee])).toEqual({ Fee: 'Fixed' });
  });

  it.each([[null], [undefined], ['']])('gives null for a field whose value is %j', (value) => {
    expect(customFieldsOf([hold(fee, value)], [fee])).toEqual({ Fee: null });
  });

  it('gives null for a field that the record does not list at all', () => {
    expect(customFieldsOf([], [fee])).toEqual({ Fee: null });
    expect(customFieldsOf(undefined, [fee])).toEqual({ Fee: null });
  });

  it.each([
    ['numeric', 'twelve'],
    ['currency', '1,250.50'],
    ['checkbox', 'maybe'],
    ['date', 'tomorrow'],
    ['contact', 'Jane'],
    ['picklist', '99'],
    ['text_line', { odd: true }],
  ])('leaves out a %s that reads %j: it is neither a value nor empty', (type, value) => {
    const field = define(1, 'Field', type);
    expect(customFieldsOf([hold(field, value)], [field])).toEqual({});
  });

  it('leaves out a deleted field, and one whose name another has too', () => {
    const old = define(3, 'Old', 'text_line', { active: false });
    const twins = [define(4, 'Twin', 'text_line'), define(5, 'Twin', 'numeric')];
    const values = [hold(old, 'x'), hold(twins[0] as CustomFieldDefinition, 'y')];
    expect(customFieldsOf(values, [old, ...twins, fee])).toEqual({ Fee: null });
  });

  it('is not irritated by a deleted field of the same name', () => {
    const old = define(3, 'Fee', 'text_line', { active: false });
    expect(customFieldsOf([hold(old, 'x'), hold(fee, '42')], [old, fee])).toEqual({ Fee: 'Hourly' });
  });
});

describe('unexplainedIn', () => {
  const court = define(1, 'Court', 'text_line');
  const fee = define(2, 'Fee', 'picklist', { options: [{ id: '41', name: 'Fixed' }] });

  it('finds nothing where the definitions are up to date', () => {
    expect(unexplainedIn([hold(court, 'A'), hold(fee, '41'), hold(fee, null)], [court, fee])).toEqual([]);
    expect(unexplainedIn(null, [court])).toEqual([]);
  });

  it('names an unknown field, another name, and an unknown option', () => {
    const strange = define(9, 'New', 'text_line');
    const renamed = hold(court, 'A', { field_name: 'Court house' });
    expect(unexplainedIn([hold(strange, 'x'), renamed, hold(fee, '77')], [court, fee])).toEqual([
      '9 New',
      '1 Court house',
      '2 option 77',
    ]);
  });
});
