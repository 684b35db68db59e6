import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arithmeticOf } from '../../../src/rules/arithmetic-of.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { loadRules } from '../../../src/rules/load-rules.js';
import { previewEvent } from '../../../src/rules/preview-event.js';
import { eventNamed } from '../../../src/rules/rule-vocabulary.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { planActions, runRuleTests } from '../../../src/rules/run-tests.js';
import { storedRule } from '../../../src/rules/stored-rule.js';
import { watchRules } from '../../../src/rules/watch-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { TestClock } from '../../support/test-clock.js';

const words = vocabulary();

const RULE = `version: 1
id: by-calendar
name: By calendar
timezone: America/New_York
calendar: firm-us-ny
triggers:
  - { event: matter.created }
conditions:
  - logic: { '<': [{ business_days_between: [{ var: matter.open_date }, { var: now }] }, 3] }
actions:
  - id: note
    action: log.write
    with: { text: "{{> greeting}} It is due on {{business_days 5 '2026-07-01'}}." }
  - id: task
    action: clio.task.create
    with:
      name: Check
      matter: '{{matter.id}}'
      due_at: { add: 5 business_days, to: '{{now}}' }
tests:
  - name: around Independence Day
    now: '2026-07-01T10:00:00'
    record: { id: 1, display_number: 00001-Doe, open_date: '2026-07-01' }
    expect:
      outcome: matched
      actions:
        - { id: note, with: { text: "Matter 00001-Doe. It is due on 2026-07-09." } }
        - { id: task, with: { due_at: '2026-07-09' } }
`;
const CALENDAR = 'version: 1\nholidays: { country: US, state: NY }\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'praetor-commons-'));
  mkdirSync(join(folder, 'calendars'));
  mkdirSync(join(folder, 'templates'));
  write('rule.yaml', RULE);
  write('calendars/firm-us-ny.yaml', CALENDAR);
  write('templates/greeting.hbs', 'Matter {{matter.display_number}}.\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const load = () => loadRules(folder, words);
const ruleIn = (book: RuleBook) => {
  const rule = book.find('by-calendar');
  if (rule === undefined)
    throw new RangeError(JSON.stringify(book.broken.map(({ diagnostics }) => diagnostics)));
  return rule;
};
const problems = async () =>
  (await load()).broken.flatMap(({ diagnostics }) =>
    diagnostics.map(
      ({ code, file, line, column, message }) =>
        `${code} ${file.slice(folder.length + 1)}:${line}:${column} ${message}`,
    ),
  );

describe('a rule with a calendar and a partial', () => {
  it('counts by the one and writes the other, also in its tests', async () => {
    const rule = ruleIn(await load());
    expect(rule.warnings).toEqual([]);
    expect(runRuleTests(rule, words)).toEqual([
      expect.objectContaining({ name: 'around Independence Day', passed: true, message: '' }),
    ]);
  });

  it('takes no byte order mark into its texts', async () => {
    write('templates/greeting.hbs', '\ufeffMatter {{matter.display_number}}.\r\n');
    write('calendars/firm-us-ny.yaml', `\ufeff${CALENDAR}`);
    expect(runRuleTests(ruleIn(await load()), words)).toMatchObject([{ passed: true, message: '' }]);
  });

  it.each(['templates/greeting.hbs', 'calendars/firm-us-ny.yaml'])(
    'says that %s is not UTF-8 before it writes anything of it',
    async (name) => {
      writeFileSync(join(folder, name), Buffer.from('# Gr\xfc\xdfe\n', 'latin1'));
      expect((await problems())[0]).toBe(
        `R000 ${name}:1:1 The file is not UTF-8; save it with that encoding.`,
      );
    },
  );

  it('is the same rule when it comes back from where its version is kept, whatever the folder has by then', async () => {
    const rule = ruleIn(await load());
    const { hash, source } = rule;
    const document = JSON.parse(JSON.stringify(rule.document)) as typeof rule.document;
    const kept = storedRule(rule.file, { hash, document, source }, words);
    expect(kept).toMatchObject({ hash, source, calendar: rule.calendar, rule: rule.rule });
    expect(storedRule(rule.file, { hash: 'another', document, source }, words)).toBeUndefined();
  });

  it('shows the arithmetic in the explanation and with the steps', async () => {
    const rule = ruleIn(await load());
    const record = { id: 1, display_number: '1', open_date: '2026-07-01' };
    const now = new Date('2026-07-06T14:00:00Z');
    const event = eventNamed('matter.created', words);
    const evaluation = evaluateRule(rule, previewEvent({ event, record, previous: null, now }));
    expect(evaluation.outcome).toBe('matched');
    const skips = 'skips 3 July Independence Day (observed), 4-5 July weekend';
    expect(renderVerdict(evaluation.explanation!).at(-1)).toBe(
      `  · 2 business days from 1 July 2026 to 6 July 2026: ${skips} (calendar firm-us-ny)`,
    );
    // What a run was frozen with is all that is needed, also after the calendar has changed.
    const facts = JSON.parse(JSON.stringify(evaluation.facts)) as NonNullable<typeof evaluation.facts>;
    const stories = rule.steps.map(({ spec }) => arithmeticOf(spec.with, facts));
    expect(stories).toEqual([
      [`5 business days from 1 July 2026: ${skips}; ends on 9 July 2026 (calendar firm-us-ny)`],
      [
        '5 business days from 6 July 2026: skips 11-12 July weekend; ends on 13 July 2026 (calendar firm-us-ny)',
      ],
    ]);
    expect(planActions(rule, { ...evaluation, facts }, words)[1]?.with).toMatchObject({
      due_at: '2026-07-13',
    });
  });

  it('is another version when either changes, and no other when a comment does', async () => {
    const before = ruleIn(await load()).hash;
    write('calendars/firm-us-ny.yaml', `# A comment\n${CALENDAR}`);
    expect(ruleIn(await load()).hash).toBe(before);
    write('calendars/firm-us-ny.yaml', `${CALENDAR}cut_off: '17:00'\n`);
    const later = ruleIn(await load()).hash;
    expect(later).not.toBe(before);
    write('templates/greeting.hbs', 'The matter {{matter.display_number}}.\n');
    expect(ruleIn(await load()).hash).not.toBe(later);
  });

  it('is told to name its timezone where the calendar has a cut-off', async () => {
    write('calendars/firm-us-ny.yaml', `${CALENDAR}cut_off: '17:00'\n`);
    write('rule.yaml', RULE.replace('timezone: America/New_York\n', ''));
    expect(ruleIn(await load()).warnings).toMatchObject([
      {
        code: 'R015',
        severity: 'warning',
        line: 4,
        message: expect.stringContaining('give the rule a timezone'),
      },
    ]);
  });
});

describe('what is wrong with a calendar', () => {
  it('stops the rules that name it, and says where it would stand', async () => {
    write('rule.yaml', RULE.replace('calendar: firm-us-ny', 'calendar: firm-us-my'));
    expect(await problems()).toEqual([
      'R015 rule.yaml:5:1 There is no calendar "firm-us-my"; it would stand in calendars/firm-us-my.yaml. Did you mean "firm-us-ny"?',
    ]);
  });

  it('is told in its own file, and with the rules that name it', async () => {
    write('calendars/firm-us-ny.yaml', 'version: 1\ncut_of: x\n');
    expect(await problems()).toEqual([
      'R001 calendars/firm-us-ny.yaml:2:1 There is no key "cut_of" here. Did you mean "cut_off"?',
      'R015 rule.yaml:5:1 The calendar "firm-us-ny" cannot be used; correct its file first.',
    ]);
  });

  it('is a name that two files have, or that no rule could write', async () => {
    write('calendars/firm-us-ny.yml', CALENDAR);
    write('calendars/My Firm.yaml', CALENDAR);
    const found = (await problems()).join('\n');
    expect(found).toContain('R006 calendars/firm-us-ny.yml:1:1 Another file is named "firm-us-ny" already');
    expect(found).toContain('R005 calendars/My Firm.yaml:1:1 The name "My Firm" must have small letters');
  });
});

it('writes a partial out in the steps after a failure too', async () => {
  const step =
    "on_failure:\n  - { id: told, action: log.write, with: { text: '{{> greeting}} {{run.error.code}}' } }\n";
  write('rule.yaml', RULE.replace('tests:', `${step}tests:`));
  expect(ruleIn(await load()).rule.on_failure).toMatchObject([
    { with: { text: 'Matter {{matter.display_number}}. {{run.error.code}}' } },
  ]);
});

describe('what is wrong with a partial', () => {
  it.each([
    [
      'There is no partial "greting"; it would stand in templates/greting.hbs. Did you mean "greeting"?',
      '{{> greting}}',
      'x',
    ],
    [
      'The partial "greeting" leads back to itself: greeting > greeting. Take one of them out.',
      '{{> greeting}}',
      '{{> greeting}}',
    ],
    ['There is no "matter.nmae".', '{{> greeting}}', '{{matter.nmae}}'],
    ['A partial is written {{> name}}, with nothing but its name', '{{> greeting matter}}', 'x'],
    ['{{#if}} blocks are open', '{{> greeting}}', '{{#if matter.id}}'],
    ['There is no helper "mony". Did you mean "money"?', '{{> greeting}}', '{{mony 1}}'],
  ])('is %s', async (message, text, partial) => {
    write('rule.yaml', RULE.replace('{{> greeting}}', text));
    write('templates/greeting.hbs', partial);
    const found = await problems();
    const [first = ''] = found;
    expect(first).toMatch(/^R022 (rule\.yaml:13:13|templates\/greeting\.hbs:1:\d+) /);
    if (!message.startsWith('{{#if}}')) expect(first).toContain(message);
    expect(found.at(-1)).toMatch(/^R022 rule\.yaml/);
  });

  it('is that partials in partials grow without end', async () => {
    write('templates/greeting.hbs', '{{> a}}'.repeat(100));
    write('templates/a.hbs', '{{> b}}'.repeat(100));
    write('templates/b.hbs', '');
    expect(await problems()).toEqual([
      expect.stringContaining('more than 100000 characters or 1000 partials. Shorten it.'),
    ]);
  });

  it('is nothing in a block, where it reads the entry', async () => {
    write(
      'templates/greeting.hbs',
      '{{#each matter.custom_field_values}}{{> one}}{{/each}}Matter {{matter.display_number}}.',
    );
    write('templates/one.hbs', '{{id}}');
    expect(await problems()).toEqual([]);
  });
});

it('reloads the rules when a calendar or a partial changes, also in a folder that comes later', async () => {
  const clock = new TestClock();
  const books: RuleBook[] = [];
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve));
  };
  const next = async () => {
    const count = books.length;
    await until(() => clock.waiting > 0);
    while (books.length === count) {
      await clock.advance(300);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return ruleIn(books.at(-1)!).hash;
  };
  rmSync(join(folder, 'templates'), { recursive: true });
  write('rule.yaml', RULE.replace('{{> greeting}} ', ''));
  const before = ruleIn(await load()).hash;
  const stop = watchRules(folder, words, clock, ({ files }) => books.push(RuleBook.of(files)));
  write('calendars/firm-us-ny.yaml', `${CALENDAR}cut_off: '17:00'\n`);
  expect(await next()).not.toBe(before);
  mkdirSync(join(folder, 'templates'));
  const after = await next();
  write('templates/greeting.hbs', 'Hello');
  expect(await next()).toBe(after);
  stop();
});
