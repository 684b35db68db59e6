import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog, resourceFacts } from '../../src/clio/catalog/catalog.js';
import { until } from '../../src/demo/poll.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { Database } from '../../src/store/database.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const OPENING = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - id: check
    action: clio.task.create
    with:
      name: 'Conflict check {{matter.description}}'
      description: 'For {{matter.client.name}}.'
      matter: '{{matter.id}}'
      assignee: { role: responsible_attorney }
`;
const DONE = `
version: 1
id: done
name: Done
triggers: [{ event: task.updated }]
conditions: [{ field: task.status, changed_to: complete }]
actions: [{ id: say, action: log.write, with: { text: 'done' } }]
`;
const PAID = `
version: 1
id: paid
name: Paid
triggers: [{ event: clio_payments_payment.updated }]
conditions: [{ field: clio_payments_payment.state, changed_to: completed }]
actions: [{ id: say, action: log.write, with: { text: '{{clio_payments_payment.amount}}' } }]
`;

const matter = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

describe.each(databases)('a connection on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async (rules: Record<string, string>) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  };
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const open = (description = 'Dissolution') =>
    firm.play((control) => control.create('matter', { ...matter, description }));
  const tasks = () => firm.control.records('task').map(({ name }) => name);
  const live = () =>
    firm.control
      .records('webhook')
      .filter(
        ({ status, expires_at: end }) =>
          status === 'enabled' && Date.parse(end as string) > firm.clock.now().getTime(),
      )
      .map(({ model }) => model as string);
  const connectAgain = async () => {
    await fetch(`${firm.url}/oauth/clio/connect`);
    await firm.rest();
  };
  const after = async (ms: number) => {
    await firm.clock.leap(ms);
    await firm.rest();
  };

  it('keeps every webhook and its token through 90 days of quiet, and says what that costs', async () => {
    await start({ 'opening.yaml': OPENING, 'done.yaml': DONE });
    for (let step = 1; step <= 180; step++) {
      await after(12 * HOUR);
      expect(live().sort()).toEqual(['matter', 'task']);
      if (step % 20 === 0) await open(`Day ${step / 2}`);
    }
    expect(tasks().filter((name) => /Day/.test(name as string))).toHaveLength(9);
    const upkeep = firm.calls().filter((call) => /webhooks|oauth/.test(call));
    const kinds = new Map<string, number>();
    for (const call of upkeep.map((one) => one.replace(/\d+\.json/, 'ID.json')))
      kinds.set(call, (kinds.get(call) ?? 0) + 1);
    const reads = firm.control
      .calls()
      .filter(({ method, path }) => method === 'GET' && /(matters|tasks)\.json/.test(path));
    process.stdout.write(
      `Upkeep of 2 webhooks over 90 days in steps of 12 hours: ${upkeep.length} calls ${JSON.stringify([...kinds])}; a running engine lists them every hour, 24 calls a day. The lists of both models were read and compared with what is known by ${reads.length} calls of the budget to spare; a running engine does so every 20 minutes.\n`,
    );
    expect(kinds.get('POST /api/v4/webhooks.json 201')).toBeUndefined();
    expect(kinds.get('PATCH /api/v4/webhooks/ID.json 200')).toBeLessThanOrEqual(2 * 6);
    expect(kinds.get('GET /api/v4/webhooks.json 200')).toBeLessThanOrEqual(181);
    expect(kinds.get('POST /oauth/token 200')).toBe(3);
    expect(await firm.openAlerts()).toEqual([]);
    expect(firm.control.warnings()).toEqual([]);
  });

  it('makes its webhooks again when the engine was off until they had expired', async () => {
    await start({ 'opening.yaml': OPENING });
    await firm.stopEngine();
    await firm.clock.leap(40 * 24 * HOUR);
    expect(live()).toEqual([]);
    await firm.startEngine();
    await firm.rest();
    expect(live()).toEqual(['matter']);
    await open();
    expect(tasks()).toHaveLength(1);
  });

  it('makes its webhook again that Clio suspended while the engine was off, and tells a person', async () => {
    await start({ 'opening.yaml': OPENING });
    await firm.stopEngine();
    firm.control.create('matter', matter);
    for (let tries = 0; tries < 6; tries++) {
      await firm.control.settle();
      firm.control.retryNow();
    }
    await firm.control.settle();
    expect(firm.control.records('webhook')).toMatchObject([{ status: 'suspended' }]);
    await firm.startEngine();
    await firm.rest();
    expect(live()).toEqual(['matter']);
    expect(await firm.openAlerts()).toEqual(['subscription_suspended matter']);
    await open('Second');
    expect(tasks()).toEqual(['Conflict check Second']);
    await after(HOUR);
    expect(await firm.openAlerts()).toEqual([]);
  });

  it('pauses when its user withdraws it, keeps its work, and goes on at once when connected again', async () => {
    await start({ 'opening.yaml': OPENING });
    firm.control.revokeTokens();
    const delivered = firm.clock.now().getTime();
    firm.control.create('matter', matter);
    await firm.control.settle();
    await firm.settleLanes();
    expect(await firm.connections()).toMatchObject([{ status: 'needs_authorisation', open_alerts: 1 }]);
    expect(await firm.openAlerts()).toEqual(['connection_lost authorisation']);
    expect(tasks()).toEqual([]);

    await firm.clock.leap(MINUTE);
    for (const { id } of firm.control.records('webhook')) firm.control.remove('webhook', id as number);
    await connectAgain();
    expect(live()).toEqual(['matter']);
    expect(tasks()).toEqual(['Conflict check Dissolution']);
    expect(firm.clock.now().getTime() - delivered).toBeLessThan(2 * MINUTE);
    expect(await firm.openAlerts()).toEqual([]);
    expect(await firm.connections()).toMatchObject([{ status: 'active', open_alerts: 0 }]);
  });

  it('notices by itself that it was withdrawn, although nothing happens at the firm', async () => {
    await start({ 'opening.yaml': OPENING });
    firm.control.revokeTokens();
    await after(HOUR);
    expect(await firm.openAlerts()).toEqual(['connection_lost authorisation']);
  });

  it('says which permission is missing and which rules that disables, until it is given back', async () => {
    await start({ 'opening.yaml': OPENING, 'done.yaml': DONE });
    firm.control.forbid('task');
    for (const { id, model } of firm.control.records('webhook'))
      if (model === 'task') firm.control.remove('webhook', id as number);
    await after(HOUR);
    expect(live()).toEqual(['matter']);
    expect(await firm.openAlerts()).toEqual(['scope_missing task']);
    const [{ missing_scopes: missing = [] } = {}] = await firm.connections();
    expect(missing).toMatchObject([{ model: 'task', permission: 'Tasks' }]);
    expect(missing[0]?.message).toMatch(/it disables the rule done\.$/);

    firm.control.forbid();
    await after(HOUR);
    expect(live()).toEqual(['matter', 'task']);
    expect(await firm.openAlerts()).toEqual([]);
  });

  it('opens its secrets after the keys were changed, and does without the old one', async () => {
    await start({ 'opening.yaml': OPENING });
    const [fresh, old] = ['6b'.repeat(32), firm.settings['ENCRYPTION_KEY'] as string];
    for (const keys of [`${fresh},${old}`, fresh]) {
      await firm.stopEngine();
      await firm.startEngine({ ENCRYPTION_KEY: keys });
      await firm.rest();
    }
    expect(await firm.openAlerts()).toEqual([]);
    await open();
    expect(tasks()).toHaveLength(1);
    firm.control.expireTokens();
    await open('Second');
    expect(tasks()).toHaveLength(2);
  });

  it('takes deliveries although the secret before the present one cannot be opened any more', async () => {
    await start({ 'opening.yaml': OPENING });
    const database = firm.app.get(Database);
    await database.write((tx) =>
      tx.update(Subscription, { model: 'matter' }, { previousSecret: 'v1.deadbeef.a.b.c' }),
    );
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    await open();
    expect(tasks()).toHaveLength(1);
  });

  it('serves rules that read more fields than fit into a webhook: each change is one event, read in parts', async () => {
    const many = Object.entries(resourceFacts('matter').fields).flatMap(([field, { type, resource = '' }]) =>
      type === 'object'
        ? Object.keys(catalog.schemas[resource] ?? {}).map((inner) => `{{matter.${field}.${inner}}}`)
        : [],
    );
    const rule = `
version: 1
id: wide
name: Wide
triggers: [{ event: matter.created }]
actions: [{ id: say, action: log.write, with: { text: ${JSON.stringify(many.join(' '))} } }]
`;
    await start({ 'wide.yaml': rule, 'opening.yaml': OPENING });
    expect(firm.control.records('webhook')).toMatchObject([{ fields: 'id,etag,created_at,updated_at' }]);
    await open();
    expect(tasks()).toEqual(['Conflict check Dissolution']);
    expect((await firm.decisions()).sort()).toEqual([
      'matter.created opening matched',
      'matter.created wide matched',
    ]);
    const reads = firm.control.calls().filter(({ method, path }) => method === 'GET' && /matters/.test(path));
    const asked = reads.map(({ query }) => String(query['fields']).length);
    expect(asked.filter((length) => length > 500).length).toBeGreaterThan(3);
    expect(Math.max(...asked)).toBeLessThanOrEqual(1_000);
  });

  it('hears of what a new rule needs, and no longer of what no rule needs', async () => {
    await start({ 'opening.yaml': OPENING });
    const folder = firm.settings['RULES_DIR'] as string;
    const soon = (models: string[]) =>
      until(`the webhooks are not ${models.join()}`, async () => {
        await after(20_000);
        return live().join() === models.join();
      });
    writeFileSync(join(folder, 'done.yaml'), DONE);
    await soon(['matter', 'task']);
    rmSync(join(folder, 'opening.yaml'));
    await soon(['task']);
    expect(firm.control.records('webhook')).toHaveLength(1);
    expect((await firm.connections())[0]?.subscriptions).toMatchObject([{ model: 'task' }]);
  });

  it('hears of payments', async () => {
    await start({ 'paid.yaml': PAID });
    const { id } = await firm.play((control) =>
      control.create('clio_payments_payment', { amount: 250, state: 'pending' }),
    );
    await firm.play((control) =>
      control.update('clio_payments_payment', id as number, { state: 'completed' }),
    );
    expect(await firm.decisions()).toEqual(['clio_payments_payment.updated paid matched']);
  });
});

describe.each(databases)('two connections of one installation on $name', ({ url }) => {
  let firm: LawFirm;
  let other: Sandbox;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': OPENING });
    other = await startSandbox({ clock: firm.clock });
    const answer = await fetch(`${firm.url}/api/v1/connections`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${firm.settings['ADMIN_TOKEN']}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Other', base_url: other.origin, access_token: other.control.token() }),
    });
    expect(answer.status).toBe(201);
    await firm.rest();
    await other.control.settle();
    await firm.rest();
  });
  afterEach(async () => {
    await firm.close();
    await other.stop();
    await remove();
  });

  const both = async (act: () => void) => {
    act();
    await other.control.settle();
    await firm.rest();
    await other.control.settle();
    await firm.rest();
  };
  const tasksOf = ({ control }: { control: LawFirm['control'] }) =>
    control.records('task').map(({ name, description }) => `${name as string}: ${description as string}`);

  it('never see each other’s data, although their records have the same ids', async () => {
    firm.control.update('contact', 1, { first_name: 'Anna', last_name: 'Alpha' });
    other.control.update('contact', 1, { first_name: 'Berta', last_name: 'Beta' });
    await both(() => {
      firm.control.create('matter', { ...matter, description: 'One' });
      other.control.create('matter', { ...matter, description: 'Two' });
    });
    expect(tasksOf(firm)).toEqual([expect.stringMatching(/^Conflict check One: For Anna Alpha\./)]);
    expect(tasksOf(other)).toEqual([expect.stringMatching(/^Conflict check Two: For Berta Beta\./)]);

    const [mine, theirs] = await firm.connections();
    const snapshots = await firm.app.get(Database).repo(Snapshot).find();
    expect(
      snapshots.map(({ connectionId, recordId, record }) => [connectionId, recordId, record['description']]),
    ).toEqual(
      expect.arrayContaining([
        [mine?.id, '1', 'One'],
        [theirs?.id, '1', 'Two'],
      ]),
    );
    const events = await firm.events();
    expect(events.map(({ connection_id: id }) => id).sort()).toEqual([mine?.id, theirs?.id].sort());
    const runs = await firm.runs();
    expect(runs).toHaveLength(2);
    for (const run of runs)
      expect(JSON.stringify(run)).not.toMatch(run.connection_id === mine?.id ? /Two|Beta/ : /One|Alpha/);
  });

  it('cannot be made to: a delivery signed by one firm is refused at the address of the other', async () => {
    const [ours] = firm.control.records('webhook') as { id: number; shared_secret: string; url: string }[];
    const [theirs] = other.control.records('webhook') as { id: number; shared_secret: string; url: string }[];
    const body = (id: number | undefined) =>
      JSON.stringify({ data: { id: 1, etag: '"x"' }, meta: { event: 'created', webhook_id: id } });
    const signed = (text: string, secret = '') => createHmac('sha256', secret).update(text).digest('hex');
    for (const id of [ours?.id, theirs?.id]) {
      const text = body(id);
      const signature = signed(text, theirs?.shared_secret);
      expect(await firm.control.forge(ours?.url ?? '', text, signature)).toBe(401);
    }
    expect(await firm.events()).toEqual([]);
  });

  it('keep their webhooks apart: neither removes what belongs to the other', async () => {
    await firm.clock.leap(HOUR);
    await both(() => undefined);
    expect(firm.control.records('webhook')).toMatchObject([{ status: 'enabled' }]);
    expect(other.control.records('webhook')).toMatchObject([{ status: 'enabled' }]);
  });

  it('are lost one by one: the other goes on', async () => {
    other.control.revokeTokens();
    await both(() => {
      firm.control.create('matter', { ...matter, description: 'One' });
    });
    await firm.clock.leap(HOUR);
    await both(() => undefined);
    expect(tasksOf(firm)).toHaveLength(1);
    expect((await firm.connections()).map(({ name, status }) => `${name} ${status}`)).toEqual([
      expect.stringMatching(/ active$/),
      'Other needs_authorisation',
    ]);
    expect(await firm.openAlerts()).toEqual(['connection_lost authorisation']);
  });
});

describe.each(databases)('a second user of a firm on $name', ({ url }) => {
  it('stands by: every change is still taken in once, and what one wrote starts no rule of the other', async () => {
    const database = await url();
    const chain = `
version: 1
id: chain
name: Chain
triggers: [{ event: task.created }]
conditions: [{ field: task.matter.id, exists: true }]
actions:
  - action: clio.task.create
    with: { name: Again, description: And again., matter: '{{task.matter.id}}' }
`;
    const rules = { 'opening.yaml': OPENING, 'chain.yaml': chain };
    const firm = await LawFirm.open(database.url, rules);
    const answer = await fetch(`${firm.url}/api/v1/connections`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${firm.settings['ADMIN_TOKEN']}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ base_url: firm.sandbox.origin, access_token: firm.control.token('2') }),
    });
    expect(await answer.json()).toMatchObject({ user: { name: 'Paul Marsh' }, stands_by: true });
    await firm.play((control) => control.create('matter', matter));
    expect(firm.control.records('task')).toHaveLength(1);
    expect(
      (await firm.connections()).map(({ stands_by, subscriptions }) => [stands_by, subscriptions.length]),
    ).toEqual([
      [false, 2],
      [true, 0],
    ]);
    await firm.close();
    await database.remove();
  });
});
