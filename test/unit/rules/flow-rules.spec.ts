import { describe, expect, it } from '@jest/globals';
import { runRuleTests } from '../../../src/rules/run-tests.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, findings, message } from '../../support/lint-rule.js';

const words = vocabulary();
const HEAD = `version: 1
id: a-rule
name: A rule
triggers:
  - { id: created, event: matter.created }
conditions:
  - { field: matter.status, is: Open }
`;
const LOG = (id: string, text = 'x') => `{ id: ${id}, action: log.write, with: { text: "${text}" } }`;
const rule = (steps: string, rest = '') => `${HEAD}${rest}actions:\n${steps}\n`;
const codes = (text: string) => findings(text).map((finding) => finding.split(' ')[0]);

describe('the example of a note on each matter of a bill', () => {
  const text = `version: 1
id: bill-issued-note
name: Bill issued - note on each matter
owner: billing@firm.example
triggers:
  - { id: changed, event: bill.updated }
evaluation: level
conditions:
  logic:
    and:
      - changed_to: [bill.state, awaiting_payment]
      - ">": [{ var: bill.balance }, 0]
      - in: [{ var: bill.kind }, [revenue_kind, summary_kind]]
idempotency_key: "{{rule.id}}:{{bill.id}}:{{bill.issued_at}}"
actions:
  - for_each: bill.matters
    as: m
    max: 20
    actions:
      - id: note
        action: clio.note.create
        retry: { max_attempts: 5, backoff: exponential, delay: 1 minute }
        with:
          type: Matter
          matter: "{{m.id}}"
          date: "{{date now 'YYYY-MM-DD'}}"
          subject: "Bill {{bill.number}} issued"
          detail_text_type: plain_text
          detail: "Bill {{bill.number}}: total {{money bill.total}}, open balance {{money bill.balance}}."
on_failure:
  - action: log.write
    with: { text: "Note for bill {{bill.number}} failed: {{run.error.message}} - see {{run.url}}" }
tests:
  - name: approval to awaiting payment
    event: bill.updated
    record: { id: 5, number: "1042", state: awaiting_payment, kind: revenue_kind, balance: 900, total: 900, issued_at: "2026-03-02", matters: [{ id: 77 }, { id: 78 }] }
    previous: { id: 5, state: awaiting_approval }
    expect: { outcome: matched, actions: [{ id: note, with: { matter: 77 } }, { id: "note[1]", with: { matter: 78 } }] }
`;

  it('is clean, and its test is green', () => {
    expect(check(text).diagnostics).toEqual([]);
    const [compiled] = check(text).rules;
    expect(runRuleTests(compiled!, words).map(({ message: problem }) => problem)).toEqual(['']);
    expect([...(compiled!.needs.get('bill')?.paths ?? [])]).toContain('matters');
  });
});

describe('the example of a checklist for each stage', () => {
  const text = `version: 1
id: litigation-stage-checklists
name: Litigation - checklist for each stage
owner: litigation-lead@firm.example
timezone: America/New_York
triggers:
  - { id: stage, event: matter.updated }
conditions:
  - { field: matter.practice_area.name, is: Litigation }
  - { field: matter.matter_stage.id, changed: true }
idempotency_key: "{{rule.id}}:{{matter.id}}:{{matter.matter_stage.id}}:{{matter.matter_stage_updated_at}}"
cancel_when:
  - event: matter.closed
actions:
  - choose:
      - name: discovery
        if: { field: matter.matter_stage.name, is: Discovery }
        then:
          - id: discovery_list
            action: clio.task_list.assign
            with: { matter: "{{matter.id}}", task_template_list: { name: Discovery - plaintiff }, assignee: { role: responsible_attorney }, due_at: { add: 2 business_days, to: "{{now}}" } }
          - wait: { for: 5 business_days, recheck: true }
          - id: still_open
            action: clio.task.list
            with: { matter: "{{matter.id}}", complete: false, created_since: "{{run.started_at}}", limit: 50 }
          - if: { field: outputs.still_open.count, gt: 0 }
            then:
              - id: chase
                action: clio.task.create
                with:
                  name: "Discovery: {{outputs.still_open.count}} opening tasks still open"
                  description: "{{join outputs.still_open.items 'name'}}"
                  matter: "{{matter.id}}"
                  assignee: { role: responsible_attorney }
                  priority: High
                  due_at: { add: 1 business_day, to: "{{now}}" }
            else:
              - id: done_note
                action: clio.note.create
                with: { type: Matter, matter: "{{matter.id}}", subject: Discovery checklist complete, detail: All opening tasks were finished in time. }
      - name: settlement
        if: { field: matter.matter_stage.name, in: [Settlement, Mediation] }
        then:
          - id: authority
            approval: { by: [role:responsible_attorney], timeout: 2 business_days, on_timeout: escalate }
          - id: client_letter
            action: clio.task.create
            with: { name: "Settlement authority letter - {{matter.client.name}}", description: "Approved by {{run.approvals.0.user}}.", matter: "{{matter.id}}", assignee: { user: paralegal@firm.example }, due_at: { add: 3 business_days, to: "{{now}}" } }
    else:
      - stop: "no checklist for stage {{matter.matter_stage.name}}"
tests:
  - name: to discovery, nobody works, chase after five business days
    now: "2026-07-01T10:00:00-04:00"
    event: matter.updated
    record: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 4, name: Discovery }, matter_stage_updated_at: "2026-07-01T13:59:30Z", client: { name: Acme }, responsible_attorney: { id: 9 } }
    previous: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 3, name: Pleadings } }
    mocks: { still_open: { count: 2, items: [{ name: Draft requests }, { name: Hold letter }] } }
    expect: { outcome: matched, actions: [{ id: discovery_list, with: { due_at: "2026-07-03" } }, { id: still_open }, { id: chase, with: { due_at: "2026-07-09" } }] }
  - name: all was done in time
    event: matter.updated
    record: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 4, name: Discovery }, matter_stage_updated_at: "2026-07-01T13:59:30Z" }
    previous: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 3, name: Pleadings } }
    mocks: { still_open: { count: 0, items: [] } }
    expect: { outcome: matched, actions: [{ id: discovery_list }, { id: still_open }, { id: done_note }] }
  - name: settlement, approved
    event: matter.updated
    record: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 5, name: Settlement }, matter_stage_updated_at: "2026-07-01T13:59:30Z", client: { name: Acme }, responsible_attorney: { id: 9 } }
    previous: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 3, name: Pleadings } }
    expect: { outcome: matched, actions: [{ id: client_letter, with: { description: "Approved by the approver." } }] }
  - name: settlement, rejected
    event: matter.updated
    record: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 5, name: Settlement }, matter_stage_updated_at: "2026-07-01T13:59:30Z", client: { name: Acme }, responsible_attorney: { id: 9 } }
    previous: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 3, name: Pleadings } }
    approvals: { authority: reject }
    expect: { outcome: matched, actions: [] }
  - name: another stage
    event: matter.updated
    record: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 6, name: Trial }, matter_stage_updated_at: "2026-07-01T13:59:30Z" }
    previous: { id: 12, practice_area: { name: Litigation }, matter_stage: { id: 3, name: Pleadings } }
    expect: { outcome: matched, actions: [] }
`;

  it('is clean, and its tests are green', () => {
    expect(check(text).diagnostics).toEqual([]);
    const [compiled] = check(text).rules;
    expect(runRuleTests(compiled!, words).map(({ message: problem }) => problem)).toEqual([
      '',
      '',
      '',
      '',
      '',
    ]);
    const needs = compiled!.needs.get('matter');
    expect([...(needs?.paths ?? [])]).toEqual(expect.arrayContaining(['status', 'responsible_attorney.id']));
    expect(compiled!.references).toContainEqual({ kind: 'user', name: 'paralegal@firm.example' });
  });
});

describe('what lint says of flow', () => {
  it.each([
    [
      'an output of another branch',
      `  - if: { field: matter.id, gt: 1 }\n    then: [${LOG('a')}]\n    else: [${LOG('b', '{{outputs.a.text}}')}]`,
      ['R021'],
      'stands in another branch',
    ],
    [
      'an output of another choice',
      `  - choose:\n      - { if: { field: matter.id, gt: 1 }, then: [${LOG('a')}] }\n      - { if: { field: matter.id, lt: 1 }, then: [${LOG('b', '{{outputs.a.text}}')}] }`,
      ['R021'],
      'stands in another branch',
    ],
    [
      'an output of a branch behind it',
      `  - if: { field: matter.id, gt: 1 }\n    then: [${LOG('a')}]\n  - ${LOG('b', '{{outputs.a.text}}')}`,
      ['R021'],
      'may not be taken',
    ],
    [
      'an output of a loop behind it',
      `  - { for_each: matter.relationships, max: 3, actions: [${LOG('a')}] }\n  - ${LOG('b', '{{outputs.a.text}}')}`,
      ['R021'],
      'for each entry of a list',
    ],
    [
      'an output that is read too early',
      `  - ${LOG('b', '{{outputs.a.text}}')}\n  - ${LOG('a')}`,
      ['R021'],
      'before the step "a" has run',
    ],
    [
      'an output of what is no action',
      `  - { id: a, wait: { for: 1 day } }\n  - ${LOG('b', '{{outputs.a.until}}')}`,
      ['R021'],
      'is no action',
    ],
    [
      'an id twice, at different depths',
      `  - ${LOG('a')}\n  - { for_each: matter.relationships, max: 3, actions: [${LOG('a')}] }`,
      ['R021'],
      'Two steps have the id "a"',
    ],
    [
      'a loop without max',
      `  - { for_each: matter.relationships, actions: [${LOG('a')}] }`,
      ['R040'],
      'needs "max"',
    ],
    [
      'a max that cannot be',
      `  - { for_each: matter.relationships, max: 400, actions: [${LOG('a')}] }`,
      ['R040'],
      '25 actions at most',
    ],
    [
      'an entry with a taken name',
      `  - { for_each: matter.relationships, as: matter, max: 4, actions: [${LOG('a')}] }`,
      ['R022'],
      '"matter" means something else',
    ],
    [
      'a loop over what is no list',
      `  - { for_each: matter.status, max: 4, actions: [${LOG('a')}] }`,
      ['R012'],
      'list',
    ],
    [
      'a field that entries do not have',
      `  - { for_each: matter.relationships, as: r, max: 4, actions: [${LOG('a', '{{r.nmae}}')}] }`,
      ['R022'],
      'nmae',
    ],
    ['a long wait', `  - wait: { for: 2 months }\n  - ${LOG('a')}`, ['R051'], 'cancel_when'],
    ['a path in a stop', `  - stop: "{{matter.nmae}}"`, ['R022'], 'nmae'],
    ['a path in a wait', `  - wait: { until: "{{matter.nmae}}" }`, ['R022'], 'nmae'],
    ['a role that the record has not', `  - approval: { by: role:best_friend }`, ['R010'], 'best_friend'],
    [
      'a condition that never holds in its branch',
      `  - if: { field: matter.billable, is: true }\n    then:\n      - { if: { field: matter.billable, is: false }, then: [${LOG('a')}] }`,
      ['R014'],
      'never holds',
    ],
  ])('%s', (_, steps, expected, words) => {
    const text = rule(steps);
    expect([codes(text), message(text)]).toEqual([expected, expect.stringContaining(words)]);
  });

  it.each([
    [
      'an output that is asked for',
      `  - if: { field: matter.id, gt: 1 }\n    then: [${LOG('a')}]\n  - { if: { field: outputs.a.text, exists: true }, then: [${LOG('b', '{{outputs.a.text}}')}] }`,
    ],
    [
      'an output of the own turn, and of before',
      `  - ${LOG('c')}\n  - { for_each: matter.relationships, max: 3, actions: [${LOG('a')}, ${LOG('b', '{{outputs.a.text}} {{outputs.c.text}} {{item.id}}')}] }`,
    ],
    [
      'a condition after a wait',
      `  - if: { field: matter.billable, is: true }\n    then:\n      - wait: { for: 1 day }\n      - { if: { field: matter.billable, is: false }, then: [${LOG('a')}] }`,
    ],
  ])('nothing about %s', (_, steps) => {
    expect(message(rule(steps))).toBe('');
  });

  it('on_failure cannot rely on what may not have run', () => {
    const failing = (text: string) => rule(`  - ${LOG('a')}\non_failure:\n  - ${LOG('b', text)}`);
    expect(message(failing('{{outputs.a.text}}'))).toContain('may not have run before the failure');
    expect(message(failing('{{run.error.message}}'))).toBe('');
  });

  it.each([
    ['{ event: mater.closed }', 'Did you mean "matter"?'],
    ['{ event: matter.clsed }', 'Did you mean "closed"?'],
    ['{ event: bill.paid }', 'is of no record that the run is about'],
    ['{ event: matter.closed, conditions: { field: matter.stauts, is: Closed } }', 'Did you mean "status"?'],
    ['{ event: matter.closed, conditions: { logic: { "in": [{ var: matter.status }, 3] } } }', ''],
  ])('cancel_when: %s', (cancel, words) => {
    const text = rule(`  - wait: { for: 2 months }`, `cancel_when: [${cancel}]\n`);
    expect(message(text)).toContain(words);
    expect(codes(text)[0]).toMatch(/^R01/);
  });

  it('a rule that is started by hand alone may end with what it reads', () => {
    const byHand = (trigger: string) =>
      rule('  - wait: { for: 2 months }', 'cancel_when: [{ event: matter.closed }]\n').replace(
        'event: matter.created',
        trigger,
      );
    expect(message(byHand('manual: true'))).toBe('');
    const needs = check(byHand('manual: true')).rules[0]?.needs;
    expect([...(needs?.get('matter')?.events ?? [])]).toContain('closed');
  });

  it('without a record a long wait needs no event that ends it, and may have none', () => {
    const byClock = (rest: string) =>
      rule('  - wait: { for: 2 months }', rest)
        .replace('event: matter.created', "schedule: { cron: '0 8 1 1 *', on_missed: once }")
        .replace(/conditions:\n.*\n/, '');
    expect(codes(byClock('')).filter((code) => code === 'R051')).toEqual([]);
    expect(message(byClock('cancel_when: [{ event: matter.closed }]\n'))).toContain(
      'no record that the run is about',
    );
  });

  it('a task may end with its matter, which is then read with it', () => {
    const text = rule(
      `  - wait: { for: 1 day }`,
      'cancel_when: [{ event: matter.closed, conditions: { field: matter.client.id, is: 3 } }]\n',
    )
      .replace('matter.created', 'task.created')
      .replace('matter.status, is: Open', 'task.status, is: pending');
    expect(message(text)).toBe('');
    const needs = check(text).rules[0]?.needs;
    expect([...(needs?.get('task')?.paths ?? [])]).toContain('matter.id');
    expect([...(needs?.get('matter')?.paths ?? [])]).toEqual(expect.arrayContaining(['client.id', 'status']));
  });

  it.each([
    ['  - { wait: {} }', 'takes either "for"'],
    ['  - { wait: { for: soon } }', 'Write it like "2 days"'],
    ['  - { wait: { for: 2 years } }', 'Write it like'],
    ['  - { wait: { for: 400 days } }', '366 days at most'],
    ['  - { if: { field: matter.id, is: 1 }, else: [{ stop: x }] }', '"actions/0/then" is missing'],
    [
      `  - { action: log.write, wait: { for: 1 day } }`,
      'A step is one thing, and this one has "action" and "wait"',
    ],
    ['  - { approval: { by: [ann] } }', 'Write role:responsible_attorney'],
    ['  - { approval: {} }', '"actions/0/approval/by" is missing'],
    ['  - { stop: "" }', 'at least 1 character'],
    ['  - { else: [] }', 'missing'],
    ['  - wait', 'a step is a map with one of action, if, choose'],
    ['  - { choose: [] }', 'may not be empty'],
  ])('%s', (steps, words) => {
    expect(message(rule(steps))).toContain(words);
  });

  it('steps too deep or too many', () => {
    const deep = (levels: number): string =>
      levels === 0 ? LOG('a') : `{ if: { field: matter.id, gt: ${levels} }, then: [${deep(levels - 1)}] }`;
    expect(message(rule(`  - ${deep(10)}`))).toContain('10 levels deep at most');
    expect(message(rule(`  - ${deep(9)}`))).toBe('');
    const many = Array.from({ length: 201 }, () => '  - { action: log.write, with: { text: x } }').join('\n');
    expect(message(rule(many))).toContain('200 steps at most');
  });

  it('a test of an approval that is not there', () => {
    const tests = '\ntests:\n  - { name: t, approvals: { ok: reject }, expect: { outcome: matched } }';
    expect(message(rule(`  - ${LOG('a')}${tests}`))).toContain('no approval step has that id');
    const approval = '  - { id: okk, approval: { by: role:responsible_attorney } }';
    expect(message(rule(`${approval}${tests}`))).toContain('Did you mean "okk"?');
  });

  it.each([
    ['failures: { a: { code: clio.gone } }', 'failure: a', ''],
    ['failures: { tell: { code: clio.gone } }', 'failure: if', ''],
    [
      'failures: { if: { code: clio.gone } }',
      'failure: a',
      'lets the step "if" fail, and no action has that id',
    ],
    ['failures: { al: { code: clio.gone } }', 'failure: a', 'no action has that id. Did you mean "a"?'],
    ['failures: { a: { code: gone } }', 'failure: a', 'such as clio.not_found'],
    ['failures: { a: {} }', 'failure: a', '"tests/0/failures/a/code" is missing'],
    ['failures: {}', 'failure: tell', 'to fail at "tell", and no step of "actions" has that id'],
  ])('a test with %s that expects %s', (failures, expected, problem) => {
    const steps = `  - ${LOG('a')}\n  - { id: if, if: { field: matter.id, gt: 1 }, then: [${LOG('b')}] }`;
    const behind = `\non_failure:\n  - ${LOG('tell')}`;
    const tests = `\ntests:\n  - { name: t, ${failures}, expect: { outcome: matched, ${expected} } }`;
    const found = message(rule(`${steps}${behind}${tests}`));
    if (problem === '') expect(found).toBe('');
    else expect(found).toContain(problem);
  });

  it('no test of one turn of an approval in a loop', () => {
    const loop =
      '  - { for_each: matter.relationships, max: 5, actions: [{ id: ok, approval: { by: role:responsible_attorney } }] }';
    const tests = "\ntests:\n  - { name: t, approvals: { 'ok[1]': reject }, expect: { outcome: matched } }";
    expect(message(rule(`${loop}${tests}`))).toBe('');
  });
});
