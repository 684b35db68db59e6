import { basename, dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { recordNamed } from '../../src/admin/explain-views.js';
import { ClioReader } from '../../src/clio/clio-reader.js';
import { connectionNamed, readerOf } from '../../src/cli/read-only-clio.js';
import { ruleNamed } from '../../src/cli/rule-files.js';
import { simulateReport } from '../../src/cli/simulate-report.js';
import { simulateRule, type Simulation } from '../../src/admin/simulate-rule.js';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { recordsOf } from '../../src/records-at-clio.js';
import { vocabulary } from '../../src/vocabulary.js';
import { databases } from '../support/databases.js';
import { LawFirm, rulesFolder } from '../support/law-firm.js';
import { praetor } from '../support/praetor.js';

const FIRST = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
conditions:
  - { field: matter.status, is: Open }
idempotency_key: '{{rule.id}}:{{matter.id}}'
actions:
  - { action: log.write, with: { text: seen } }
`;
const DRAFT = `version: 1
id: retainer
name: Retainer paid
enabled: false
triggers: [{ event: matter.updated }, { event: matter.created }]
conditions:
  - { field: matter.status, changed_to: Closed }
  - { field: matter.custom_fields.Retainer paid, gte: 1000 }
actions:
  - id: call
    action: clio.task.create
    with:
      name: 'Retainer {{matter.custom_fields.[Retainer paid]}}'
      description: Now
      matter: '{{matter.id}}'
      assignee: { user: ann@firm.example }
  - action: log.write
    with: { text: 'Task {{outputs.call.id}} by {{run.id}}' }
`;

const MIXED = `version: 1
id: mixed
name: Closed, or still closed in the morning
triggers:
  - { id: closing, event: matter.updated }
  - { id: morning, schedule: { cron: '30 8 * * 1-5', on_missed: once }, query: { resource: matter } }
  - { id: asked, manual: true }
limits: { max_records: 10 }
conditions: [{ field: matter.status, is: Closed }]
idempotency_key: '{{matter.id}}'
actions: [{ action: log.write, with: { text: '{{trigger.id}}' } }]
`;

const LOOKING = `version: 1
id: looking
name: Nothing is open
triggers: [{ event: matter.updated }]
lookups:
  open: { resource: task, filter: { matter_id: '{{matter.id}}', complete: false }, max: 1 }
  alike: { resource: matter, filter: { practice_area_id: { name: Family } } }
  none: { resource: matter, filter: { practice_area_id: { name: Family }, query: 'no such words' } }
  client: { resource: contact, id: '{{matter.client.id}}' }
conditions: [{ field: matter.status, changed_to: Closed }, { field: lookups.open.count, is: 1 }]
actions:
  - id: told
    action: log.write
    with: { text: '{{lookups.client.first.name}}: {{lookups.open.first.name}}, {{lookups.open.more}}, {{lookups.alike.count}}, {{lookups.none.count}}' }
`;

describe.each(databases)('a rule simulated on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  /** As the command opens it. */
  let database: Database;
  let matter: number;
  let drafts: ReturnType<typeof rulesFolder>;

  beforeAll(async () => {
    const opened = await url();
    remove = opened.remove;
    drafts = rulesFolder({
      'looking.yaml': LOOKING,
      'retainer.yaml': DRAFT,
      'opening.yaml': FIRST,
      'mixed.yaml': MIXED,
    });
    firm = await LawFirm.open(opened.url, { 'opening.yaml': FIRST });
    const field = firm.control.create('custom_field', {
      name: 'Retainer paid',
      field_type: 'currency',
      parent_type: 'Matter',
    })['id'] as number;
    const created = await firm.play((control) =>
      control.create('matter', { description: 'Dissolution', status: 'open' }),
    );
    matter = Number(created['id']);
    // Nobody hears of that any more: the stored state is older than the record.
    await firm.stopEngine();
    firm.control.update('matter', matter, {
      status: 'closed',
      custom_field_values: [{ custom_field: { id: field }, value: '1500' }],
    });
    database = await openDatabase({ databaseUrl: opened.url }, { readOnly: true });
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await firm.close();
    drafts.remove();
    await remove();
  });

  async function simulate(rule: string, event?: string, record = `matter/${matter}`): Promise<Simulation> {
    const connection = await connectionNamed(database, undefined);
    const reader = recordsOf(readerOf(connection, loadConfig(firm.settings), firm.clock), database);
    const sources = { reader, database, connection, vocabulary: vocabulary() };
    const compiled = await ruleNamed(rule, { dir: drafts.folder }, database);
    return simulateRule(
      { rule: compiled, record: recordNamed(record, vocabulary()), event, now: firm.clock.now() },
      sources,
    );
  }

  it('decides on the record as it is now, with custom fields by name, and only reads', async () => {
    const before = await database.repo(Snapshot).find();
    firm.control.clearCalls();
    const result = await simulate(`${drafts.folder}/retainer.yaml`, 'matter.updated');
    expect(result).toMatchObject({
      rule_id: 'retainer',
      outcome: 'matched',
      event: 'matter.updated',
      record: `matter/${matter}`,
      explanation: { node: 'all' },
      actions: [
        {
          id: 'call',
          with: { name: 'Retainer 1500', matter },
          known_later: ['assignee: {"user":"ann@firm.example"} is looked up at Clio'],
        },
        {
          id: '1',
          with: { text: expect.stringMatching(/^Task .* by simulated$/) as unknown },
          known_later: ['outputs.call.id', 'run.id'],
        },
      ],
    });
    expect(result.previous_of).not.toBeNull();
    const calls = firm.control.calls().map(({ method }) => method);
    expect(new Set(calls)).toEqual(new Set(['GET']));
    expect(calls).toHaveLength(result.clio_calls);
    expect(await database.repo(Snapshot).find()).toEqual(before);
    const text = simulateReport(result);
    expect(text).toMatch(
      /^Rule retainer \(version [0-9a-f]{8}\) on matter\/\d+ as it is now, at matter\.updated: matched/,
    );
    expect(text).toContain('known only when it runs: outputs.call.id; run.id');
  });

  it('says that a key is used already, and takes the only trigger by itself', async () => {
    await firm.startEngine();
    const result = await simulate('opening');
    expect(result).toMatchObject({ outcome: 'not_matched', event: 'matter.created', actions: [] });
    const other = await firm.play((control) =>
      control.create('matter', { description: 'B', status: 'open' }),
    );
    const again = await simulate('opening', undefined, `matter/${Number(other['id'])}`);
    expect(again).toMatchObject({ outcome: 'matched', idempotency_key: `opening:${Number(other['id'])}` });
    expect(again.already_run_by).not.toBeNull();
    expect(simulateReport(again)).toContain('the rule would not act again');
  });

  it.each([
    [undefined, 'matter.updated', 'closing'],
    ['matter.updated', 'matter.updated', 'closing'],
    ['closing', 'matter.updated', 'closing'],
    ['morning', 'matter.scheduled', 'morning'],
    ['asked', 'matter.manual', 'asked'],
  ])('takes %s for the trigger of a rule with one of each kind', async (named, event, trigger) => {
    expect(await simulate('mixed', named)).toMatchObject({
      outcome: 'matched',
      event,
      actions: [{ with: { text: trigger } }],
    });
  });

  it('looks up what the rule wants to know, as it is now', async () => {
    firm.control.update('matter', matter, {
      client: { id: Number(firm.control.records('contact')[0]?.['id']) },
    });
    for (const name of ['first', 'second'])
      firm.control.create('task', { name, description: name, matter: { id: matter } });
    firm.control.clearCalls();
    const result = await simulate('looking');
    const name = firm.control.records('contact')[0]?.['name'] as string;
    const family = firm.control
      .records('matter')
      .filter(({ practice_area: area }) => (area as { name?: string } | null)?.name === 'Family').length;
    expect(result).toMatchObject({
      outcome: 'matched',
      actions: [{ id: 'told', with: { text: `${name}: first, true, ${family}, 0` } }],
    });
    expect(firm.control.calls()).toHaveLength(result.clio_calls);
  });

  it.each([
    [
      'retainer',
      undefined,
      undefined,
      /has several triggers; name one of them as the event: matter.updated, matter.created/,
    ],
    ['retainer', 'matter.deleted', undefined, /has no trigger "matter.deleted" for such a record/],
    [
      'mixed',
      'evening',
      undefined,
      /has no trigger "evening" for such a record; name one of them as the event: matter.updated, morning, asked/,
    ],
    [
      'mixed',
      undefined,
      'task/1',
      /hears nothing of a task; its triggers are matter.updated, morning, asked/,
    ],
    ['opening', undefined, 'task/1', /hears nothing of a task; its triggers are matter.created/],
    ['opening', undefined, 'matter/999999', /Clio shows no matter 999999/],
    ['retaner', undefined, undefined, /no rule "retaner".*Did you mean "retainer"/],
  ])('refuses %s at %s for %s', async (rule, event, record, message) => {
    await expect(simulate(rule, event, record)).rejects.toThrow(message);
  });

  it('has no way to write, and renews no token', async () => {
    const connection = await connectionNamed(database, undefined);
    const methods = Object.getOwnPropertyNames(ClioReader.prototype).sort();
    expect(methods).toEqual(['calls', 'constructor', 'get', 'list', 'page', 'spareInMs']);
    const access = { origin: connection.baseUrl, token: 'ended', name: connection.name };
    const refused = new ClioReader(access, firm.clock).list('users', { fields: 'id' });
    await expect(refused).rejects.toThrow(/only a running server renews it/);
    const ended = { ...connection, tokenExpiresAt: firm.clock.now().getTime() };
    expect(() => readerOf(ended, loadConfig(firm.settings), firm.clock)).toThrow(/only a running server/);
  });

  it('is a command, and says which connection it wants', async () => {
    const ask = (...args: string[]) =>
      praetor(['rules', 'simulate', ...args, '--dir', drafts.folder], { environment: firm.settings });
    const unknown = await ask('opening', `matter/${matter}`, '--connection', 'nobody');
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toContain('no one connection "nobody"; there are: ');
    expect(await ask('nosuch', `matter/${matter}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no rule "nosuch" in') as unknown,
    });
    const environment = firm.settings;
    const folder = ['rules', 'simulate', basename(drafts.folder), `matter/${matter}`, '--dir', drafts.folder];
    expect(await praetor(folder, { environment, cwd: dirname(drafts.folder) })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /"[^"]+" is a folder; give a rule file in it, as in .*my-rule.yaml, or the id/,
      ),
    });
    const [one] = await database.repo(Connection).find();
    if (one === undefined) throw new RangeError('no connection');
    const rows = { ...one, id: '7', userId: '7', accountId: '7', tokenExpiresAt: null };
    await firm.database.write((tx) => tx.insert(Connection, rows));
    const several = await ask('opening', `matter/${matter}`);
    expect(several).toMatchObject({ code: 2, out: '' });
    expect(several.err).toContain('name one with --connection');
    const told = await ask('opening', `matter/${matter}`, '--connection', '7');
    expect(told).toMatchObject({ code: 1, err: '' });
    expect(told.out).toContain('not_matched, condition_false');
  });
});

const WAITING = `version: 1
id: waiting
name: Pending for three days
triggers: [{ event: matter.created }, { event: matter.updated }]
evaluation: level
conditions:
  - { field: matter.status, is: Pending }
  - { field: matter.status, held_for: 3 days }
idempotency_key: '{{matter.id}}'
actions:
  - wait: { for: 2 hours }
  - { action: log.write, with: { text: seen } }
`;
const HOURLY = `version: 1
id: hourly
name: Leases
triggers: [{ schedule: { cron: '0 * * * *', on_missed: once }, query: { resource: matter, filter: { status: pending } } }]
limits: { max_records: 10 }
conditions: [{ field: matter.description, starts_with: Lease }]
idempotency_key: '{{matter.id}}'
actions: [{ action: log.write, with: { text: seen } }]
`;

describe.each(databases)('a rule with a past, simulated on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('is decided by all that was seen of the record, and knows what its baseline has passed over', async () => {
    const day = 86_400_000;
    const opened = await url();
    remove = opened.remove;
    firm = await LawFirm.open(opened.url, { 'waiting.yaml': WAITING, 'hourly.yaml': HOURLY });
    const id = await firm.play((control) =>
      Number(control.create('matter', { client: { id: 1 }, description: 'Lease', status: 'pending' })['id']),
    );
    await firm.clock.leap(day);
    await firm.rest();
    await firm.play((control) => void control.update('matter', id, { description: 'Lease 2' }));
    await firm.clock.leap(2.5 * day);
    await firm.rest();
    const simulate = async (rule: string, event?: string) => {
      const connection = await connectionNamed(firm.database, undefined);
      const reader = recordsOf(readerOf(connection, loadConfig(firm.settings), firm.clock), firm.database);
      const sources = { reader, database: firm.database, connection, vocabulary: vocabulary() };
      const compiled = await ruleNamed(rule, { dir: firm.settings['RULES_DIR'] ?? '' }, firm.database);
      const record = recordNamed(`matter/${id}`, vocabulary());
      return simulateRule({ rule: compiled, record, event, now: firm.clock.now() }, sources);
    };
    const waiting = await simulate('waiting', 'matter.updated');
    expect(waiting).toMatchObject({ outcome: 'matched', key_is_spent: false });
    // The engine decided so, too, whatever the other rule had read of the record.
    expect(waiting.already_run_by).not.toBeNull();
    expect(simulateReport(waiting)).toMatch(/\n0 {2}wait {2}until 2026-/);
    const hourly = await simulate('hourly');
    expect(hourly).toMatchObject({ outcome: 'matched', already_run_by: null, key_is_spent: true });
    expect(simulateReport(hourly)).toContain('the key counts as run since the baseline');
  });
});
