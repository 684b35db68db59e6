import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EnrichWorker } from '../../src/ingest/enrich.worker.js';
import type { JsonObject } from '../../src/lib/json.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { EventStore } from '../../src/store/event.store.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { TestClock } from '../support/test-clock.js';

const TYPES = [
  ['Line', 'text_line', 'A 1', 'A 1'],
  ['Area', 'text_area', 'two\nlines', 'two\nlines'],
  ['Address', 'email', 'jane@example.com', 'jane@example.com'],
  ['Page', 'url', 'https://example.com', 'https://example.com'],
  ['Hour', 'time', '09:30', '09:30'],
  ['Count', 'numeric', '3', 3],
  ['Retainer', 'currency', '1500.00', 1500],
  ['Urgent', 'checkbox', 'true', true],
  ['Hearing', 'date', '2026-12-24', '2026-12-24'],
  ['Opponent', 'contact', '1', { id: 1 }],
  ['Related', 'matter', '1', { id: 1 }],
] as const;

describe.each(databases)('custom fields of records, on $name', ({ url }) => {
  let sandbox: Sandbox;
  let ingest: IngestApp;
  let remove: () => Promise<void>;
  let matter: number;
  let etag: string;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    const clock = new TestClock();
    sandbox = await startSandbox({ clock, rateLimit: 10_000 });
    const accessToken = sandbox.control.token();
    ingest = await IngestApp.start(database.url, sandbox.origin, { accessToken, clock });
    ingest.needs.want('matter', ['updated'], ['status', 'custom_fields.Retainer']);
    ingest.needs.want('contact', ['updated'], ['custom_fields.Retainer']);
    for (const [name, field_type] of TYPES) define({ name, field_type });
  });

  afterAll(async () => {
    await ingest.stop();
    await sandbox.stop();
    await remove();
  });

  beforeEach(() => {
    matter = Number(sandbox.control.create('matter', { description: 'Dissolution' })['id']);
    sandbox.control.clearCalls();
  });

  afterEach(() => expect(sandbox.control.warnings()).toEqual([]));

  const define = (field: JsonObject) =>
    Number(sandbox.control.create('custom_field', { parent_type: 'Matter', ...field })['id']);
  const idOf = (name: string) =>
    Number(sandbox.control.records('custom_field').find((field) => field['name'] === name)?.['id']);
  const set = (name: string, value: string) => {
    const held = sandbox.control.record('matter', matter)?.['custom_field_values'] as {
      id: string;
      custom_field: { id: number };
    }[];
    const old = held.find((one) => one.custom_field.id === idOf(name));
    const entry = old === undefined ? { custom_field: { id: idOf(name) } } : { id: old.id };
    sandbox.control.update('matter', matter, { custom_field_values: [{ ...entry, value }] });
  };
  const listReads = () => sandbox.control.calls().filter(({ path }) => path.includes('custom_fields')).length;

  /** The change is told of, taken in and read. Gives what the rules will see. */
  async function seen(model = 'matter', id = matter) {
    const record = sandbox.control.record(model, id) as JsonObject;
    etag = record['etag'] as string;
    const payload = {
      id,
      etag,
      updated_at: record['updated_at'],
      created_at: record['created_at'],
    } as JsonObject;
    await ingest.app.get(EventStore).append([
      {
        connectionId: ingest.connectionId,
        subscriptionId: null,
        source: 'webhook',
        model,
        recordId: String(id),
        type: `${model}.updated`,
        etag,
        dedupeKey: `${model}:${id}:${etag}`,
        payload: { ...payload, status: record['status'] ?? null },
      },
    ]);
    await ingest.app.get(EnrichWorker).drain(ingest.connectionId, new AbortController().signal);
    const event = (await ingest.events()).at(-1);
    const named = (of: JsonObject | null | undefined) => of?.['custom_fields'] as JsonObject | undefined;
    return {
      status: event?.status,
      now: named(event?.record),
      before: named(event?.previous),
      changed: event?.changed,
    };
  }

  it.each(TYPES)('%s, a %s, is read as what it is', async (name, _type, text, expected) => {
    set(name, text);
    const { status, now } = await seen();
    expect(status).toBe('ready');
    expect(now?.[name]).toEqual(expected);
  });

  it('a picklist is read by the name of its option', async () => {
    set('Fee agreement', '2');
    expect((await seen()).now?.['Fee agreement']).toBe('Hourly');
  });

  it('a field without a value is null, and one that the firm does not have is missing', async () => {
    const { now } = await seen();
    expect(now).toMatchObject({ Retainer: null, Urgent: null });
    expect(now).not.toHaveProperty('Nobody has this');
  });

  it('what changed is told by name', async () => {
    set('Retainer', '100');
    await seen();
    set('Retainer', '200');
    const { before, now, changed } = await seen();
    expect([before?.['Retainer'], now?.['Retainer']]).toEqual([100, 200]);
    expect(changed).toEqual(['custom_fields.Retainer']);
  });

  it('the definitions are read once for many records', async () => {
    await seen();
    sandbox.control.clearCalls();
    for (let round = 0; round < 3; round++) {
      set('Count', String(round));
      await seen();
    }
    expect(listReads()).toBe(0);
  });

  it('a value of a field that was just made makes the definitions be read again, once', async () => {
    await seen();
    define({ name: `New ${matter}`, field_type: 'numeric' });
    sandbox.control.clearCalls();
    set(`New ${matter}`, '7');
    expect((await seen()).now?.[`New ${matter}`]).toBe(7);
    set(`New ${matter}`, '8');
    await seen();
    expect(listReads()).toBe(1);
  });

  it('a field that was renamed has its new name on both sides, and did not change', async () => {
    const field = define({ name: `Old ${matter}`, field_type: 'text_line' });
    set(`Old ${matter}`, 'same');
    await seen();
    sandbox.control.update('custom_field', field, { name: `Renamed ${matter}` });
    sandbox.control.update('matter', matter, { status: 'Closed' });
    const { now, before, changed } = await seen();
    expect([before, now].map((of) => of?.[`Renamed ${matter}`])).toEqual(['same', 'same']);
    expect(now).not.toHaveProperty(`Old ${matter}`);
    expect(changed).toEqual(['status']);
  });

  it('a field that was deleted is missing, not empty', async () => {
    const field = define({ name: `Gone ${matter}`, field_type: 'text_line' });
    set(`Gone ${matter}`, 'here');
    await seen();
    sandbox.control.remove('custom_field', field);
    sandbox.control.update('matter', matter, { status: 'Closed' });
    const { now, before } = await seen();
    expect(now).not.toHaveProperty(`Gone ${matter}`);
    expect(before).not.toHaveProperty(`Gone ${matter}`);
  });

  it('two fields of one name are both left out', async () => {
    define({ name: `Twin ${matter}`, field_type: 'numeric' });
    define({ name: `Twin ${matter}`, field_type: 'text_line' });
    set(`Twin ${matter}`, '1');
    const { now } = await seen();
    expect(now).not.toHaveProperty(`Twin ${matter}`);
    expect(now).toHaveProperty('Retainer');
  });

  it("a contact has the fields of contacts, not the matters'", async () => {
    const name = `Of contacts ${matter}`;
    const field = define({ name, field_type: 'checkbox', parent_type: 'Contact' });
    sandbox.control.update('contact', 1, {
      custom_field_values: [{ custom_field: { id: field }, value: 'false' }],
    });
    const { now } = await seen('contact', 1);
    expect(now).toEqual({ [name]: false });
  });
});
