import { describe, expect, it } from '@jest/globals';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';

const RULE = `version: 1
id: intake-call
name: Intake call
owner: ann@firm.example
triggers:
  - { id: created, event: matter.created }
conditions:
  - { field: matter.status, is: Open }
actions:
  - id: call
    action: clio.task.create
    with:
      name: "Intake call - {{matter.display_number}}"
      description: "Client: {{matter.client.name}}"
      matter: "{{matter.id}}"
      assignee: { role: responsible_attorney }
      due_at: { add: 1 business_day, to: "{{now}}" }
tests:
  - name: an open matter
    now: "2026-03-06T15:50:00Z"
    event: matter.created
    record: { id: 7, status: Open, display_number: 00007-Doe, client: { name: Jane Doe } }
    expect: { outcome: matched }
`;
const TRIGGER = '  - { id: created, event: matter.created }\n';
const TEST = '  - { field: matter.status, is: Open }\n';
const STEP = RULE.slice(RULE.indexOf('  - id: call'), RULE.indexOf('tests:'));

/** The rule with one text in place of another. */
function swap(text: string, other: string, rule = RULE): string {
  if (!rule.includes(text)) throw new RangeError(`The rule has no ${text}.`);
  return rule.replace(text, () => other);
}
const words = (...pairs: [string, string][]) =>
  pairs.reduce((rule, [ours, theirs]) => swap(`\n${ours}:`, `\n${theirs}:`, rule), RULE);

/** `12:5 "clio.task.create" stands behind ...`, a line for each finding. */
function said(source: string): string[] {
  const { diagnostics } = parseRuleFile('r.yaml', source, vocabulary());
  return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const LOOKING = swap(
  'conditions:\n',
  'lookups: { open: { resource: task, filter: { matter_id: "{{matter.id}}" } } }\nconditions:\n  - { field: lookups.open.count, is: 0 }\n',
);
const FOUND: [mock: string, finding: string][] = [
  ['opne: {}', 'there is no step or lookup of that name. Did you mean "open"?'],
  [
    'lookups: { open: {} }',
    'stands in "mocks" by their names, without "lookups" around it: mocks: { open: { items: [] } }.',
  ],
  ['open: { items: { id: 1 } }', '23:22 "open" finds a list; write "items" as [{ … }]'],
  ['open: { items: [1] }', '"open" finds records, and items.0 is none; write { id: 1, … }.'],
  ['open: { items: [{ nmae: x }] }', 'items.0.nmae is no field of task. Did you mean "name"?'],
  ['open: { first: { nmae: x } }', 'first.nmae is no field of task. Did you mean "name"?'],
];
const OCCASION = '    event: matter.created\n    record: { id: 7, status: Open';
const log = (text: string) => `{ action: log.write, with: { text: "${text}" } }`;
const LOG = log('x');
const ASK = '{ approval: { by: "role:responsible_attorney" } }';
/** The rule with a step that writes a text, behind others. */
const writing = (text: string, ...before: string[]) =>
  swap(STEP, [...before, log(text)].map((one) => `  - ${one}\n`).join(''));

/** A schedule that gives records, beside other triggers. */
const DAILY =
  '  - { schedule: { cron: "0 8 * * *", on_missed: once }, query: { resource: matter } }\nlimits: { max_records: 9 }\n';
const DAYS = swap('conditions:\n', 'inputs: { days: { type: duration, value: 3 days } }\nconditions:\n');
const KEY = 'idempotency_key: "{{matter.id}}"\n';
const PLANNED_KEY = swap(
  'conditions:\n',
  'idempotency_key: "{{matter.id}}:{{event.planned_at}}"\nconditions:\n',
);

const TABLE: Record<string, [what: string, source: string, ...findings: string[]][]> = {
  conditions: [
    [
      'a field and its test as two entries',
      swap(TEST, '  - field: matter.status\n  - is: Open\n'),
      '9:5 "is" belongs to the field in the entry above it, without a "- " of its own; write - { field: matter.status, is: Open }.',
    ],
    [
      'a path as a key of a map',
      swap(`\n${TEST}`, ' { matter.status: Open }\n'),
      '7:15 "matter.status" is a path, and a path stands behind "field"; write - { field: matter.status, is: Open }.',
    ],
    [
      'a path as a key with several values',
      swap(TEST, '  - matter.status: [Open, Pending]\n'),
      '8:5 "matter.status" is a path, and a path stands behind "field"; write - { field: matter.status, in: [Open, Pending] }.',
    ],
    [
      'a path as a key with an operator',
      swap(TEST, '  - matter.status: { is_not: Closed }\n'),
      'write - { field: matter.status, is_not: Closed }.',
    ],
    [
      'a sentence',
      swap(TEST, '  - matter.status is Closed\n'),
      '8:5 A condition is a map with a path and what is asked of it; write - { field: matter.status, is: Closed }.',
    ],
    [
      'an expression',
      swap(`\n${TEST}`, ' "{{matter.status}} == \'Closed\'"\n'),
      '7:1 A condition is a map with a path and what is asked of it; write - { field: matter.status, is: Closed }.',
    ],
    [
      'a sentence behind if',
      swap('    action:', '    if: only new matters\n    action:'),
      '11:5 A condition is a map with a path and what is asked of it; write - { field: matter.status, is: Open }.',
    ],
    [
      'or',
      swap(TEST, `  - or:\n    ${TEST}`),
      '8:5 There is no "or"; the word is "any", with a list of conditions.',
    ],
    ['and', swap(TEST, `  - and:\n    ${TEST}`), '8:5 There is no "and"; the word is "all"'],
    [
      'a sentence inside of any',
      swap(TEST, '  - any: [matter.status is Open]\n'),
      'A condition is a map with a path and what is asked of it',
    ],
    [
      'several values behind is',
      swap('is: Open', 'is: [Open, Pending]'),
      '8:29 "is" takes one value; for one of several write in: [Open, Pending].',
    ],
    [
      'an operator with nothing behind it',
      swap('is: Open', 'is:'),
      '8:29 Nothing stands behind "is:", which is null; write a value, or null if that is meant.',
    ],
    [
      'an operator in the value',
      swap('is: Open', 'is: =Open'),
      'Leave the "=" away: the operator is the key before it. Did you mean "Open"?',
    ],
    [
      'braces around a path',
      swap('field: matter.status', 'field: "{{ matter.status }}"'),
      '8:7 A path has no braces here; write matter.status.',
    ],
    [
      'a number in quotes',
      swap(TEST, '  - { field: matter.id, gt: "5" }\n'),
      '8:7 matter.id: "5" is not a whole number. Write it without quotes: 5.',
    ],
    [
      'true in quotes',
      swap(TEST, '  - { field: matter.billable, is: "true" }\n'),
      'Write true, without quotes.',
    ],
    [
      'another word for false',
      swap(TEST, '  - { field: matter.billable, is: no }\n'),
      '"no" is not true or false. Write false, without quotes.',
      '8:35 no is a text here, and false to other tools; write false, or put quotes around it if the text is meant.',
    ],
    [
      'an amount with its sign',
      swap(TEST, '  - { field: matter.id, gt: $1,000.00 }\n').replace('$1,000.00', '"$1,000.00"'),
      'matter.id: "$1,000.00" is not a whole number. Write it with digits alone: 1000.00.',
    ],
    [
      'a comma in a number',
      swap(TEST, '  - { field: matter.id, gt: 1,050 }\n'),
      '8:31 A comma ends the number; write gt: 1050.',
    ],
    [
      'a field that the firm has added',
      swap(TEST, '  - { field: matter.VIP, is: true }\n'),
      'There is no "matter.VIP". A field that your firm has added is "matter.custom_fields.VIP".',
    ],
    [
      'a pattern that is none',
      swap('is: Open', 'matches: "(["'),
      '8:29 conditions/all/0/matches: "([" is no regular expression that can be used (missing closing ]: `[`). Correct it',
    ],
    [
      'a date in words',
      swap(TEST, '  - { field: matter.open_date, gt: today }\n'),
      'Write it like "2026-04-01".',
    ],
    [
      'a test without field',
      swap('field: matter.status, ', ''),
      '8:5 "conditions/0/field" is missing. Write what is tested, such as { field: matter.status, is: Open }.',
    ],
  ],
  triggers: [
    [
      'an event alone',
      swap(`\n${TRIGGER}`, ' matter.created\n'),
      '5:1 "triggers" is a list; write - { event: matter.created } below it.',
    ],
    [
      'an event as an entry',
      swap(TRIGGER, '  - matter.created\n'),
      '6:5 A trigger is a map; write - { event: matter.created }.',
    ],
    [
      'a map',
      swap(TRIGGER, '  event: matter.created\n'),
      '5:1 "triggers" is a list: put "- " before the first line of each trigger.',
    ],
    [
      'a number',
      swap(TRIGGER, '  - 5\n'),
      '"triggers/0" does not fit: a trigger is a map with one of event, schedule, manual.',
    ],
    ['another event', swap('matter.created', 'matter.create'), 'Did you mean "created"?'],
    [
      'a capital, beside an event that ends runs',
      swap(
        'tests:\n',
        'cancel_when: [{ event: matter.closed }]\ntests:\n',
        swap('matter.created', 'Matter.created'),
      ),
      '6:20 Changes of "Matter" are not taken in. Did you mean "matter"?',
    ],
    [
      'cron alone',
      swap(TRIGGER, '  - cron: "0 8 * * *"\n'),
      '6:5 "cron" stands in a "schedule"; write schedule: { cron: "30 8 * * 1-5", on_missed: once }.',
    ],
    [
      'an hour that no day has',
      swap(TRIGGER, '  - schedule: { cron: "0 25 * * *", on_missed: once }\n'),
      '"0 25 * * *" is no cron expression (there is no hour 25); write minute, hour,',
      ...Array<string>(4).fill('Nothing is known as "matter" here'),
      'No trigger of the rule has the event',
    ],
    [
      'every minute',
      swap(TRIGGER, '  - schedule: { cron: "* * * * *", on_missed: once }\n'),
      'fires 1 minute after the time before; 5 minutes apart is the least',
      ...Array<string>(4).fill('Nothing is known as "matter" here'),
      'No trigger of the rule has the event',
    ],
    [
      'a star without quotes',
      swap(TRIGGER, '  - schedule: { cron: * 8 * * *, on_missed: once }\n'),
      '6:23 A text that starts with * or & needs quotes around it.',
    ],
    [
      'a schedule alone beside an event',
      swap(TRIGGER, `${TRIGGER}  - schedule: { cron: "0 8 * * *", on_missed: once }\n`),
      '7:5 By this schedule alone the rule is about no record, and "matter" is not there; add query: { resource: matter } to it, or make two rules.',
    ],
    [
      'a schedule alone',
      swap(TRIGGER, '  - schedule: { cron: "0 8 * * *", on_missed: once }\n'),
      ...Array<string>(4).fill('add query: { resource: matter } to its schedule.'),
      'No trigger of the rule has the event "matter.created", so the test says nothing; write trigger: schedule.',
    ],
    [
      'the planned time in a key, beside an event',
      swap(TRIGGER, `${TRIGGER}${DAILY}`, PLANNED_KEY),
      '9:1 "event.planned_at" is empty where no schedule starts the rule, and then the text cannot be written; write {{default event.planned_at event.id}}, or ask for { field: event.planned_at, exists: true } in a condition.',
    ],
    [
      'the planned time in a text, beside a start by hand',
      swap(TRIGGER, `  - { manual: true }\n${DAILY}${KEY}`, writing("{{date event.planned_at 'D MMM'}}")),
      '13:34 "event.planned_at" is empty where no schedule starts the rule, and then the text cannot be written; write (default event.planned_at now), or ask',
      'No trigger of the rule has the event',
    ],
    ...["{{date event.planned_at 'YYYY-MM-DD'}}", '{{business_days 3 event.planned_at}}'].map(
      (time): [string, string, string] => [
        `the planned time in a key: ${time}`,
        swap(TRIGGER, `${TRIGGER}${DAILY}`, PLANNED_KEY).replace('{{event.planned_at}}', time),
        'write (default event.planned_at now), or ask',
      ],
    ),
    [
      'the planned time without a schedule',
      PLANNED_KEY,
      '7:1 "event.planned_at" is the time that a schedule plans, and the rule has none; write event.id in its place.',
    ],
    [
      'the planned time among the vars',
      swap(TRIGGER, `${TRIGGER}${DAILY}${KEY}vars: { p: '{{event.planned_at}}' }\n`, writing('{{vars.p}}')),
      '10:9 "event.planned_at" is empty where no schedule starts the rule',
    ],
    [
      'a debounce of what goes by the clock',
      swap('tests:\n', 'debounce: { period: 5 minutes }\ntests:\n', swap(TRIGGER, `${DAILY}${KEY}`)),
      '20:1 What starts by the clock or by hand is decided at once, and by no event, so "debounce" does nothing; take it out.',
      'No trigger of the rule has the event',
    ],
    [
      'a schedule in words',
      swap(TRIGGER, '  - schedule: every day\n'),
      '6:5 A schedule has its times as "cron"; write schedule:',
    ],
  ],
  steps: [
    [
      'the action as a key',
      swap(STEP, '  - clio.task.create: { name: Call }\n'),
      '10:5 "clio.task.create" stands behind "action"; write - action: clio.task.create, and its inputs below "with:".',
    ],
    [
      'the action alone',
      swap(STEP, '  - clio.task.create\n'),
      '10:5 A step is a map; write - action: clio.task.create, and the inputs',
    ],
    [
      'a map',
      swap(STEP, '  action: clio.task.create\n'),
      '9:1 "actions" is a list: put "- " before the first line of each step.',
    ],
    [
      'inputs beside with',
      swap(STEP, STEP.replaceAll('      ', '    ')),
      '14:5 "description" is no key of a step. An input of the action belongs below "with:", two blanks further in, and so do matter, assignee, due_at.',
    ],
    [
      'one input beside with',
      swap('      due_at', '    due_at'),
      '17:5 "due_at" is no key of a step. An input of the action belongs below "with:", two blanks further in.',
    ],
    [
      'a key with a slip',
      swap('    action:', '    continue_on_eror: true\n    action:'),
      'There is no key "continue_on_eror" here. Did you mean "continue_on_error"?',
    ],
    [
      'inputs for with',
      swap('    with:', '    inputs:'),
      '12:5 There is no key "inputs" here; the word is "with".',
    ],
    [
      'no kind of step',
      swap(STEP, '  - id: call\n'),
      '"actions/0/action" is missing. Write what is done, such as "action: clio.task.create".',
    ],
    [
      'a delay',
      swap(STEP, '  - delay: 2 days\n'),
      '10:5 There is no step "delay"; write wait: { for: 2 days }.',
    ],
    [
      'a wait without its key',
      swap(STEP, '  - wait: 2 days\n'),
      '10:5 A wait says for how long, or until when; write wait: { for: 2 days }.',
    ],
    [
      'a wait by its unit',
      swap(STEP, '  - wait: { days: 3 }\n'),
      '10:13 A wait says for how long, or until when; write wait: { for: 3 days }.',
    ],
    [
      'a wait by a unit without its number',
      swap(STEP, '  - wait: { business_days: }\n'),
      'write wait: { for: 3 business_days }.',
    ],
    [
      'foreach',
      swap(STEP, `  - { foreach: matter.relationships, max: 3, actions: [${LOG}] }\n`),
      '10:7 There is no step "foreach"; the word is "for_each".',
    ],
    [
      'foreach with an action',
      swap(STEP, '  - { foreach: matter.relationships, action: log.write, with: { text: x } }\n'),
      '10:7 There is no step "foreach"; the word is "for_each".',
    ],
    [
      'elif',
      swap(
        STEP,
        `  - if: { field: matter.id, is: 1 }\n    then: [${LOG}]\n    elif: { field: matter.id, is: 2 }\n`,
      ),
      '12:5 There is no "elif"; for several branches write "choose:", and below it "- if: …" with its "then:" for each.',
    ],
    [
      'elif in choose',
      swap(STEP, `  - choose:\n    - elif: { field: matter.id, is: 1 }\n      then: [${LOG}]\n`),
      '11:7 A branch has no "elif"; the word is "if".',
    ],
    [
      'default beside choose',
      swap(
        STEP,
        `  - choose: [{ if: { field: matter.id, is: 1 }, then: [${LOG}] }]\n    default: [${LOG}]\n`,
      ),
      '11:5 What is done when no branch fits stands below "else", not "default".',
    ],
    [
      'default among the branches of choose',
      swap(
        STEP,
        `  - choose:\n    - { if: { field: matter.id, is: 1 }, then: [${LOG}] }\n    - default: [${LOG}]\n`,
      ),
      '12:7 A branch has no "default"; what is done when none fits stands below "else:", beside "choose".',
    ],
    [
      'the error of a run that has not failed',
      writing('{{run.error.message}}'),
      '10:34 "run.error.message" is there in "on_failure" only: before that nothing has failed. Move the step there, or take it out.',
    ],
    [
      'an approval that the rule does not ask for',
      writing('{{run.approvals.0.user}}'),
      '10:34 "run.approvals.0.user" is the approval number 1, and none is given before this step; put a step "approval" before it.',
    ],
    [
      'an approval that comes later',
      swap(STEP, `  - ${log('{{run.approvals.0.user}}')}\n  - ${ASK}\n`),
      'and none is given before this step',
    ],
    [
      'one approval too many',
      writing('{{run.approvals.0.user}} {{run.approvals.1.user}}', ASK),
      '11:34 "run.approvals.1.user" is the approval number 2, and 1 is given before this step; the only one is "run.approvals.0".',
    ],
    [
      'an approval of another branch',
      swap(
        STEP,
        `  - if: { field: matter.id, is: 1 }\n    then: [${ASK}]\n    else: [${log('{{run.approvals.0.user}}')}]\n`,
      ),
      'and none is given before this step',
    ],
    [
      'an approval without its number',
      writing('{{run.approvals.user}}', ASK),
      '"run.approvals" is a list; name which of them, such as "run.approvals.0.user".',
    ],
    [
      'a condition on an error',
      writing('x', `{ if: { field: run.error.code, is: a }, then: [${LOG}] }`),
      '10:13 "run.error.code" is there in "on_failure" only',
    ],
    [
      'actions behind if',
      swap(STEP, '  - if: { field: matter.status, is: Open }\n    actions: [{ stop: enough }]\n'),
      '11:5 What follows an "if" stands below "then", not "actions".',
    ],
    [
      'a slip inside of a choice',
      swap(STEP, '  - choose:\n      - if: matter.status is Open\n        then:\n          - log.write\n'),
      '11:9 A condition is a map',
      '13:13 A step is a map; write - action: log.write',
    ],
    [
      'an approval in other words',
      swap(STEP, '  - approval: { who: [{ role: responsible_attorney }], timeout: 3 days }\n'),
      '10:5 "actions/0/approval/by" is missing. Write who is asked, such as "by: role:responsible_attorney".',
      '10:17 There is no key "who" here. Here may stand: by, timeout, on_timeout.',
    ],
    [
      'a loop in other words',
      swap(STEP, '  - for_each: { var: matter.relationships }\n    max: 3\n    do: [{ stop: enough }]\n'),
      '10:5 "for_each" takes the path of a list; write for_each: matter.relationships.',
      '12:5 What is done for each entry stands below "actions", not "do".',
    ],
    [
      'a loop over a list of its own',
      swap(STEP, '  - for_each: [1, 2]\n    max: 3\n    actions: [{ stop: enough }]\n'),
      '10:5 "for_each" takes the path of a list; write for_each: matter.relationships.',
    ],
    [
      'a short word that is like no key',
      swap(TRIGGER, '  - { event: matter.created, xy: 1 }\n'),
      'There is no key "xy" here. Here may stand: id, event',
    ],
    [
      'an id with a hyphen',
      swap('id: call', 'id: intake-call'),
      'and starts with a letter. Write "intake_call".',
    ],
    [
      'no action',
      swap(`\n${STEP}`, '\n'),
      '9:1 "actions" is empty. Write what is done: "actions:", and below it',
    ],
    [
      'an action of other words',
      swap('clio.task.create', 'create_task'),
      'There is no action "create_task". Did you mean "clio.task.create"?',
    ],
    [
      'an action that is computed',
      swap('clio.task.create', '"{{inputs.action}}"'),
      'The name of an action is written out; for one of several write "choose".',
    ],
    [
      'an input in braces where days are added',
      swap('add: 1 business_day', 'add: "{{inputs.days}}"', DAYS),
      '18:17 actions/0/with/due_at: "{{inputs.days}}" is no duration. Write add: { input: days }.',
    ],
    [
      'the owner of a rule that names none',
      swap('owner: ann@firm.example\n', '', writing('{{rule.owner}}')),
      '9:34 "rule.owner" is empty, and then the text cannot be written: the rule names no owner; add "owner: ann@firm.example".',
    ],
    [
      'a missing input with choices',
      swap(STEP, '  - action: clio.note.create\n    with: { subject: Call, matter: "{{matter.id}}" }\n'),
      'clio.note.create needs "type": Matter or Contact.',
    ],
    [
      'an input like no other',
      swap('      due_at', '      zzzzzz: 1\n      due_at'),
      'clio.task.create takes no "zzzzzz". It takes name, ',
    ],
    ['an action without clio', swap('clio.task.create', 'task.create'), 'Did you mean "clio.task.create"?'],
    [
      'an action like no other',
      swap('clio.task.create', 'fly'),
      'There is no action "fly". docs/actions.md lists what there is.',
    ],
  ],
  'the mocks of tests': [
    [
      'a step that is not there',
      swap(
        '    event: matter.created\n    record',
        '    mocks: { cal: { id: 5 } }\n    event: matter.created\n    record',
      ),
      '"mocks" gives the output of the step "cal", and there is no step of that id. Did you mean "call"?',
    ],
    [
      'an output that the action never gives',
      swap(
        '    event: matter.created\n    record',
        '    mocks: { call: { idd: 5 } }\n    event: matter.created\n    record',
      ),
      '"call" never gives "idd"; it gives id, ',
    ],
    [
      'what a lookup never gives',
      swap(
        '    event: matter.created\n    record',
        '    mocks: { open: { itmes: [] } }\n    event: matter.created\n    record',
        swap(
          'conditions:\n',
          'lookups: { open: { resource: task, filter: { matter_id: "{{matter.id}}" } } }\nconditions:\n  - { field: lookups.open.count, is: 0 }\n',
        ),
      ),
      '"open" never gives "itmes"; it gives count, items, first, more. Did you mean "items"?',
    ],
    ...FOUND.map(([mock, finding]): [string, string, string] => [
      `what a lookup finds as ${mock}`,
      swap(
        '    event: matter.created\n    record',
        `    mocks: { ${mock} }\n    event: matter.created\n    record`,
        LOOKING,
      ),
      finding,
    ]),
    [
      'an approval',
      swap(
        '    event: matter.created\n    record',
        '    mocks: { ask: { status: rejected } }\n    event: matter.created\n    record',
        swap(STEP, `  - { id: ask, approval: { by: "role:responsible_attorney" } }\n${STEP}`),
      ),
      'it is an approval; say what becomes of it below "approvals", such as { ask: reject }.',
    ],
    [
      'a wait',
      swap(
        '    event: matter.created\n    record',
        '    mocks: { rest: {} }\n    event: matter.created\n    record',
        swap(STEP, `  - { id: rest, wait: { for: 2 days } }\n${STEP}`),
      ),
      '"mocks" gives the output of the step "rest", and it is no action, and gives no output.',
    ],
  ],
  'what tests name': [
    [
      'an input that the action does not take',
      swap('outcome: matched }', 'outcome: matched, actions: [{ id: call, with: { nam: x } }] }'),
      '23:63 The test expects "nam" of clio.task.create, which takes no such input. Did you mean "name"?',
    ],
    [
      'a reason with a slip',
      swap('outcome: matched }', 'outcome: not_matched, reason: condition_flase }'),
      '23:37 No rule is not_matched in a test because of "condition_flase"; the reason is condition_false, already_true. Did you mean "condition_false"?',
    ],
    [
      'a reason of another outcome',
      swap('outcome: matched }', 'outcome: unknown, reason: condition_true }'),
      'the reason is missing_value, no_such_field, no_baseline, not_a_date, wrong_type, too_large, not_seen_long_enough, not_looked_up. "condition_true" goes with the outcome matched.',
    ],
    [
      'an event of no trigger',
      swap(OCCASION, OCCASION.replace('created', 'craeted')),
      '21:5 No trigger of the rule has the event "matter.craeted", so the test says nothing; it has matter.created. Did you mean "matter.created"?',
    ],
    [
      'a trigger that is not there',
      swap(OCCASION, OCCASION.replace('event: matter.created', 'trigger: craeted')),
      '21:5 No trigger of the rule has the id "craeted", so the test says nothing; it has created. Did you mean "created"?',
    ],
    [
      'a field of the record that Clio does not have',
      swap(OCCASION, OCCASION.replace('status', 'staus')),
      '22:22 record.staus is no field of matter. Did you mean "status"?',
    ],
    [
      'a field of what it names',
      swap('client: { name: Jane Doe }', 'client: { nmae: Jane Doe }'),
      'record.client.nmae is no field of matter.client. Did you mean "name"?',
    ],
    [
      'a field of what it was before',
      swap(OCCASION, `    previous: { id: 7, stauts: Open }\n${OCCASION}`),
      '21:24 previous.stauts is no field of matter. Did you mean "status"?',
    ],
    [
      'an action that is not there',
      swap('outcome: matched }', 'outcome: matched, actions: [{ id: call }, { id: cal }] }'),
      '23:59 The test expects the action "cal", and no step has that id; the actions are call. Did you mean "call"?',
    ],
    [
      'a step that is no action',
      swap(
        'outcome: matched }',
        'outcome: matched, actions: [{ id: rest }] }',
        swap(STEP, `  - { id: rest, wait: { for: 2 days } }\n${STEP}`),
      ),
      'The test expects the action "rest", and that step is no action; the actions are call.',
    ],
  ],
  inputs: [
    [
      'a path without braces',
      swap('"{{matter.id}}"', 'matter.id'),
      '15:7 "matter" of clio.task.create: write "{{matter.id}}" for the value of that path.',
    ],
    [
      'a path with a dollar',
      swap('"{{matter.id}}"', '"${matter.id}"'),
      'write "{{matter.id}}" for the value of that path.',
      '{matter.id} is written as it stands here; write {{matter.id}}.',
    ],
    [
      'a text around a number',
      swap('"{{matter.id}}"', '"matter {{matter.id}}"'),
      'a number is wanted; write the {{…}} without "matter".',
    ],
    [
      'a misspelt path',
      swap('{{matter.display_number}}', '{{matter.display_numbr}}'),
      '13:7 There is no "matter.display_numbr". Did you mean "display_number"?',
    ],
    [
      'curly quotes',
      swap('"{{matter.id}}"', '“{{matter.id}}”'),
      '15:15 The curly quotes are part of this text; write straight ones',
    ],
    [
      'a role alone',
      swap('{ role: responsible_attorney }', 'responsible_attorney'),
      'write { role: responsible_attorney }.',
    ],
    [
      'an address alone',
      swap('{ role: responsible_attorney }', 'ann@firm.example'),
      'write { user: ann@firm.example }.',
    ],
    [
      'a time from now',
      swap('{ add: 1 business_day, to: "{{now}}" }', 'in 3 days'),
      '17:7 "due_at" of clio.task.create: write { add: 3 days, to: "{{now}}" }.',
    ],
    [
      'a start without braces',
      swap('"{{now}}"', 'now'),
      '17:38 actions/0/with/due_at: "now" is no date to count from. Write to: "{{now}}", or a date like "2026-04-01".',
    ],
    [
      'a path without braces as a start',
      swap('"{{now}}"', 'matter.open_date'),
      'Write to: "{{matter.open_date}}"',
    ],
    [
      'a helper like no other',
      swap('{{matter.display_number}}', '{{uppercase matter.display_number}}'),
      '13:7 There is no helper "uppercase". There are: date, money,',
    ],
    [
      'quotes inside of quotes',
      swap('"Intake call - {{matter.display_number}}"', '"Intake "call" - {{matter.display_number}}"'),
      'the whole text needs quotes around it, of the other kind where quotes stand in it.',
    ],
    [
      'an apostrophe inside of quotes',
      swap('"Client: {{matter.client.name}}"', "'Client's name: {{matter.client.name}}'"),
      'A quote in the middle ends the text before its {{...}}; put the other kind of quotes',
    ],
    [
      'curly quotes with a colon',
      swap('"Client: {{matter.client.name}}"', '“Client: {{matter.client.name}}”'),
      'A text with {{...}} needs straight quotes around it: "{{...}}"; curly ones are part of the text.',
    ],
    [
      'an alias of nothing',
      swap('{ role: responsible_attorney }', '*who'),
      '16:17 "*who" repeats a part marked &who before it, and there is none; write the value out',
    ],
    [
      'a sum',
      swap('{ add: 1 business_day, to: "{{now}}" }', '"{{now}} + 2 business days"'),
      '"due_at" of clio.task.create: no date is counted in a text; write { add: 2 business_days, to: "{{now}}" }.',
    ],
  ],
  'the rule': [
    [
      'on, when and then',
      words(['triggers', 'on'], ['conditions', 'when'], ['actions', 'then']),
      '5:1 There is no key "on" here; the word is "triggers".',
      '7:1 There is no key "when" here; the word is "conditions".',
      '9:1 There is no key "then" here; the word is "actions".',
    ],
    [
      'when, if and do',
      words(['triggers', 'when'], ['conditions', 'if'], ['actions', 'do']),
      '5:1 There is no key "when" here; the word is "triggers".',
      '7:1 There is no key "if" here; the word is "conditions".',
      '9:1 There is no key "do" here; the word is "actions".',
    ],
    [
      'a second word for one thing',
      swap('\nconditions:', '\ntrigger: a\nconditions:'),
      'the word is "triggers".',
    ],
    [
      'a key from somewhere else',
      swap('\nconditions:', '\nretry: 3\nconditions:'),
      '7:1 The key "retry" does not belong here; look at how far it is indented. Here may stand: version, id,',
    ],
    [
      'a key from somewhere else inside',
      swap('    now:', '    cron: x\n    now:'),
      '20:5 The key "cron" does not belong here; look at how far it is indented.',
    ],
    [
      'rules around it',
      `rules:\n  - ${RULE.trimEnd().replaceAll('\n', '\n    ')}\n`,
      '1:1 A file has no "rules" around its rules: each stands by itself, with "version" and the other keys outermost, and the next one follows behind a line "---".',
    ],
    [
      'a list',
      `- ${RULE.trimEnd().replaceAll('\n', '\n  ')}\n`,
      '1:1 A rule is a map that starts with "version: 1". A file holds no list of rules: take the "- " away',
    ],
    [
      'an id in words',
      swap('id: intake-call', 'id: Intake Call!'),
      '2:1 "id": An id has small letters and digits in words joined by hyphens. Write "intake-call".',
    ],
    ['no id', swap('id: intake-call\n', ''), '1:1 "id" is missing. Write "id: family-matter-intake"'],
    [
      'a quote that is not closed',
      swap('"{{matter.id}}"', '"{{matter.id}}'),
      'A quote is opened here, or before, and not closed',
    ],
    ...['debounce', 'concurrency', 'throttle', 'paused'].map((word): [string, string, string] => [
      `one word behind ${word}`,
      swap('\nconditions:', `\n${word}: yes please\nconditions:`),
      `7:1 "${word}": write ${word}: { `,
    ]),
    [
      'an input that is not filled in',
      swap('\nconditions:', '\ninputs: { who: { type: text, value: } }\nconditions:'),
      '7:30 "inputs/who/value" is empty. Write what holds for your firm, or take the line out where there is a "default".',
    ],
    ...['rule', 'rules'].map((word): [string, string, string] => [
      `everything below ${word}`,
      `${word}:\n${RULE.replace(/^/gm, '  ')}`,
      `1:1 A file has no "${word}" around its rules: each stands by itself`,
    ]),
    [
      'a throttle by another word',
      swap('\nconditions:', '\nthrottle: { limit: 5, per: 1 hour }\nconditions:'),
      '7:1 "throttle/period" is missing. Write a time, such as "period: 1 hour".',
      'There is no key "per" here. Did you mean "period"?',
    ],
    [
      'a line that is not far enough in',
      swap('      matter: ', '     matter: '),
      '15:1 This line is not indented as the ones around it are; put as many blanks before it as before the others of its list or map.',
    ],
    [
      'a blank of a word processor',
      swap('      matter: ', '\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0matter: '),
      '15:1 This line starts with a special blank, as copied from a letter or a web page; write plain blanks.',
    ],
    [
      'a dash of a word processor',
      swap(TRIGGER, '  – { id: created, event: matter.created }\n'),
      '6:3 The "–" at the start of this line is no hyphen; write "- ".',
    ],
    [
      'a key and a value without a blank',
      swap('owner: ann', 'owner:ann'),
      '4:1 Here a key is not followed by a colon and a blank, or a text over several lines has no quotes; write key: value.',
    ],
    [
      'a character that nobody can see',
      swap('Client: ', 'Client:\u0000 '),
      'A character that nobody can see stands here (U+0000); delete it.',
    ],
    [
      'a text that repeats itself without end',
      swap(
        'owner: ann@firm.example',
        `labels: [&a [x, x], &b [*a, *a, *a, *a, *a], &c [*b, *b, *b, *b, *b], *c, *c, *c, *c, *c]`,
      ),
      '4:25 The text repeats parts of itself (*a) too often; write them out, at most 20 are followed.',
    ],
    [
      'a number sign in a name',
      swap('name: Intake call', 'name: Family #1 call'),
      '3:14 What follows the # is a comment and no part of the text; put quotes around the whole text if it belongs to it.',
    ],
    [
      'lines that end as those of old Macs',
      swap('field: matter.status', 'field: matter.staus').replaceAll('\n', '\r'),
      '8:7 There is no "matter.staus". Did you mean "status"?',
    ],
    [
      'tabs',
      swap('    action:', '\t\taction:'),
      '11:1 A tab stands at the start of this line; indent with blanks.',
    ],
  ],
  'a first rule': [
    [
      'a colon in a text between braces',
      swap('record: { id: 7,', 'record: { id: 7, description: Re: Doe,'),
      'Between { and } a comma is missing before this, or a text with a colon and a blank in it needs quotes around it.',
    ],
    [
      'no comma between braces',
      swap('field: matter.status, is', 'field: matter.status is'),
      'Between { and } a comma is missing before this',
    ],
    [
      'a dash without a blank',
      swap('  - id: call', '  -id: call'),
      '10:3 Behind the "-" at the start of this line a blank is missing; write "- id:".',
    ],
    [
      'a dash without a blank before a map',
      swap(STEP, `  -with:\n      text: x\n    action: log.write\n${STEP}`),
      '10:3 Behind the "-" at the start of this line a blank is missing; write "- with:".',
    ],
    [
      'a colon in a name, where a letter in the rule has such dashes',
      swap(
        '"Client: {{matter.client.name}}"',
        '|\n        -first: x',
        swap('name: Intake', 'name: Call: intake'),
      ),
      '3:7 A text with a colon and a blank in it needs quotes around it',
    ],
    [
      'a colon in a text behind a letter with such dashes',
      swap('"Client: {{matter.client.name}}"', '|\n        -first: x').replace('"{{matter.id}}"', 'Re: Doe'),
      '16:15 A text with a colon and a blank in it needs quotes around it',
    ],
    [
      'an entry without its dash',
      swap('tests:\n', 'tests:\n  - name: first\n    expect: { outcome: unknown }\n').replace(
        '  - name: an open',
        '    name: an open',
      ),
      'The same key stands here twice; remove one, or put "- " before it where a new entry of a list begins.',
      'The same key stands here twice',
    ],
    ['a trigger by hand', swap(TRIGGER, '  - manual\n'), '6:5 A trigger is a map; write - { manual: true }.'],
    [
      'a trigger by hand in another word',
      swap(TRIGGER, '  - manual: "yes"\n'),
      '"triggers/0/manual": write true, without quotes.',
    ],
    [
      'one event twice',
      swap(TRIGGER, `${TRIGGER}  - { event: matter.created }\n`),
      '"matter.created" is a trigger already; take one of them out.',
    ],
    [
      'a schedule without times',
      swap(TRIGGER, '  - schedule: { on_missed: once }\n'),
      '"triggers/0/schedule/cron" is missing. Write when: cron: "30 8 * * 1-5" is half past eight on weekdays.',
    ],
    [
      'an event alone that ends runs',
      swap('tests:\n', 'cancel_when: matter.closed\ntests:\n'),
      '18:1 "cancel_when" is a list; write - { event: matter.closed } below it.',
    ],
    [
      'on_error',
      swap('tests:\n', `on_error: [${LOG}]\ntests:\n`),
      '18:1 There is no key "on_error" here; the word is "on_failure".',
    ],
    [
      'a list without brackets',
      swap('is: Open }', 'in: Open, Pending }'),
      '8:29 "in" takes a list; write in: [Open, Pending].',
    ],
    ['a label alone', swap('\nconditions:', '\nlabels: money\nconditions:'), 'write a list: [money]'],
    [
      'a time without its unit',
      swap('is: Open', 'held_for: 30'),
      '"conditions/0/held_for": write a length of time with its unit, such as "30 days".',
    ],
    [
      'a burst without its unit',
      swap('\nconditions:', '\ndebounce: { period: 5 }\nconditions:'),
      'write a length of time with its unit, such as "5 minutes".',
    ],
    [
      'a limit alone',
      swap('\nconditions:', '\nlimits: 100\nconditions:'),
      'write limits: { max_records: 150 }.',
    ],
    [
      'an input that is its value',
      swap('\nconditions:', '\ninputs: { area: Family }\nconditions:'),
      '"inputs/area": write { type: text, value: Family }.',
    ],
    [
      'an input that is not there',
      swap('is: Open', 'is: { input: stat }'),
      'There is no input "stat". It would stand below "inputs".',
    ],
    ...['retry', 'query'].map((name): [string, string, string] => [
      `an input by one word, named ${name}`,
      swap('\nconditions:', `\ninputs: { ${name}: Smith }\nconditions:`),
      `"inputs/${name}": write { type: text, value: Smith }.`,
    ]),
    [
      'a path that a text named "by" has',
      swap(
        STEP,
        `  - action: http.request\n    with: { url: "https://firm.example", json: { approval: { by: "{{matter.foo}}" } } }\n`,
      ),
      'There is no "matter.foo".',
    ],
    [
      'an input in braces',
      swap('\nconditions:', '\ninputs: { stat: { type: text, value: Open } }\nconditions:').replace(
        'is: Open',
        'is: "{{inputs.stat}}"',
      ),
      'for the value of an input write { input: stat }.',
    ],
    [
      'the file of a calendar',
      swap('\nconditions:', '\ncalendar: calendars/ny.yaml\nconditions:'),
      'it would stand in calendars/ny.yaml. Its name alone is written here.',
    ],
    [
      'the file of a partial',
      swap('"Client: {{matter.client.name}}"', '"{{> sign.hbs}}"'),
      'it would stand in templates/sign.hbs. Write {{> sign}}.',
    ],
    [
      'an approval by a map',
      swap(STEP, '  - approval: { by: { role: responsible_attorney } }\n'),
      'write role:responsible_attorney, group:Partners, or user:ann@firm.example, as one text.',
    ],
    [
      'an approval by no role',
      swap(STEP, `  - approval: { by: "role:partner" }\n${STEP}`),
      'A matter has no role "partner"; write role:responsible_attorney, role:originating_attorney or role:responsible_staff',
    ],
    [
      'an approval by a list with no role in it',
      swap(STEP, `  - approval: { by: ["role:partner", "user:ann@firm.example"] }\n${STEP}`),
      'A matter has no role "partner"; write role:responsible_attorney',
    ],
    [
      'an approval where no matter is',
      swap(TRIGGER, '  - { event: contact.created }\n', swap(STEP, `  - ${ASK}\n  - ${LOG}\n`))
        .replace('matter.status', 'contact.type')
        .replace('is: Open', 'is: Person')
        .replace(/tests:[^]*/, ''),
      'A role is one on the matter, and a contact belongs to none; ask a group or user',
    ],
    ['a stop alone', swap(STEP, '  - stop\n'), 'write - stop: and why it ends here'],
    [
      'a stop without a reason',
      swap(STEP, '  - stop:\n'),
      'Write why it ends here, such as "stop: nothing to do".',
    ],
    [
      'one id twice',
      swap(STEP, `${STEP}  - ${LOG.replace('action', 'id: call, action')}\n`),
      'Two steps have the id "call"; outputs.call would be ambiguous. Give one of them another.',
    ],
    [
      'an action by another verb',
      swap('clio.task.create', 'clio.task.add'),
      'Did you mean "clio.task.create"?',
    ],
    [
      'a time to try again without its unit',
      swap('    action:', '    retry: { delay: 5 }\n    action:'),
      'such as "5 minutes".',
    ],
  ],
  'a first text': (
    [
      [
        '{{link matter.id}}',
        `"link" takes 2 arguments, and gets 1. Write it as in {{link 'matter' matter.id}}.`,
      ],
      ["{{link 'task' matter.id}}", '"link" knows matter, contact, bill, and gets "task". Use one of these.'],
      [
        '{{date now ‘D MMM’}}',
        `gets 3. Write straight quotes, as in {{date matter.open_date 'D MMM YYYY'}}.`,
      ],
      ["{{date now 'mm/dd/yyyy'}}", 'the date pattern "mm/dd/yyyy" is not known.'],
      ["{{date 'D MMM' now}}", '"date" takes a date such as 2026-04-01, and gets "D MMM".'],
      ["{{money matter.id '$'}}", '"money" takes a currency such as "USD", and gets "$". Give its code.'],
      ['{{date now null}}', 'null cannot be written as text. Write a text, or leave it out.'],
      [
        '{{business_days 1000000 now}}',
        '"business_days" takes a whole number of at most six digits first, and gets 1000000.',
      ],
      ['{{default}}', "gets 0. Write it as in {{default matter.close_date 'not closed'}}."],
      ['{{#if (or)}}x{{/if}}', 'as in {{#if (or matter.billable matter.close_date)}} … {{/if}}.'],
      ['{{business_days now 3}}', '"business_days" takes a date such as 2026-04-01, and gets 3.'],
      [
        "{{plural 'page' 'pages' matter.id}}",
        `"plural" takes the count first, and here a word is; write {{plural count 'page' 'pages'}}.`,
      ],
      ["{{plural 'page' 'pages'}}", '"plural" takes the count first'],
      ["{{plural true 'page'}}", '"plural" takes a number first, and gets true.'],
      ["{{truncate matter.display_number '5'}}", 'gets "5". Write a number without quotes.'],
      ["{{#if matter.status == 'Open'}}x{{/if}}", "compare with {{#if (eq matter.status 'Open')}}"],
      ["{{#if eq matter.status 'Open'}}x{{/if}}", 'Write {{#if (eq …)}}.'],
      ["{{#eq matter.status 'Open'}}x{{/eq}}", '"eq" opens no block. Write {{#if (eq …)}} … {{/if}}.'],
      ['{{#if (eq matter.status Open)}}x{{/if}}', `A text needs quotes: 'Open'.`],
      [
        '{{#if matter.id}}x{{elseif matter.status}}y{{/if}}',
        'There is no helper "elseif". Write {{else if …}}.',
      ],
      [
        '{{#matter.relationships}}x{{/matter.relationships}}',
        '"matter.relationships" is a path and opens no block. Write {{#each matter.relationships}} … {{/each}} where it is a list,',
      ],
      [
        "{{matter.status 'Open'}}",
        "nothing stands behind it; to ask what it is, write {{#if (eq matter.status 'Open')}} … {{/if}}.",
      ],
      ["{{formatDate now 'D'}}", 'There is no helper "formatDate". Write {{date …}}.'],
      ['{{matter.display_number | upper}}', 'nothing is piped here: a helper stands first'],
      ["{{date now, 'D'}}", 'write blanks and no commas between the arguments of a helper.'],
      ['{{matter.relationships[0].description}}', 'an entry of a list is written with a dot'],
      [
        '{{#with matter.relationships.0}}{{description}}{{/with}}',
        'a number that ends a path stands in brackets: matter.relationships.[0].',
      ],
      ['{{#if (exists run.approvals.0)}}x{{/if}}', 'stands in brackets: run.approvals.[0].'],
      ['{{now.date}}', `"now" has nothing below it; for a part of it write {{date now 'YYYY-MM-DD'}}.`],
      ['{{today}}', 'Did you mean "now"?'],
      ['{{clio_url}}', 'Did you mean "event.clio_url"?'],
      ['{{event.url}}', 'There is no "event.url". It has id, type, model,'],
    ] as const
  ).map(([text, finding]): [string, string, string] => [text, writing(text), finding]),
  'the text of a failure': [
    [
      'a field that no error has',
      `${RULE}on_failure: [${log('{{run.error.msg}}')}]\n`,
      'There is no "run.error.msg". It has code, message, step.',
    ],
    [
      'the error by itself',
      `${RULE}on_failure: [${log('{{error.message}}')}]\n`,
      'Did you mean "run.error.message"?',
    ],
    ['a step by itself', swap(STEP, `${STEP}  - ${log('{{call.id}}')}\n`), 'Did you mean "outputs.call.id"?'],
    [
      'a path with a blank',
      writing('{{matter.custom_fields.Court file}}'),
      'a name with blanks stands in brackets, as in {{matter.custom_fields.[Court file number]}}.',
      'Nothing is known as "file" here',
    ],
  ],
  'a first test': [
    [
      'the action in place of its id',
      swap('outcome: matched }', 'outcome: matched, actions: [{ action: clio.task.create }] }'),
      '"tests/0/expect/actions/0/id" is missing. Write the id of the step, such as "id: call".',
      'The key "action" does not belong here; look at how far it is indented. Here may stand: id, with.',
    ],
    [
      'ids alone',
      swap('outcome: matched }', 'outcome: matched, actions: [call] }'),
      '"tests/0/expect/actions/0": write - { id: call }.',
    ],
    ['an outcome alone', swap('{ outcome: matched }', 'matched'), 'write expect: { outcome: matched }.'],
    [
      'a failure in a word',
      swap(OCCASION, `    failures: { call: boom }\n${OCCASION}`),
      '"tests/0/failures/call": write { code: clio.forbidden }.',
    ],
    [
      'a mock in a word',
      swap(OCCASION, `    mocks: { call: 5 }\n${OCCASION}`),
      '"tests/0/mocks/call": write { id: 5 }.',
    ],
    [
      'days without their unit',
      swap(OCCASION, `    advance: 9\n${OCCASION}`),
      '"tests/0/advance": write a length of time with its unit, such as "9 days".',
    ],
    [
      'the name of the record around it',
      swap(/record: (.*)/.exec(RULE)?.[1] ?? '', '{ matter: { id: 7 } }'),
      '22:15 record.matter is no field of matter. The fields stand in "record" by themselves, without "matter" around them.',
    ],
    [
      'a choice that Clio does not have',
      swap(OCCASION, OCCASION.replace('Open', 'open')),
      '22:22 record.status: Clio never says "open"; it says Pending, Open, Closed. Did you mean "Open"?',
    ],
  ],
};

it('the rule itself is fine', () => {
  expect(said(RULE)).toEqual([]);
});

const EACH = (list: string, ...steps: string[]) =>
  `{ for_each: ${list}, as: one, max: 3, actions: [${steps.join(', ')}] }`;
const WHO = log('{{run.approvals.1.user}}');
const RECORD =
  '{ id: 7, status: Open, custom_fields: { Any Name: 3 }, custom_field_values: [{ id: a, value: 1 }], relationships: [{ id: 1, description: Mother }]';

it('the reason that a test expects, left empty, is not taken for that of a pause', () => {
  expect(said(swap('outcome: matched }', 'outcome: matched, reason: }'))).toEqual([
    expect.stringMatching(/ "tests\/0\/expect\/reason" is empty\.$/),
  ]);
});

it('a choice that Clio does not have, in what a lookup finds, leaves the rule in force', () => {
  const wrong = swap(
    OCCASION,
    `    mocks: { open: { items: [{ id: 1, status: Complete }] } }\n${OCCASION}`,
    LOOKING,
  );
  const { rules, diagnostics } = parseRuleFile('r.yaml', wrong, vocabulary());
  expect(rules.map(({ rule }) => rule.id)).toEqual(['intake-call']);
  expect(diagnostics).toEqual([
    expect.objectContaining({
      severity: 'warning',
      message: expect.stringContaining(
        '"open" finds what Clio does not have: items.0.status: Clio never says "Complete"',
      ),
    }),
  ]);
});

it.each([
  ['the error in on_failure', `${RULE}on_failure: [${log('{{run.error.message}}')}]\n`],
  [
    'an error that is asked for',
    writing("{{#if run.error}}{{run.error.code}}{{/if}}{{default run.error 'none'}}"),
  ],
  ['whether there is an error', writing('x', `{ if: { field: run.error, exists: true }, then: [${LOG}] }`)],
  ['all approvals', writing('{{#each run.approvals}}{{user}}{{/each}}')],
  ['the second of two approvals', writing('{{run.approvals.1.user}}', ASK, ASK)],
  ['an approval of an earlier turn', swap(STEP, `  - ${EACH('matter.relationships', WHO, ASK)}\n`)],
  ['an approval of a loop', swap(STEP, `  - ${EACH('matter.relationships', ASK)}\n  - ${WHO}\n`)],
  [
    'an approval before the failure',
    `${swap(STEP, `  - ${ASK}\n`)}on_failure: [${log('{{run.approvals.0.user}}')}]\n`,
  ],
  ['custom fields and records in a test', swap('{ id: 7, status: Open', RECORD)],
  [
    'a turn of a loop, and a step without an id, in a test',
    swap(
      'outcome: matched }',
      'outcome: matched, actions: [{ id: "note[0]" }, { id: "1" }] }',
      swap(
        STEP,
        `  - ${EACH('matter.relationships', LOG.replace('action', 'id: note, action'))}\n  - ${LOG}\n`,
      ),
    ),
  ],
  [
    'a schedule alone where it is asked which trigger it was',
    swap(
      TRIGGER,
      `${TRIGGER}  - { id: clock, schedule: { cron: "0 8 * * *", on_missed: once } }\n`,
      swap(TEST, '  - { trigger: created }\n'),
    ),
  ],
  ...[
    ['is asked for', '  - { field: event.planned_at, exists: true }\n', '{{event.planned_at}}'],
    ['has another in its place', TEST, '{{default event.planned_at event.id}}'],
    ['depends on the trigger', '  - { trigger: schedule }\n', '{{event.planned_at}}'],
    ['depends on its source', '  - { field: event.source, is: schedule }\n', '{{event.planned_at}}'],
  ].map(([why = '', test = '', time = '']): [string, string] => [
    `a planned time that ${why}`,
    swap(TRIGGER, `${TRIGGER}${DAILY}`, PLANNED_KEY)
      .replace(TEST, test)
      .replace('{{event.planned_at}}', time),
  ]),
  ...[
    ['a planned time', `vars: { p: '{{event.planned_at}}' }\n`, '{{default vars.p now}}'],
    ['an owner that is not there', `vars: { p: '{{rule.owner}}' }\n`, "{{default vars.p 'nobody'}}"],
  ].map(([what = '', vars = '', read = '']): [string, string] => [
    `${what} among the vars, where each that reads it has another`,
    swap('owner: ann@firm.example\n', '', swap(TRIGGER, `${TRIGGER}${DAILY}${KEY}${vars}`, writing(read))),
  ]),
  [
    'an owner that is asked for',
    swap(
      'owner: ann@firm.example\n',
      '',
      writing('{{rule.owner}}').replace(
        'action: log.write',
        'if: { field: rule.owner, exists: true }, action: log.write',
      ),
    ),
  ],
  [
    'an owner that is left out',
    swap(
      'owner: ann@firm.example\n',
      '',
      RULE.replace('"Client: {{matter.client.name}}"', '"{{rule.owner}}"').replace(
        '    with:\n',
        '    omit_null: true\n    with:\n',
      ),
    ),
  ],
  ['a word for a count', writing("{{plural 'no' 'note'}}, {{plural '1,000' 'page'}}")],
  ['a comment behind a name', swap('name: Intake call', 'name: Intake call # 1 of 2')],
  ['a comment behind a value', swap('is: Open }', 'is: Open } #first')],
  ['lines that end as those of Windows', RULE.replaceAll('\n', '\r\n')],
])('nothing is said of %s', (_what, source) => {
  expect(said(source)).toEqual([]);
});

describe.each(Object.entries(TABLE))('a typical mistake in %s names its remedy', (_part, rows) => {
  it.each(rows)('%s', (_what, source, ...findings) => {
    expect(said(source)).toEqual(findings.map((finding) => expect.stringContaining(finding)));
  });
});
