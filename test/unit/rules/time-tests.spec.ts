import { describe, expect, it } from '@jest/globals';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { previewEvent } from '../../../src/rules/preview-event.js';
import { eventNamed } from '../../../src/rules/rule-vocabulary.js';
import type { CompiledRule } from '../../../src/rules/compiled-rule.js';
import type { JsonObject } from '../../../src/lib/json.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, condition, message } from '../../support/lint-rule.js';

const words = vocabulary();
const NOW = '2026-11-30T15:00:00Z';

function ruleWith(test: string, event = 'matter.updated'): CompiledRule {
  const text = condition(test).replace('matter.created', event);
  const { rules, diagnostics } = parseRuleFile('r.yaml', text, words);
  const [rule] = rules;
  if (rule === undefined) throw new SyntaxError(JSON.stringify(diagnostics));
  return rule;
}

interface Given {
  record: JsonObject;
  previous?: JsonObject | null;
  versions?: JsonObject[];
  trigger?: string;
  now?: string;
}
function evaluate(test: string, { record, previous = null, versions, trigger, now = NOW }: Given) {
  const event = eventNamed('matter.updated', words);
  const input = previewEvent({ event, record, previous, now: new Date(now) });
  // As when it is looked at again: the record as it is.
  return evaluateRule(ruleWith(test), { ...input, versions, trigger: trigger ?? 'created' });
}
const answer = (test: string, record: JsonObject) => {
  const { outcome, missing } = evaluate(test, { record });
  return [outcome, ...missing].join(' ');
};

describe('older_than and within_next', () => {
  const closed = (over: string) => `{ field: matter.close_date, ${over} }`;
  const made = (over: string) => `{ field: matter.created_at, ${over} }`;

  it.each([
    [closed('older_than: 30 days'), { close_date: '2026-10-31' }, 'matched'],
    [closed('older_than: 30 days'), { close_date: '2026-11-01' }, 'not_matched'],
    [closed('within_next: 3 days'), { close_date: '2026-11-30' }, 'matched'],
    [closed('within_next: 3 days'), { close_date: '2026-12-03' }, 'matched'],
    [closed('within_next: 3 days'), { close_date: '2026-12-04' }, 'not_matched'],
    [closed('within_next: 3 days'), { close_date: '2026-11-29' }, 'not_matched'],
    // Monday 30 November: the third business day after is Thursday.
    [closed('within_next: 3 business_days'), { close_date: '2026-12-03' }, 'matched'],
    [closed('older_than: 1 business_day'), { close_date: '2026-11-27' }, 'matched'],
    [made('older_than: PT2H'), { created_at: '2026-11-30T13:00:00Z' }, 'matched'],
    [made('older_than: 2 hours'), { created_at: '2026-11-30T13:00:01Z' }, 'not_matched'],
    [closed('older_than: 1 day'), { close_date: null }, 'unknown matter.close_date'],
    [closed('older_than: 1 day'), {}, 'unknown matter.close_date'],
    [closed('older_than: 1 day'), { close_date: 'soon' }, 'unknown matter.close_date'],
  ])('%s of %j: %s', (test, record, expected) => {
    expect(answer(test, record)).toBe(expected);
  });

  it('say what they looked at', () => {
    const { explanation } = evaluate(closed('within_next: 3 days'), { record: { close_date: '2026-12-09' } });
    expect(explanation === null ? [] : renderVerdict(explanation)).toContain(
      '  ✗ matter.close_date comes within the next 3 days (it is 2026-12-09)',
    );
  });

  it('lint asks for dates, and for a length of time', () => {
    expect(message(condition('{ field: matter.status, older_than: 3 days }'))).toMatch(
      /"older_than" does not fit matter.status, which is a text; it counts from a date/,
    );
    expect(message(condition('{ field: matter.open_date, within_next: soon }'))).toMatch(/no length of time/);
    expect(message(condition('{ field: matter.open_date, older_than: -1 day }'))).toMatch(/no time at all/);
    expect(check(condition('{ field: matter.open_date, older_than: 1 day }')).diagnostics).toEqual([]);
  });
});

describe('held_for', () => {
  const HELD = '{ field: matter.status, held_for: 3 days }';
  const version = (day: number, status: string, over: JsonObject = {}): JsonObject => ({
    status,
    updated_at: `2026-11-${String(day).padStart(2, '0')}T15:00:00Z`,
    ...over,
  });

  it.each([
    ['a record that nobody has changed for so long', version(20, 'Open'), [], 'matched'],
    ['what was the same long enough ago', version(29, 'Open'), [version(20, 'Open')], 'matched'],
    ['a change that is long enough ago', version(27, 'Open'), [version(1, 'Pending')], 'matched'],
    ['a change that is not', version(28, 'Open'), [version(1, 'Pending')], 'not_matched'],
    [
      'a change and its taking back',
      version(29, 'Open'),
      [version(28, 'Pending'), version(1, 'Open')],
      'not_matched',
    ],
    [
      'a record that is not so old',
      version(29, 'Open', { created_at: '2026-11-29T15:00:00Z' }),
      [],
      'not_matched',
    ],
    ['what was not looked at before', version(29, 'Open'), [], 'unknown matter.status'],
    [
      'a version that lacks the field',
      version(29, 'Open'),
      [{ updated_at: '2026-11-01T00:00:00Z' }],
      'unknown matter.status',
    ],
    ['a version without a time', version(29, 'Open'), [{ status: 'Open' }], 'unknown matter.status'],
    ['a record without a time', { status: 'Open' }, [], 'unknown matter.status'],
    ['a time that is none', { status: 'Open', updated_at: 'soon' }, [], 'unknown matter.status'],
    ['no value', { status: null, updated_at: '2026-11-01T00:00:00Z' }, [], 'unknown matter.status'],
  ])('%s', (_, record, versions, expected) => {
    const { outcome, missing } = evaluate(HELD, { record, versions });
    expect([outcome, ...missing].join(' ')).toBe(expected);
  });

  it('Clio says itself since when a matter is in its stage', () => {
    const test = '{ field: matter.matter_stage.name, held_for: 3 days }';
    const record = (at: string) => ({
      matter_stage: { id: 1, name: 'Discovery' },
      matter_stage_updated_at: at,
    });
    expect(evaluate(test, { record: record('2026-11-27T15:00:00Z') }).outcome).toBe('matched');
    expect(evaluate(test, { record: record('2026-11-27T15:00:01Z') }).outcome).toBe('not_matched');
    expect([...(ruleWith(test).needs.get('matter')?.paths ?? [])]).toContain('matter_stage_updated_at');
  });

  it('an association that was only renamed is the same', () => {
    const test = '{ field: matter.practice_area.name, held_for: 3 days }';
    const area = (name: string, day: number) => version(day, 'Open', { practice_area: { id: 1, name } });
    const { outcome } = evaluate(test, { record: area('Family', 29), versions: [area('Families', 20)] });
    expect(outcome).toBe('matched');
    const none = { practice_area: null };
    const emptied = evaluate(test, { record: area('Family', 29), versions: [version(20, 'Open', none)] });
    expect(emptied.outcome).toBe('not_matched');
  });

  it('says when it will be long enough, when nothing but time is missing', () => {
    const record = version(29, 'Open');
    const { recheck } = evaluate(HELD, { record, versions: [version(1, 'Pending')] });
    expect(recheck).toEqual({
      at: Date.parse('2026-12-02T15:00:00Z'),
      about: ['["matter.status","Open","3 days"]'],
    });
    const both = `{ all: [${HELD}, { field: matter.description, is: x }] }`;
    expect(evaluate(both, { record: { ...record, description: 'y' } }).recheck).toBeNull();
    expect(evaluate(both, { record: { ...record, description: 'x' } }).recheck?.at).toBe(
      Date.parse('2026-12-02T15:00:00Z'),
    );
    const longer = `{ all: [${HELD}, { field: matter.status, held_for: 5 days }] }`;
    expect(evaluate(longer, { record, versions: [version(1, 'Pending')] }).recheck?.at).toBe(
      Date.parse('2026-12-04T15:00:00Z'),
    );
    expect(evaluate(HELD, { record: version(20, 'Open') }).recheck).toBeNull();
    expect(evaluate(HELD, { record: { status: 'Open' } }).recheck).toBeNull();
  });

  it('lint asks for a field of the record itself', () => {
    expect(message(condition('{ field: previous.status, held_for: 3 days }'))).toMatch(
      /Only of the record itself/,
    );
    expect(message(condition('{ field: matter.client, held_for: 3 days }'))).toMatch(/name a field of it/);
  });
});
