import { describe, expect, it } from '@jest/globals';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { runRuleTests } from '../../../src/rules/run-tests.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { instead } from '../../support/lint-rule.js';

const words = vocabulary();

interface Parts {
  schedule?: string;
  query?: string;
  more?: string;
  text?: string;
}
/** A sound rule about overdue bills, with parts of it changed. */
function rule({
  schedule = "{ cron: '30 8 * * 1-5', on_missed: once }",
  query = '{ resource: bill, filter: { state: awaiting_payment, overdue_only: true } }',
  more = 'limits: { max_records: 150 }\nidempotency_key: "{{event.record_id}}"',
  text = '{{bill.number}}',
}: Parts = {}): string {
  return `version: 1
id: overdue
name: Overdue bills
timezone: America/New_York
triggers:
  - schedule: ${schedule}
${query === '' ? '' : `    query: ${query}`}
actions:
  - id: first
    action: log.write
    with: { text: "${text}" }
${more}
`;
}
const told = (parts: Parts) =>
  parseRuleFile('r.yaml', rule(parts), words).diagnostics.map(({ code, message }) => `${code} ${message}`);
const codes = (parts: Parts) => told(parts).map((line) => line.slice(0, 4));
const filter = (text: string, resource = 'bill') =>
  told({ query: `{ resource: ${resource}, filter: { ${text} } }`, text: 'x' });

describe('the lint of schedules', () => {
  it('has nothing to say of a sound one', () => {
    expect(told({})).toEqual([]);
    expect(told({ query: '', text: 'Monday', more: '' })).toEqual([]);
  });

  it('R043: a time that never comes, or too often, or is none', () => {
    expect(told({ schedule: "{ cron: '0 8 30 2 *', on_missed: once }" })).toEqual([
      'R043 "0 8 30 2 *" never fires: there is no such day; correct the third and fourth field.',
    ]);
    expect(told({ schedule: "{ cron: '*/2 * * * *', on_missed: once }" })[0]).toMatch(/R043 .* 2 minutes/);
    expect(told({ schedule: "{ cron: 'at noon', on_missed: once }" })[0]).toMatch(
      /R043 .*it takes five fields/,
    );
  });

  it('R043: says what becomes of missed times, and of a time in a gap of the clock', () => {
    expect(told({ schedule: "{ cron: '30 8 * * 1-5' }" })).toEqual([
      'R043 What was missed while the engine was down is made up for once; write on_missed: once, skip or all.',
    ]);
    expect(told({ schedule: "{ cron: '30 2 * * *', on_missed: skip }" })[0]).toMatch(
      /R043 On 2026-03-08 there is no 02:30 in America\/New_York.*fires at 03:00 then/,
    );
    expect(codes({ schedule: "{ cron: '30 * * * *', on_missed: skip }" })).toEqual([]);
  });

  it('R043: holidays need a calendar', () => {
    expect(told({ schedule: "{ cron: '30 8 * * *', on_missed: once, holidays: skip }" })[0]).toMatch(
      /R043 "holidays: skip" .* give the rule a calendar/,
    );
  });

  it('R043: a schedule whose days are all closed', () => {
    const calendar = {
      name: 'firm',
      holidays: null,
      closures: [],
      working_days: [1],
      cut_off: null,
    };
    const text = rule({
      schedule: "{ cron: '0 8 * * 2', on_missed: once, holidays: skip }",
      more: 'limits: { max_records: 5 }\nidempotency_key: "{{bill.id}}"\ncalendar: firm',
    });
    const commons = { calendars: new Map([['firm', calendar]]), partials: new Map() };
    const { diagnostics } = parseRuleFile('r.yaml', text, words, commons);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '"0 8 * * 2" never fires with "holidays: skip": all its days are closed; choose other days, or "next_open_day".',
    ]);
  });

  it('R040 and R030: a query needs a cap and a key', () => {
    expect(codes({ more: '' })).toEqual(['R030', 'R040']);
  });

  it('two triggers by the clock have ids of their own', () => {
    const both = rule().replace('actions:', "  - schedule: { cron: '0 8 * * *' }\nactions:");
    expect(parseRuleFile('r.yaml', both, words).diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining('Two triggers are called "schedule"'),
    ]);
  });

  it.each([
    ['resource: bil', /R010 .*Did you mean "bill"/],
    ['resource: time_entry', /R010 No records can be asked for as "time_entry"/],
  ])('R010: %s', (resource, message) => {
    expect(told({ query: `{ ${resource} }`, text: 'x' })[0]).toMatch(message);
  });

  it.each([
    ['state: paied', 'bill', /R011 "state" takes draft.*Did you mean "paid"/],
    ['stat: paid', 'bill', /R010 A bill cannot be asked for by "stat".*Did you mean "state/],
    ['xyzzy: 1', 'bill', /R010 .*There are: .*due_within/],
    ['overdue_only: "yes"', 'bill', /R012 "overdue_only" takes true or false/],
    ['client_id: Doe', 'bill', /R012 "client_id" takes a whole number/],
    [
      'practice_area_id: Family',
      'matter',
      /R012 .* a whole number, or a name: { name: "..." }, and not "Family"/,
    ],
    ['practice_area_id: { user: a@b.example }', 'matter', /R012 "practice_area_id" takes a whole number/],
    ['client_id: { name: Doe }', 'bill', /R012 "client_id" takes a whole number, and not/],
    ['due_before: soon', 'bill', /R012 "due_before" takes a date/],
    ['due_within: soon', 'bill', /R012 "soon" is no length of time/],
    ['due_within: 3', 'bill', /R012 "due_within" takes a length of time/],
    ['no_activity_for: 0 days', 'matter', /R012 "0 days" is no time at all/],
    ['open_date: 2026-01-01', 'matter', /R012 "open_date" takes a comparison/],
    ['query: Doe', 'note', /R010 Clio wants to be told "type"/],
  ])('%s of a %s', (text, resource, message) => {
    expect(filter(text, resource)[0]).toMatch(message);
  });

  it.each([
    ['due_before: 2026-01-01, due_within: 3 days', 'bill'],
    ['statuses: [pending, in_review]', 'task'],
    ["open_date: '<=2026-01-01', no_activity_for: 30 days, query: Doe", 'matter'],
    ['type: Matter', 'note'],
    ['practice_area_id: { name: Family }, responsible_attorney_id: { user: ada@firm.example }', 'matter'],
    ['task_type_id: { name: Filing }, assignee_id: { name: Ada Reed }', 'task'],
  ])('%s is a good filter of a %s', (text, resource) => {
    expect(filter(text, resource)).toEqual([]);
  });
});

describe('what is asked for on our side', () => {
  const accepts = (text: string, resource: string, record: object, now = '2026-11-28T12:00:00Z') => {
    const parts = { query: `{ resource: ${resource}, filter: { ${text} } }`, text: 'x' };
    const [schedule] = RuleBook.of([parseRuleFile('r.yaml', rule(parts), words)]).schedules();
    return schedule?.query?.accepts(record as never, new Date(now));
  };

  it.each([
    ['no_activity_for: 30 days', 'matter', { last_activity_date: '2026-10-29' }, true],
    ['no_activity_for: 30 days', 'matter', { last_activity_date: '2026-10-30' }, false],
    [
      'no_activity_for: 30 days',
      'matter',
      { last_activity_date: null, created_at: '2026-01-01T00:00:00Z' },
      true,
    ],
    ['due_within: 3 days', 'bill', { due_at: '2026-12-01' }, true],
    ['due_within: 3 days', 'bill', { due_at: '2026-12-02' }, false],
    ['due_within: 3 days', 'bill', { due_at: '2026-11-27' }, false],
    ['due_within: 3 days', 'bill', { due_at: null }, false],
    ['overdue_for: 2 days', 'bill', { due_at: '2026-11-26' }, true],
    ['overdue_for: 2 days', 'bill', { due_at: 'soon' }, false],
  ])('%s of a %s %j: %s', (text, resource, record, expected) => {
    expect(accepts(text, resource, record)).toBe(expected);
  });

  it('a list stays a list at Clio, also when one value is written', () => {
    const parts = { query: '{ resource: task, filter: { statuses: pending, complete: false } }', text: 'x' };
    const [schedule] = RuleBook.of([parseRuleFile('r.yaml', rule(parts), words)]).schedules();
    expect(schedule?.query?.filter).toEqual({ statuses: ['pending'], complete: false });
  });
});

describe('what a query names in place of an id', () => {
  it('is looked up when it is asked, and its name is kept watch over', () => {
    const text = 'practice_area_id: { name: Family }, responsible_attorney_id: { user: ada@firm.example }';
    const parts = { query: `{ resource: matter, filter: { ${text}, status: open } }`, text: 'x' };
    const book = RuleBook.of([parseRuleFile('r.yaml', rule(parts), words)]);
    expect(book.schedules()[0]?.query).toMatchObject({
      filter: { status: 'open' },
      named: {
        practice_area_id: { kind: 'practice_area', name: 'Family' },
        responsible_attorney_id: { kind: 'user', name: 'ada@firm.example' },
      },
    });
    expect(book.references().map(({ kind, name }) => `${kind}:${name}`)).toEqual([
      'practice_area:Family',
      'user:ada@firm.example',
    ]);
  });
});

describe('a rule by the clock or by hand', () => {
  const manual = rule().replace(/ {2}- schedule.*\n.*query.*\n/, '  - { manual: true }\n');

  it('needs no webhooks, and what it reads is known', () => {
    for (const text of [rule(), manual]) {
      const book = RuleBook.of([parseRuleFile('r.yaml', text, words)]);
      expect(book.broken).toEqual([]);
      expect([...book.needs().keys()]).toEqual([]);
      expect([...(book.find('overdue')?.needs.get('bill')?.paths ?? [])]).toEqual(['number']);
    }
  });

  it('by hand it must read something', () => {
    const blind = manual.replace('{{bill.number}}', 'x');
    expect(parseRuleFile('r.yaml', blind, words).diagnostics.map(({ code }) => code)).toContain('R010');
  });

  it('is tried on a record without an event, by the id of its trigger where there are several', () => {
    const tests = (extra = '') =>
      `tests:\n  - { name: a bill, ${extra}now: '2026-04-17T08:30:00', record: { id: 5, number: '7' }, expect: { outcome: matched, actions: [{ id: first, with: { text: '7' } }] } }\n`;
    const results = (text: string) => {
      const [compiled] = parseRuleFile('r.yaml', text, words).rules;
      return compiled === undefined ? [] : runRuleTests(compiled, words).map(({ message }) => message);
    };
    expect(results(rule() + tests())).toEqual(['']);
    expect(results(manual + tests())).toEqual(['']);
    const several = rule().replace('actions:', '  - { manual: true }\n  - { event: bill.updated }\nactions:');
    expect(results(several + tests())[0]).toMatch(/several triggers: say which "event" or "trigger"/);
    expect(results(several + tests('trigger: manual, '))).toEqual(['']);
    expect(results(several + tests('trigger: manuel, '))[0]).toMatch(/Did you mean "manual"/);
  });

  it('a broken file keeps its times, and asks for nothing', () => {
    const good = parseRuleFile('r.yaml', rule(), words);
    const lastGood = good.rules[0];
    const broken = { id: 'overdue', name: null, file: 'r.yaml', source: '', hash: '', diagnostics: [] };
    const book = new RuleBook([], [lastGood === undefined ? broken : { ...broken, lastGood }]);
    expect(book.schedules().map(({ isAsleep }) => isAsleep(new Date(0)))).toEqual([true]);
    expect(book.lostRule('overdue')?.lastGood).toBe(lastGood);
  });

  it('an unknown key names what is meant', () => {
    const text = instead('{ id: created, event: matter.created }', "{ schedule: { crn: '0 8 * * *' } }");
    expect(parseRuleFile('r.yaml', text, words).diagnostics.map(({ message }) => message)).toContain(
      'There is no key "crn" here. Did you mean "cron"?',
    );
  });
});
