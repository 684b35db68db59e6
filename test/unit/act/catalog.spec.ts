import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { readBack } from '../../../src/act/read-back.js';
import { InvariantError } from '../../../src/lib/errors.js';
import type { ActionVocabulary } from '../../../src/rules/rule-vocabulary.js';

describe('the actions', () => {
  it('are these, with what may happen when an answer is lost', () => {
    expect([...actions.values()].map(({ name, safety }) => `${name} ${safety}`).sort()).toEqual([
      'clio.bill.update repeatable',
      'clio.calendar_entry.create check-first',
      'clio.calendar_entry.update repeatable',
      'clio.communication.log_email check-first',
      'clio.communication.log_phone_call check-first',
      'clio.contact.create once',
      'clio.contact.find repeatable',
      'clio.contact.update repeatable',
      'clio.conversation_message.send check-first',
      'clio.custom_action.create repeatable',
      'clio.document.generate check-first',
      'clio.document.upload check-first',
      'clio.expense_entry.create check-first',
      'clio.folder.create check-first',
      'clio.matter.close repeatable',
      'clio.matter.create once',
      'clio.matter.update repeatable',
      'clio.matter_docket.create repeatable',
      'clio.matter_docket.preview repeatable',
      'clio.note.create check-first',
      'clio.note.update repeatable',
      'clio.relationship.create repeatable',
      'clio.relationship.remove repeatable',
      'clio.reminder.create check-first',
      'clio.request once',
      'clio.task.complete repeatable',
      'clio.task.create check-first',
      'clio.task.list repeatable',
      'clio.task.update repeatable',
      'clio.task_list.assign check-first',
      'clio.time_entry.create check-first',
      'email.send once',
      'http.request once',
      'log.write repeatable',
      'notify.owner once',
    ]);
  });

  it('are never repeated unasked where a step may have been carried out and nobody can tell', () => {
    const safetyOf = (name: string, input: object) => actions.get(name)?.safetyOf?.(input);
    expect(safetyOf('clio.request', { method: 'POST' })).toBe('once');
    expect(safetyOf('clio.request', { method: 'PATCH' })).toBe('once');
    expect(safetyOf('clio.request', { method: 'PATCH', if_match: '"e1"' })).toBe('repeatable');
    expect(safetyOf('clio.request', { method: 'GET' })).toBe('repeatable');
    expect(safetyOf('http.request', {})).toBe('once');
    expect(safetyOf('http.request', { receiver_deduplicates: true })).toBe('repeatable');
    expect(safetyOf('http.request', { method: 'GET' })).toBe('repeatable');
  });

  it('say what they do and can be undone only where nothing is lost by it', () => {
    for (const { summary } of actions.values()) expect(summary).toMatch(/^[A-Z].*\.$/);
    const undone = [...actions.values()].filter(({ undo }) => undo !== undefined).map(({ name }) => name);
    for (const name of ['clio.matter.create', 'http.request', 'email.send', 'clio.request'])
      expect(undone).not.toContain(name);
  });

  it('can look for their effect when they must look first', () => {
    for (const { safety, probe } of actions.values())
      expect(probe !== undefined).toBe(safety === 'check-first');
  });

  it('are what the rule language checks rules against, as they are', () => {
    const vocabulary: ReadonlyMap<string, ActionVocabulary> = actions;
    const output = vocabulary.get('clio.task.create')?.output;
    expect(output?.get('id')).toEqual({ type: 'integer' });
    expect(output?.get('name')).toEqual({ type: 'text' });
    expect(output?.get('due_at')).toEqual({ type: 'date' });
    expect(output?.get('created_at')).toEqual({ type: 'date-time' });
    expect(output?.get('priority')).toEqual({ type: 'text', enum: ['High', 'Normal', 'Low'] });
    expect(output?.get('assignee')?.type).toBe('object');
    expect([...(output?.get('assignee')?.fields?.() ?? [])]).toEqual([
      ['id', { type: 'integer' }],
      ['name', { type: 'text' }],
    ]);
  });

  it('escape texts only where Clio reads HTML', () => {
    for (const { input, text } of actions.values()) {
      for (const [field, mode] of Object.entries(text)) {
        expect(Object.keys(input.shape)).toContain(field);
        if (typeof mode === 'object') expect(Object.keys(input.shape)).toContain(mode.htmlWhen.field);
      }
    }
  });

  it('refuse what they do not know instead of leaving it out', () => {
    const given = { text: 'Hello', txet: 'Hello' };
    expect(actions.get('log.write')?.input.safeParse(given).success).toBe(false);
  });
});

describe('readBack', () => {
  it.each([
    { name: 'a field', wanted: { colour: true as const } },
    { name: 'a nested field', wanted: { assignee: ['colour'] } },
    { name: 'a field below a plain one', wanted: { name: ['id'] } },
  ])('refuses $name that Clio does not have', ({ wanted }) => {
    expect(() => readBack('task', wanted)).toThrow(InvariantError);
  });
});
