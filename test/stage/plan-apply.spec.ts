import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageRules, putInForce } from '../../src/cli/apply-rules.js';
import type { RulePlan } from '../../src/cli/plan-rules.js';
import { readRules } from '../../src/cli/rule-files.js';
import { openDatabase } from '../../src/store/database.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { adminActor } from '../../src/store/actor.js';
import { ApiRuleStore, putText } from '../../src/store/api-rule.store.js';
import { vocabulary } from '../../src/vocabulary.js';
import { Debounce } from '../../src/store/debounce.entity.js';
import { Lookup } from '../../src/store/lookup.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { databases } from '../support/databases.js';
import { rulesFolder } from '../support/law-firm.js';
import { praetor } from '../support/praetor.js';
import { aConnection, anEvent } from '../support/rows.js';
import { TestClock } from '../support/test-clock.js';

const rule = (id: string, over: { status?: string; more?: string; text?: string } = {}) => `version: 1
id: ${id}
name: Rule ${id}
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: ${over.status ?? 'Open'} }]
actions: [{ action: log.write, with: { text: '${over.text ?? id}' } }]
${over.more ?? ''}`;
const LOOP = `chain: allow
actions:
  - action: clio.task.create
    with: { name: Call, description: Now, matter: 7, assignee: 1 }
`;
const FAILING = `tests:
  - { name: an open matter, record: { id: 1, status: Open }, expect: { outcome: not_matched } }
`;

describe.each(databases)('plan and apply against $name', ({ url }) => {
  let environment: Record<string, string>;
  let remove: () => Promise<void>;
  let live: ReturnType<typeof rulesFolder>;
  let next: ReturnType<typeof rulesFolder>;
  const nextFile = (name: string, text: string) => writeFileSync(join(next.folder, name), text);
  const liveFiles = () => readdirSync(live.folder).sort();
  const rules = (...args: string[]) => praetor(['rules', ...args], { environment });

  /** As the engine does when it takes the folder up. */
  async function takeUp(): Promise<void> {
    const database = await openDatabase({ databaseUrl: environment['DATABASE_URL'] ?? '' });
    const { active, broken } = await readRules([live.folder]);
    await new RuleStore(database, new TestClock()).record(active, broken);
    await database.close();
  }

  beforeEach(async () => {
    const opened = await url();
    remove = opened.remove;
    live = rulesFolder({ 'a.yaml': rule('one'), 'b.yaml': rule('two'), 'c.yaml': rule('three') });
    next = rulesFolder({ 'a.yaml': rule('one'), 'b.yaml': rule('two'), 'c.yaml': rule('three') });
    environment = { DATABASE_URL: opened.url, RULES_DIR: live.folder, ENCRYPTION_KEY: '5a'.repeat(32) };
    await takeUp();
  });
  afterEach(async () => {
    live.remove();
    next.remove();
    await remove();
  });

  it('plans nothing where nothing changed but the layout', async () => {
    nextFile('a.yaml', `# a comment\n${rule('one').replace('name: Rule one', 'name: "Rule one"')}`);
    expect(await rules('plan', next.folder)).toMatchObject({ code: 0, out: 'Nothing to do: 3 unchanged.\n' });
  });

  it('plans a file as broken whose id belongs to a rule of the API, and does not apply it', async () => {
    const text = rule('owned');
    const [compiled] = parseRuleFile('api:owned', text, vocabulary()).rules;
    const database = await openDatabase({ databaseUrl: environment['DATABASE_URL'] ?? '' });
    const word = { note: null, actor: adminActor, at: 0 };
    await new ApiRuleStore(database).change((tx) => putText(tx, { rule: compiled!, ...word }));
    await database.close();
    nextFile('d.yaml', text);
    const planned = await rules('plan', next.folder);
    expect(planned).toMatchObject({ code: 1, out: expect.stringContaining('belongs to a rule of the API') });
    expect(await rules('apply', next.folder, '--yes')).toMatchObject({ code: 1 });
    expect(liveFiles()).toEqual(['a.yaml', 'b.yaml', 'c.yaml']);
  });

  it('plans what is added, changed, removed and broken, with the open runs of each', async () => {
    nextFile('a.yaml', rule('one', { status: 'Pending' }));
    nextFile('b.yaml', rule('two', { status: 'pending' }));
    unlinkSync(join(next.folder, 'c.yaml'));
    nextFile('d.yaml', rule('four'));
    const database = await openDatabase({ databaseUrl: environment['DATABASE_URL'] ?? '' });
    const { id: connectionId } = await aConnection(database);
    const run = {
      connectionId, eventId: '1', ruleId: 'one', ruleHash: 'x', model: 'matter', recordId: '1', mode: 'active', idempotencyKey: null,
      facts: {}, depth: 0, error: null, createdAt: 0, finishedAt: null,
    } as const; // prettier-ignore
    await database.write(async (tx) => {
      const event = {
        ...anEvent(connectionId), types: null, webhookAt: null, status: 'matched', reason: null, attempts: 0, dueAt: 0, receivedAt: 0,
        record: null, previous: null, changed: null, causedByRunId: null, depth: 0,
      } as const; // prettier-ignore
      for (const id of ['1', '2'])
        await tx.insert<ObjectLiteral>(InboundEvent, { ...event, id, dedupeKey: id });
      await tx.insert<ObjectLiteral>(Run, [
        { ...run, id: 'r1', status: 'running' },
        { ...run, id: 'r2', status: 'done', eventId: '2' },
      ]);
    });
    await database.close();
    const { code, out } = await rules('plan', next.folder);
    expect(code).toBe(1);
    expect(out).toMatch(/^\+ four {2}added, version none -> [0-9a-f]{8} \(.*d\.yaml\)$/m);
    expect(out).toMatch(/^~ one {2}changed, .*; 1 open run stays on the version it began with$/m);
    expect(out).toContain('    - ' + ' '.repeat(4) + 'is: Open\n    + ' + ' '.repeat(4) + 'is: Pending\n');
    expect(out).toMatch(/^- three {2}removed/m);
    expect(out).toMatch(/^! two {2}broken.*\n {4}.*b\.yaml:5:16 error R011/m);
    expect(out).toMatch(/\n1 added, 1 changed, 1 removed, 1 broken\.\n$/);
    const plan = JSON.parse(
      (await praetor(['--json', 'rules', 'plan', next.folder], { environment })).out,
    ) as RulePlan;
    expect(plan.rules.map(({ id, what, open_runs }) => [id, what, open_runs])).toEqual([
      ['four', 'added', 0],
      ['one', 'changed', 1],
      ['three', 'removed', 0],
      ['two', 'broken', 0],
    ]);
  });

  it('plans with what waits of a rule, also of one that was removed before', async () => {
    const database = await openDatabase({ databaseUrl: environment['DATABASE_URL'] ?? '' });
    const { id: connectionId } = await aConnection(database);
    const burst = {
      connectionId, firstEventId: '1', lastEventId: '1', record: 'matter/1', previous: null, types: [], depth: 0, events: 3, dueAt: 0,
      deadline: 0, overtakenBy: null,
    } as const; // prettier-ignore
    const lookup = {
      connectionId, eventId: '1', ruleHash: 'x', model: 'matter', recordId: '1', asked: {}, found: null, error: null, burst: null,
      overtakenBy: null, attempts: 0, dueAt: 0, askedAt: 0, answeredAt: null,
    } as const; // prettier-ignore
    await database.write(async (tx) => {
      const event = {
        ...anEvent(connectionId), id: '1', dedupeKey: '1', types: null, webhookAt: null, status: 'matched', reason: null, attempts: 0,
        dueAt: 0, receivedAt: 0, record: null, previous: null, changed: null, causedByRunId: null, depth: 0,
      } as const; // prettier-ignore
      await tx.insert<ObjectLiteral>(InboundEvent, event);
      for (const [ruleId, key] of [
        ['one', 'a'],
        ['one', 'b'],
        ['two', 'a'],
        ['three', 'a'],
      ])
        await tx.insert<ObjectLiteral>(Debounce, { ...burst, ruleId, key });
      await tx.insert<ObjectLiteral>(Lookup, { ...lookup, id: 'l1', ruleId: 'one', status: 'asked' });
      await tx.insert<ObjectLiteral>(Lookup, { ...lookup, id: 'l2', ruleId: 'two', status: 'decided' });
      const run = {
        id: 'r1', connectionId, eventId: '1', ruleId: 'gone', ruleHash: 'x', model: 'matter', recordId: '1', mode: 'active', depth: 0,
        status: 'running', idempotencyKey: null, facts: {}, error: null, createdAt: 0, finishedAt: null,
      } as const; // prettier-ignore
      await tx.insert<ObjectLiteral>(Run, run);
    });
    await database.close();
    nextFile('a.yaml', rule('one', { status: 'Pending' }));
    nextFile('b.yaml', rule('two', { status: 'pending' }));
    unlinkSync(join(next.folder, 'c.yaml'));
    nextFile('d.yaml', rule('gone'));
    const { out } = await rules('plan', next.folder);
    expect(out).toMatch(/^~ one {2}.*; 3 waiting events are decided by the new version$/m);
    expect(out).toMatch(/^! two {2}.*; 1 waiting event is noted as rule_broken$/m);
    expect(out).toMatch(/^- three {2}.*; 1 waiting event starts nothing \(rule_removed\)$/m);
    expect(out).toMatch(/^\+ gone {2}.*; 1 open run stays on the version it began with$/m);
  });

  it('plans without a database that any server made', async () => {
    environment = { DATABASE_URL: `sqlite:${join(next.folder, 'none.sqlite')}` };
    expect((await rules('plan', next.folder)).out).toMatch(/3 added\.\n$/);
  });

  it('applies what is sound, leaves the rest of the folder, and plans nothing afterwards', async () => {
    nextFile('a.yaml', rule('one', { status: 'Pending' }));
    nextFile('d.yaml', rule('four', { more: 'calendar: office\n' }));
    mkdirSync(join(next.folder, 'calendars'));
    nextFile('calendars/office.yaml', 'description: Office\n');
    unlinkSync(join(next.folder, 'c.yaml'));
    const applied = await rules('apply', next.folder, '--yes');
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(applied.out).toMatch(
      /\nput calendars\/office\.yaml\nput a\.yaml\nput d\.yaml\nStill in force, because --prune was not given: c\.yaml\n/,
    );
    expect(liveFiles()).toEqual(['a.yaml', 'b.yaml', 'c.yaml', 'calendars', 'd.yaml']);
    await takeUp();
    const again = await rules('apply', next.folder, '--yes');
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain('has these files already');
    expect((await rules('plan', live.folder)).code).toBe(0);
  });

  it('takes out with --prune what the new folder does not have', async () => {
    unlinkSync(join(next.folder, 'c.yaml'));
    const json = await praetor(['--json', 'rules', 'apply', next.folder, '--yes', '--prune'], {
      environment,
    });
    expect(JSON.parse(json.out)).toMatchObject({ applied: true, put: [], removed: ['c.yaml'], kept: [] });
    expect(liveFiles()).toEqual(['a.yaml', 'b.yaml']);
  });

  it.each([
    ['a broken rule', { 'b.yaml': rule('two', { status: 'pending' }) }, /b\.yaml:5:16 error R011/],
    ['a failing test', { 'b.yaml': rule('two', { more: FAILING }) }, /two: an open matter: expected not_matched, got matched/],
    ['a rule that was moved to another file', { 'e.yaml': rule('three', { text: 'x' }), 'c.yaml': null }, /The id "three" stands in c\.yaml and e\.yaml[^]*--prune was not given: c\.yaml/],
    ['a loop', { 'b.yaml': rule('two').replace('matter.created', 'task.created').replace(/conditions:[^]*$/, LOOP) }, /R032/],
  ])('refuses %s and changes nothing', async (_, files: Record<string, string | null>, message) => {
    for (const [name, text] of Object.entries(files))
      if (text === null) unlinkSync(join(next.folder, name));
      else nextFile(name, text);
    const before = liveFiles().map((name) => readFileSync(join(live.folder, name), 'utf8'));
    const refused = await rules('apply', next.folder, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/\nNothing was changed:\n/);
    expect(refused.out).toMatch(message);
    expect(refused.out).not.toContain('.apply-');
    expect(liveFiles().map((name) => readFileSync(join(live.folder, name), 'utf8'))).toEqual(before);
  }); // prettier-ignore

  it('asks nobody where nobody is', async () => {
    nextFile('a.yaml', rule('one', { status: 'Pending' }));
    const asked = await rules('apply', next.folder);
    expect(asked).toMatchObject({ code: 2, out: '' });
    expect(asked.err).toMatch(/^~ one {2}changed[^]*praetor: There is nobody to ask here; .* add --yes\.\n$/);
    expect(liveFiles()).toEqual(['a.yaml', 'b.yaml', 'c.yaml']);
  });

  it('leaves whole files when it is cut off, and finishes when it is called again', async () => {
    nextFile('a.yaml', rule('one', { status: 'Pending' }));
    nextFile('b.yaml', rule('two', { status: 'Pending' }));
    const stage = await stageRules(next.folder, live.folder, false);
    expect(stage.put).toEqual(['a.yaml', 'b.yaml']);
    await putInForce({ ...stage, put: ['a.yaml'] }, []);
    // Here it was cut off: the hidden folder stays, and is no rule.
    const { active, broken } = await readRules([live.folder]);
    expect([active.length, broken.length]).toEqual([3, 0]);
    expect((await rules('apply', next.folder, '--yes')).out).toMatch(/\nput b\.yaml\n/);
  });

  it.each([
    [() => [live.folder], /is the folder in force itself/],
    [() => [join(next.folder, 'nowhere')], /cannot be read .*; name a folder of rules\./],
    [() => [next.folder, '--to', join(next.folder, 'nowhere')], /cannot be read/],
    [() => [join(next.folder, '..')], /There is no rule in/],
  ])('refuses a folder that cannot be meant: %#', async (args, message) => {
    const refused = await rules('apply', ...args(), '--yes');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(message);
  });
});
