import { describe, expect, it } from '@jest/globals';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { previewEvent } from '../../../src/rules/preview-event.js';
import { planActions } from '../../../src/rules/run-tests.js';
import { eventNamed } from '../../../src/rules/rule-vocabulary.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, findings, GOOD, message } from '../../support/lint-rule.js';

const words = vocabulary();

/** The good rule with inputs, one condition and one text. */
function withInputs(
  inputs: string,
  condition = '{ field: matter.status, is: Open }',
  text = '"seen"',
): string {
  return GOOD.replace('triggers:', `inputs:\n  ${inputs}\ntriggers:`)
    .replace('{ field: matter.status, is: Open }', condition)
    .replace('"{{matter.display_number}}"', text);
}
const one = (definition: string, condition?: string, text?: string) =>
  withInputs(`one: ${definition}`, condition, text);

function decide(file: string, record: Record<string, unknown>) {
  const [rule] = check(file).rules;
  if (rule === undefined) throw new RangeError(message(file));
  const event = eventNamed('matter.created', words);
  const now = new Date('2026-03-06T12:00:00Z');
  const evaluation = evaluateRule(
    rule,
    previewEvent({ event, record: record as never, previous: null, now }),
  );
  return {
    outcome: evaluation.outcome,
    facts: evaluation.facts,
    texts: evaluation.facts && planActions(rule, evaluation, words).map((step) => step.with?.['text']),
  };
}

describe('the value of an input', () => {
  it('is what is given, or else the default, in conditions, logic, texts, vars and keys', () => {
    const file = withInputs(
      'state: { type: text, value: Pending, default: Open }\n  least: { type: number, default: 3 }',
      '{ all: [{ field: matter.status, is: { input: state } }, { logic: { ">": [{ var: matter.id }, { var: inputs.least }] } }] }',
      '"{{inputs.state}} {{vars.both}}"',
    ).replace(
      'triggers:',
      "idempotency_key: '{{inputs.state}}:{{matter.id}}'\nvars:\n  both: 'at least {{inputs.least}}'\ntriggers:",
    );
    expect(findings(file)).toEqual([]);
    expect(decide(file, { id: 4, status: 'Pending' })).toMatchObject({
      outcome: 'matched',
      texts: ['Pending at least 3'],
      facts: { inputs: { state: 'Pending', least: 3 } },
    });
    expect(decide(file, { id: 4, status: 'Open' }).outcome).toBe('not_matched');
    expect(decide(file, { id: 3, status: 'Pending' }).outcome).toBe('not_matched');
  });

  it('may be a list, or an entry of one', () => {
    const whole = one(
      '{ type: list, value: [Open, Pending] }',
      '{ field: matter.status, in: { input: one } }',
    );
    const entry = one(
      '{ type: text, value: Open }',
      '{ field: matter.status, in: [Pending, { input: one }] }',
    );
    for (const file of [whole, entry]) {
      expect(findings(file)).toEqual([]);
      expect(decide(file, { id: 1, status: 'Open' }).outcome).toBe('matched');
      expect(decide(file, { id: 1, status: 'Closed' }).outcome).toBe('not_matched');
    }
  });

  it('may be what is added to a date', () => {
    const file = one(
      '{ type: duration, default: 3 days }',
      undefined,
      '{ add: { input: one }, to: "{{now}}" }',
    );
    expect(findings(file)).toEqual([]);
    expect(decide(file, { id: 1, status: 'Open' }).texts).toEqual(['2026-03-09']);
  });

  it('is checked as if it stood where it is named', () => {
    expect(
      findings(one('{ type: text, value: open }', '{ field: matter.status, is: { input: one } }')),
    ).toEqual(['R011 9:7']);
    const named = one(
      '{ type: text, value: Family }',
      '{ field: matter.practice_area.name, is: { input: one } }',
    );
    expect(check(named).rules[0]?.references).toEqual([{ kind: 'practice_area', name: 'Family' }]);
  });

  it('names records of the firm in steps as well', () => {
    const file = one('{ type: text, value: Filing }').replace(
      /action: log.write[^]*$/,
      `action: clio.task.create
    with: { name: Call, description: Now, matter: '{{matter.id}}', assignee: { role: responsible_attorney },
      task_type: { name: '{{inputs.one}}' }, due_at: { add: 1 day, to: '{{now}}' } }\n`,
    );
    expect(findings(file)).toEqual([]);
    expect(check(file).rules[0]?.references).toContainEqual({ kind: 'task_type', name: 'Filing' });
  });

  it('is a part of the version', () => {
    const versions = ['Open', 'Pending'].map(
      (value) =>
        check(one(`{ type: text, value: ${value} }`, '{ field: matter.status, is: { input: one } }')).rules[0]
          ?.hash,
    );
    expect(versions[0]).not.toBe(versions[1]);
  });

  it('may be left empty where that is said', () => {
    const test = '{ any: [{ field: matter.status, is: Open }, { field: inputs.one, exists: true }] }';
    const file = one('{ type: date, required: false }', test, `"{{default inputs.one 'none'}}"`);
    expect(findings(file)).toEqual([]);
    expect(decide(file, { id: 1, status: 'Open' }).texts).toEqual(['none']);
  });
});

describe('lint of inputs', () => {
  it.each([
    ['an input that is not there', one('{ type: text, value: a }', '{ field: matter.status, is: { input: onee } }'),
      'R010 9:29', 'There is no input "onee". Did you mean "one"?'],
    ['one in a text', one('{ type: text, value: a }', undefined, '"{{inputs.onee}}"'),
      'R022 13:13', 'There is no input "onee". Did you mean "one"?'],
    ['one in logic', one('{ type: text, value: a }', '{ logic: { "==": [{ var: inputs.onee }, a] } }'),
      'R010 9:25', 'There is no input "onee"'],
    ['no value', one('{ type: text }', undefined, '"{{inputs.one}}"'), 'R005 5:3', 'The input "one" has no value; write'],
    ['nothing to compare with', one('{ type: text, required: false }', '{ field: matter.status, is: { input: one } }'),
      'R005 9:29', 'The input "one" has no value, so nothing can be compared'],
    ['nothing to write', one('{ type: text, required: false }', undefined, '"{{inputs.one}}"'),
      'R022 13:13', '{{default inputs.one'],
    ['a value of another type', one('{ type: number, value: "3" }', undefined, '"{{inputs.one}}"'),
      'R005 5:24', 'write a number, without quotes'],
    ['no day', one('{ type: date, value: soon }', undefined, '"{{inputs.one}}"'), 'R005 5:22', 'write a date such as'],
    ['no duration', one('{ type: duration, value: soon }', undefined, '"{{inputs.one}}"'),
      'R005 5:26', 'write "3 days"'],
    ['a type that is none', one('{ type: txt, value: a }', undefined, '"{{inputs.one}}"'), 'R005 5:10', 'an input has a type, one of text, number'],
    ['no type', one('{ value: a }', undefined, '"{{inputs.one}}"'), 'R005 5:3', 'an input has a type'],
    ['no choice', one('{ type: list, value: [a, c], choices: [a, b] }', undefined, '"{{join inputs.one}}"'),
      'R011 5:22', '"c" is no choice of the input "one"; write one of a, b.'],
    ['a key that is none', one('{ type: text, vaule: a }', undefined, '"{{inputs.one}}"'), 'R001 5:22', 'Did you mean "value"?'],
    ['below an input', one('{ type: text, value: a }', undefined, '"{{inputs.one.name}}"'), 'R022 13:13', 'nothing below it'],
  ])('finds %s', (_, file, place, said) => {
    expect(findings(file)).toEqual([place]);
    expect(message(file)).toContain(said);
  }); // prettier-ignore

  it('says nothing of conditions that name an input with a mistake in it, but of the input', () => {
    expect(
      findings(one('{ type: number, value: x }', '{ field: matter.status, in: { input: one } }')),
    ).toEqual(['R005 5:24']);
    expect(findings(withInputs('{}', '{ field: matter.status, is: { input: one } }'))).toEqual(['R010 9:29']);
  });

  it('remarks an input that nothing reads', () => {
    const remarks = (file: string) =>
      check(file).rules[0]?.remarks.map(({ code, line, message: said }) => ({ code, line, said }));
    expect(remarks(one('{ type: text, value: a }'))).toContainEqual({
      code: 'R050',
      line: 5,
      said: 'Nothing reads the input "one"; use it as {{inputs.one}} or { input: one }, or take it out.',
    });
    const used = [
      one('{ type: text, value: Open }', '{ field: matter.status, is: { input: one } }'),
      one('{ type: text, value: Open }', undefined, '"{{inputs.one}}"'),
      one('{ type: text, value: Open }', '{ logic: { "!!": { var: inputs } } }'),
    ];
    for (const file of used)
      expect(
        remarks(file)
          ?.map(({ said }) => said)
          .join(),
      ).not.toContain('Nothing reads');
  });
});
