import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { actions } from '../../../src/act/catalog.js';
import { checkReferences } from '../../../src/ingest/check-references.js';
import { directoryList, namedKinds } from '../../../src/ingest/directory-lists.js';
import type { DirectoryEntry } from '../../../src/store/directory-entry.entity.js';

let lastId = 0;
const entry = (kind: string, name: string, over: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  connectionId: 'c1',
  kind,
  recordId: String(++lastId),
  name,
  parentId: null,
  active: 1,
  extra: {},
  seenAt: 0,
  ...over,
});

const messageFor = (kind: string, name: string, entries: DirectoryEntry[], rules = ['a']) =>
  checkReferences([{ kind, name, rules }], entries).map(({ message }) => message);

describe('the names in the inputs of actions', () => {
  const inputs = [...actions.values()].flatMap(({ name, input, references = {} }) => {
    const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return Object.entries(properties).map(([field, schema]) => ({
      field: `${name} ${field}`,
      schema: JSON.stringify(schema),
      kind: references[field],
    }));
  });

  it('are all checked, apart from those of contacts, of the folders of one matter and of the triggers of one court', () => {
    const named = inputs.filter(({ field, schema }) => {
      const isName = /"required":\["(name|user|role)"\]/.test(schema) || /custom_fields$|stage$/.test(field);
      return isName && !schema.includes('"required":["email"]') && !/ (folder|trigger)$/.test(field);
    });
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ kind }) => kind === undefined).map(({ field }) => field)).toEqual([]);
  });
});

describe('checkReferences', () => {
  it('find nothing in a role: whose it is, each record says', () => {
    expect(messageFor('role', 'responsible_attorney', [entry('user', 'Ada')])).toEqual([]);
  });

  it('finds nothing wrong with a name that leads to one record', () => {
    expect(messageFor('practice_area', 'Family', [entry('practice_area', 'Family')])).toEqual([]);
    const paul = entry('user', 'Paul Marsh', { extra: { email: 'Paul@firm.example' } });
    expect(messageFor('user', 'paul@firm.example', [paul])).toEqual([]);
    expect(messageFor('user', 'Paul Marsh', [paul])).toEqual([]);
  });

  it('says which rules name what Clio never had, what was meant, and what there is', () => {
    const areas = [entry('practice_area', 'Family'), entry('practice_area', 'Litigation')];
    expect(messageFor('practice_area', 'Familly', areas, ['opening', 'closing'])).toEqual([
      'Clio has no practice area "Familly". The rules opening, closing name it. Did you mean "Family"? Clio has: Family, ' +
        'Litigation. Correct the name there, or add it in Clio.',
    ]);
    expect(messageFor('calendar', 'Court', [])[0]).toContain('Clio has no calendars.');
  });

  it('says the new name of what was renamed', () => {
    const stage = entry('matter_stage', 'Disclosure', { parentId: '1', extra: { former: ['Discovery'] } });
    expect(messageFor('matter_stage', 'Discovery', [stage])).toEqual([
      'The matter stage "Discovery" is called "Disclosure" in Clio now. The rule a names it. Write the new name there.',
    ]);
  });

  it('prefers a record that has the name now to one that had it', () => {
    const stages = [
      entry('matter_stage', 'Disclosure', { extra: { former: ['Discovery'] } }),
      entry('matter_stage', 'Discovery'),
    ];
    expect(messageFor('matter_stage', 'Discovery', stages)).toEqual([]);
  });

  it('tells a disabled user from a deleted one', () => {
    const paul = (extra: DirectoryEntry['extra']) => entry('user', 'Paul Marsh', { active: 0, extra });
    expect(messageFor('user', 'Paul Marsh', [paul({})])[0]).toContain('is disabled in Clio');
    expect(messageFor('user', 'Paul Marsh', [paul({ gone: true })])[0]).toContain('was deleted in Clio');
  });

  it('says that a custom field was deleted', () => {
    const field = entry('custom_field', 'Retainer', { parentId: 'matter', active: 0 });
    expect(messageFor('matter_custom_field', 'Retainer', [field])[0]).toContain(
      'The custom field of matters "Retainer" was deleted in Clio.',
    );
  });

  it('lists the candidates where two records have one name, and what that means for custom fields', () => {
    const twins = [1, 2].map((id) =>
      entry('custom_field', 'Twin', { recordId: String(id), parentId: 'matter' }),
    );
    expect(messageFor('matter_custom_field', 'Twin', twins)).toEqual([
      'Clio has 2 custom fields of matters called "Twin" (ids 1, 2), so nobody can tell which is meant. The rule a names it. ' +
        'Rename all but one of them in Clio. Until then it is left out of the record, and conditions on it are unknown.',
    ]);
  });

  it('keeps fields of matters and of contacts apart', () => {
    const fields = [
      entry('custom_field', 'Reference', { parentId: 'matter' }),
      entry('custom_field', 'Reference', { parentId: 'contact' }),
    ];
    expect(messageFor('contact_custom_field', 'Reference', fields)).toEqual([]);
  });

  it('lets stages of two practice areas share a name, but not of one', () => {
    const intake = (parentId: string) => entry('matter_stage', 'Intake', { parentId });
    expect(messageFor('matter_stage', 'Intake', [intake('1'), intake('2')])).toEqual([]);
    expect(messageFor('matter_stage', 'Intake', [intake('1'), intake('1'), intake('2')])[0]).toContain(
      'Clio has 2 matter stages called "Intake"',
    );
  });
});

describe('the kinds of names', () => {
  it('each have a list that can be read', () => {
    for (const { list } of Object.values(namedKinds)) expect(directoryList(list)).toBeDefined();
  });

  it('cover everything that an action says it names', () => {
    const used = [...actions.values()].flatMap(({ references = {} }) => Object.values(references));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((kind) => !Object.hasOwn(namedKinds, kind))).toEqual([]);
  });
});
