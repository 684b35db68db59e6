import { describe, expect, it } from '@jest/globals';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { runRuleTests } from '../../../src/rules/run-tests.js';
import { vocabulary } from '../../../src/vocabulary.js';

const words = vocabulary();

function check(triggers: string, over = '') {
  const text = `version: 1\nid: a-rule\nname: A rule\ntriggers: [${triggers}]\nidempotency_key: '{{default event.id rule.id}}'\n${over}\nactions: [{ action: log.write, with: { text: seen } }]\n`;
  return parseRuleFile('a-rule.yaml', text, words);
}

function needs(...events: string[]) {
  const { rules, diagnostics } = check(events.map((event) => `{ event: ${event} }`).join(', '));
  expect(diagnostics).toEqual([]);
  return Object.fromEntries(
    [...RuleBook.of([{ ...check(''), rules, broken: [] }]).needs()].map(([model, { events: all, paths }]) => [
      model,
      [[...all].sort(), [...paths].sort()],
    ]),
  );
}

describe('an event with a name of its own', () => {
  it('is asked for by what it follows from', () => {
    expect(needs('matter.stage_changed')).toEqual({ matter: [['updated'], ['matter_stage.id']] });
    expect(needs('matter.closed')).toEqual({ matter: [['closed'], ['status']] });
    expect(needs('bill.paid')).toEqual({ bill: [['created', 'updated'], ['state']] });
    expect(needs('task.completed', 'task.deleted')).toEqual({
      task: [['created', 'deleted', 'updated'], ['status']],
    });
    expect(needs('document.uploaded')).toEqual({
      document: [['created', 'updated'], ['latest_document_version.fully_uploaded']],
    });
    expect(needs('time_entry.created', 'expense_entry.deleted')).toEqual({
      activity: [['created', 'deleted'], ['type']],
    });
    expect(needs('note.created')).toEqual({ note: [['created'], []] });
  });

  it('is refused where nothing of it is known', () => {
    const messages = check('{ event: task.reopened }').diagnostics.map(({ message }) => message);
    expect(messages).toEqual([
      '"task.reopened" never happens; task has created, updated, deleted, completed.',
    ]);
  });

  it('finds its rules, each once and in their order', () => {
    const rule = (id: string, events: string) => {
      const file = check(events);
      return { ...file, rules: file.rules.map((one) => ({ ...one, rule: { ...one.rule, id } })) };
    };
    const book = RuleBook.of([
      rule('both', '{ event: matter.closed }, { event: matter.updated }'),
      rule('stage', '{ event: matter.stage_changed }'),
      rule('closed', '{ event: matter.closed }'),
    ]);
    const found = book.candidates('matter.updated', 'matter.closed').map(({ rule: { id } }) => id);
    expect(found).toEqual(['both', 'closed']);
  });

  it('triggers by its own name, and is no edge of the conditions then', () => {
    const [rule] = check(
      '{ id: moved, event: matter.stage_changed }',
      'conditions: { field: matter.status, is: Open }',
    ).rules;
    const input = {
      event: { type: 'matter.updated' },
      model: 'matter',
      record: { id: 1, status: 'Open' },
      previous: { id: 1, status: 'Open' },
      now: new Date('2026-11-24T10:00:00Z'),
    };
    const types = ['matter.updated', 'matter.stage_changed'];
    expect(evaluateRule(rule!, { ...input, types })).toMatchObject({
      outcome: 'matched',
      triggerId: 'moved',
    });
    expect(evaluateRule(rule!, input)).toMatchObject({ outcome: 'not_matched', reason: 'other_event' });
  });

  it.each([
    ['of a time entry, by its matter', '{ event: time_entry.created }', ['activity', ['matter.id', 'type']]],
    ['of a matter, also by hand', '{ manual: true }', ['matter', ['id', 'responsible_attorney.id']]],
  ])('asks who has a role %s', (_, trigger, need) => {
    const root = need[0] === 'matter' ? 'matter' : 'event';
    const text = `version: 1\nid: asks\nname: Asks\ntriggers: [${trigger}]\nidempotency_key: '{{${root}.id}}'\nactions: [{ approval: { by: role:responsible_attorney } }]\n`;
    const { rules, diagnostics } = parseRuleFile('asks.yaml', text, words);
    expect(diagnostics).toEqual([]);
    expect([...rules[0]!.needs].map(([model, { paths }]) => [model, [...paths].sort()])).toEqual([need]);
  });

  it('can be tested in the rule’s file, a time entry as the activity that it is', () => {
    const { rules, diagnostics } = check(
      '{ event: time_entry.updated }',
      `conditions: { field: activity.note, changed: true }
tests:
  - name: a new note
    event: time_entry.updated
    record: { id: 1, note: b }
    previous: { id: 1, note: a }
    expect: { outcome: matched }`,
    );
    expect(diagnostics).toEqual([]);
    expect(runRuleTests(rules[0]!, words)).toMatchObject([{ name: 'a new note', passed: true, message: '' }]);
  });
});
