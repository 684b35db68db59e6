import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleExplanation } from '../../src/admin/explain-views.js';
import { rulesPage } from '../../src/admin/rule-views.js';
import { eventReport } from '../../src/cli/event-report.js';
import { until } from '../../src/demo/poll.js';
import { LookupWorker } from '../../src/ingest/lookup.worker.js';
import { Lookup } from '../../src/store/lookup.entity.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';

const CHASE = `
version: 1
id: chase
name: A task where nothing is open
triggers: [{ event: matter.updated }]
lookups:
  open: { resource: task, filter: { matter_id: "{{matter.id}}", complete: false }, max: 2 }
  client: { resource: contact, id: "{{matter.client.id}}" }
conditions:
  - { field: matter.description, changed: true }
  - { field: matter.status, is: Open }
  - { field: lookups.open.count, is: 0 }
actions:
  - id: note
    action: clio.note.create
    with:
      type: Matter
      matter: "{{matter.id}}"
      subject: "{{matter.description}}: nothing is open for {{lookups.client.first.name}}"
      detail: Ask.
`;
const LOG = `
version: 1
id: other
name: Looks nothing up
triggers: [{ event: matter.updated }]
conditions: { field: matter.description, changed: true }
actions: [{ action: log.write, with: { text: "{{matter.description}}" } }]
`;
const WAITS = `
version: 1
id: waits
name: Waits for a task
triggers: [{ event: task.created }]
lookups:
  notes: { resource: note, filter: { type: Matter, matter_id: "{{task.matter.id}}" } }
conditions: { field: lookups.notes.count, is: 0 }
cancel_when: [{ event: matter.closed }]
actions:
  - wait: { for: 5 days }
  - { action: log.write, with: { text: "{{task.name}}" } }
`;
const BURST = CHASE.replace('id: chase', 'id: burst').replace(
  'actions:\n',
  'debounce: { period: 2 minutes }\nactions:\n',
);

describe.each(databases)('what a rule looks up at Clio before it decides, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  let matter: number;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'chase.yaml': CHASE, 'other.yaml': LOG });
    const client = Number(firm.control.create('contact', { name: 'Acme', type: 'Company' })['id']);
    matter = Number(
      (
        await firm.play((control) =>
          control.create('matter', { description: 'Lease', status: 'open', client: { id: client } }),
        )
      )['id'],
    );
    firm.control.clearCalls();
  });
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const write = (control: LawFirm['control'], description: string, over: object = {}) =>
    control.update('matter', matter, { description, ...over });
  const lists = () => firm.calls().filter((call) => /tasks|contacts/.test(call));
  const subjects = () => firm.control.records('note').map((note) => note['subject']);
  const decided = async (id = 'chase') =>
    (await firm.events()).flatMap(({ decisions }) =>
      decisions.filter(({ rule_id }) => rule_id === id).map(({ outcome, reason }) => `${outcome} ${reason}`),
    );
  const file = (name: string) => join(firm.settings['RULES_DIR'] ?? '', name);
  const inForce = (wanted: (version: string | null | undefined) => boolean) =>
    until('the change of the rules is not in force', async () => {
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      return wanted(data.find(({ id, state }) => id === 'chase' && state === 'active')?.version);
    });
  const silent = (status: number, count: number) => {
    firm.control.fault({ on: 'request', method: 'GET', path: '/tasks', kind: 'status', status, count });
  };

  it('decides, is in sight of the steps, and can be looked up afterwards', async () => {
    await firm.play((control) => write(control, 'Sale'));
    expect(subjects()).toEqual(['Sale: nothing is open for Acme']);
    expect(lists()).toEqual(['GET /api/v4/tasks.json 200', 'GET /api/v4/contacts.json 200']);
    await firm.play((control) => {
      for (const name of ['one', 'two', 'three'])
        control.create('task', { name, description: name, matter: { id: matter } });
      return write(control, 'Gift');
    });
    expect(await decided()).toEqual(['matched condition_true', 'not_matched condition_false']);
    const last = (await firm.events()).filter(({ type }) => type === 'matter.updated').at(-1)!;
    expect(last.lookups).toMatchObject([
      {
        rule_id: 'chase',
        status: 'decided',
        asked: { open: { model: 'task', filter: { matter_id: String(matter), complete: false } } },
        found: { open: 2, client: 1 },
        error: null,
        next_try_at: null,
      },
    ]);
    expect(eventReport(last)).toContain('lookups.open.count is 0 (it is 2)');
  });

  it('is not read where the rule says no without it', async () => {
    await firm.play((control) => write(control, 'Sale', { status: 'closed' }));
    expect(await decided()).toEqual(['not_matched condition_false']);
    expect(lists()).toEqual([]);
  });

  it('is asked again when Clio did not answer, while the events of the record keep their order', async () => {
    silent(503, 20);
    firm.control.update('matter', matter, { description: 'Sale' });
    await firm.control.settle();
    await firm.settleLanes();
    firm.control.update('matter', matter, { description: 'Gift' });
    await firm.control.settle();
    await firm.settleLanes();
    // Who looks nothing up has decided the first change; the second waits for what is looked up about the first.
    expect(await decided('other')).toEqual(['matched condition_true']);
    expect(await decided()).toEqual([]);
    const [first, second] = (await firm.events()).filter(({ type }) => type === 'matter.updated');
    expect(first).toMatchObject({
      status: 'matched',
      lookups: [{ status: 'asked', next_try_at: expect.any(String) }],
    });
    expect(eventReport(first!)).toContain('Rule chase: looks something up at Clio before it decides, at ');
    expect(eventReport(first!)).toMatch(/could not be read: .*503/);
    expect(second).toMatchObject({
      status: 'ready',
      decisions: [],
      waits_for: [{ rule_id: 'chase', event_id: first!.id }],
    });
    expect(eventReport(second!)).toContain(
      `Waits until rule chase has decided event ${first!.id} of the same record, for which it looks something up.`,
    );
    expect(eventReport(second!)).not.toContain('No rule was asked');
    const explained = await adminOf(firm.url).get(
      `rules/chase/explain?record=matter/${matter}`,
      ruleExplanation,
    );
    expect(explained.timeline.map(({ reason }) => reason).slice(-2)).toEqual([
      'looking_up',
      'waits_for_lookup',
    ]);
    const other = await adminOf(firm.url).get(`rules/other/explain?record=matter/${matter}`, ruleExplanation);
    expect(other.timeline.at(-1)).toMatchObject({ outcome: null, reason: 'waits_for_lookup' });
    await firm.control.clearFaults();
    await firm.rest();
    expect(await decided()).toEqual(['matched condition_true', 'matched condition_true']);
    expect(await decided('other')).toHaveLength(2);
    expect(subjects()).toEqual(['Sale: nothing is open for Acme', 'Gift: nothing is open for Acme']);
  });

  it('is read once for all, also when the engine was stopped on the way', async () => {
    silent(503, 20);
    firm.control.update('matter', matter, { description: 'Sale' });
    await firm.control.settle();
    await firm.settleLanes();
    await firm.stopEngine();
    await firm.control.clearFaults();
    await firm.startEngine();
    await firm.rest();
    expect(subjects()).toEqual(['Sale: nothing is open for Acme']);
  });

  it('leads to a decision that says why when Clio refuses', async () => {
    silent(403, 20);
    await firm.play((control) => write(control, 'Sale'));
    expect(await decided()).toEqual(['errored lookup_failed']);
    const event = (await firm.events()).find(({ type }) => type === 'matter.updated')!;
    expect(event.lookups[0]?.error).toMatch(
      /^What the rule chase looks up for event .* could not be read: .*permission/,
    );
    expect(eventReport(event)).toContain('could not be read');
    expect(subjects()).toEqual([]);
  });

  it('is asked anew by another version of the rule, and by none that is gone', async () => {
    silent(503, 40);
    firm.control.update('matter', matter, { description: 'Sale' });
    await firm.control.settle();
    await firm.settleLanes();
    const { data } = await adminOf(firm.url).get('rules', rulesPage);
    const before = data.find(({ id }) => id === 'chase')?.version;
    writeFileSync(file('chase.yaml'), CHASE.replace('complete: false', 'complete: true'));
    await inForce((version) => version != null && version !== before);
    await firm.control.clearFaults();
    firm.control.clearCalls();
    await firm.rest();
    const asked = firm.control
      .calls()
      .flatMap(({ path, query }) => (path.includes('/tasks') ? (query['complete'] ?? []) : []));
    expect(asked).toEqual(['true']);
    expect(await decided()).toEqual(['matched condition_true']);
    silent(503, 40);
    firm.control.update('matter', matter, { description: 'Gift' });
    await firm.control.settle();
    await firm.settleLanes();
    unlinkSync(file('chase.yaml'));
    await inForce((version) => version === undefined);
    await firm.control.clearFaults();
    await firm.rest();
    expect(await decided()).toEqual(['matched condition_true', 'suppressed rule_removed']);
  });

  it('is read when a burst of changes has ended, for the last of them', async () => {
    writeFileSync(file('chase.yaml'), BURST);
    await until('the change of the rules is not in force', async () => {
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      return data.some(({ id, state }) => id === 'burst' && state === 'active');
    });
    await firm.rest();
    firm.control.clearCalls();
    for (const description of ['Sale', 'Gift']) {
      await firm.clock.advance(10_000);
      firm.control.update('matter', matter, { description });
      await firm.control.settle();
      await firm.settleLanes();
    }
    expect(lists()).toEqual([]);
    await firm.rest();
    expect(lists()).toHaveLength(2);
    expect(await decided('burst')).toEqual(['suppressed debounced', 'matched condition_true']);
    expect(subjects()).toEqual(['Gift: nothing is open for Acme']);
  });

  it('does not keep a run from being ended by what came while it was read', async () => {
    writeFileSync(file('waits.yaml'), WAITS);
    await until('the rule is not in force', async () => {
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      return data.some(({ id, state }) => id === 'waits' && state === 'active');
    });
    await firm.rest();
    firm.control.create('task', { name: 'Sign', description: 'Now', matter: { id: matter } });
    await firm.control.settle();
    firm.control.fault({
      on: 'request',
      method: 'GET',
      path: '/notes',
      kind: 'status',
      status: 503,
      count: 40,
    });
    await firm.settleLanes();
    expect(await decided('waits')).toEqual([]);
    firm.control.update('matter', matter, { status: 'closed' });
    await firm.control.settle();
    await firm.settleLanes();
    await firm.control.clearFaults();
    await firm.rest();
    expect(await decided('waits')).toEqual(['matched condition_true']);
    expect((await firm.runs()).map(({ rule_id, status }) => `${rule_id} ${status}`)).toContain(
      'waits cancelled',
    );
  });

  it('leaves the lane to the steps after a question that Clio does not answer', async () => {
    const client = Number(firm.control.create('contact', { name: 'Ann', type: 'Company' })['id']);
    const given = { description: 'Will', status: 'open', client: { id: client } };
    const other = Number((await firm.play((control) => control.create('matter', given)))['id']);
    silent(503, 40);
    for (const id of [matter, other]) {
      firm.control.update('matter', id, { description: 'Sale' });
      await firm.control.settle();
      await firm.settleLanes();
    }
    const connectionId = (await firm.connections())[0]!.id;
    await firm.database.write((tx) => tx.update(Lookup, { status: 'asked' }, { dueAt: 0 }));
    expect(await firm.database.repo(Lookup).countBy({ connectionId, status: 'asked', dueAt: 0 })).toBe(2);
    const { signal } = new AbortController();
    // Another try may take as long as the first. The lane of the engine may ask meanwhile too, so what Clio saw is not counted.
    expect(await firm.app.get(LookupWorker, { strict: false }).drain(connectionId, signal)).toBe(1);
  });
});
