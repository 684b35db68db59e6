import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { JsonObject } from '../../../src/lib/json.js';
import { editInput, editsFor, withEdits, type InputEdits } from '../../../src/rules/edit-input.js';
import type { ActionVocabulary } from '../../../src/rules/rule-vocabulary.js';

const action: ActionVocabulary = {
  name: 'some.action',
  input: z
    .strictObject({
      name: z.string().min(1),
      hours: z.number().optional(),
      people: z.array(z.strictObject({ user: z.string() })).optional(),
      kinds: z.array(z.string()).default(['pdf']),
      fields: z.record(z.string(), z.string()).optional(),
      matter: z.int().positive(),
      assignee: z.int().positive().optional(),
      start: z.iso.date().optional(),
      end: z.iso.date().optional(),
    })
    .refine(({ start = '', end = '9' }) => start <= end, { path: ['end'], message: 'ends before it starts' }),
  text: {},
  output: new Map(),
  references: { assignee: 'user' },
  lint: ({ hours }) => (hours === 25 ? [{ path: ['hours'], message: 'a day has 24' }] : []),
};
const input = {
  name: 'Call',
  people: [{ user: 'ann' }, { user: 'bob' }],
  kinds: ['pdf'],
  fields: { Court: 'A' },
  matter: 7,
  start: '2026-12-02',
};
const edit = (edits: InputEdits, unsure: JsonObject = {}) => editInput(action, input, unsure, edits);

describe('the edits of an input', () => {
  it.each<[InputEdits, object]>([
    [{ name: 'Write' }, { name: 'Write' }],
    [{ hours: '1.5' }, { hours: 1.5 }],
    [{ assignee: '9' }, { assignee: 9 }],
    [{ 'people.1.user': 'eve' }, { people: [{ user: 'ann' }, { user: 'eve' }] }],
    [{ 'fields.Court': 'B', 'fields.Judge': 'C' }, { fields: { Court: 'B', Judge: 'C' } }],
    [{ kinds: ['docx'] }, { kinds: ['docx'] }],
  ])('%j fit', (edits, change) => {
    expect(edit(edits)).toEqual({ edited: { ...input, ...change }, problems: [] });
  });

  it.each<[InputEdits, string]>([
    [{ 'people.2.user': 'eve' }, 'people.2.user: there is no such place in what the step gives;'],
    [{ 'people.x': 'eve' }, 'people.x: there is no such place'],
    [{ 'name.first': 'eve' }, 'name.first: there is no such place'],
    [{ 'kinds.0': 'docx' }, 'kinds.0: there is no such place'],
    [{ matter: 8 }, 'matter: it says which record'],
    [{ naem: 'x' }, 'naem: some.action takes no "naem". Did you mean "name"?'],
    [{ fields: { Court: 'a\u0007' } }, 'fields: a text has no control characters'],
    [{ hours: 25 }, 'hours: a day has 24'],
    [{ end: '2026-12-01' }, 'end: ends before it starts'],
    [{ hours: 'many' }, 'hours: '],
  ])('%j do not', (edits, words) => {
    expect(edit(edits).problems).toEqual([expect.stringContaining(words)]);
  });

  it('are judged beside what is not known yet, which is nobody’s fault', () => {
    expect(edit({ name: 'Write' }, { hours: 'text' }).problems).toEqual([]);
    expect(edit({ hours: 2 }, { hours: 'text' }).problems).toEqual([]);
  });

  it('are found for a step in the facts of its run', () => {
    const one = { step: 'call', field: 'name', before: 'Call', after: 'Write' };
    const run = { approvals: [{ status: 'approved' }, { edits: [one, { ...one, step: 'other' }] }, 'odd'] };
    expect(editsFor({ run }, 'call')).toEqual({ name: 'Write' });
    expect(editsFor({ run: {} }, 'call')).toEqual({});
    expect(withEdits({}, { 'a.b': 1 })).toEqual({ a: { b: 1 } });
  });

  it('change nothing of what others see', () => {
    const before = structuredClone(input);
    withEdits(input, { 'people.0.user': 'eve', '__proto__.x': 1 });
    expect(input).toEqual(before);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
