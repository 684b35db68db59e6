import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalog, resourceFacts } from '../../src/clio/catalog/catalog.js';
import { systemClock } from '../../src/lib/clock.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { complaints } from '../support/answer-complaints.js';
import { rawClio, type Call } from '../support/raw-clio.js';

/** Everything that can be read of a resource, every association opened. */
function allFields(name: string): string[] {
  const { fields } = resourceFacts(name);
  const items = Object.entries(fields).flatMap(([field, { resource }]) => {
    const nested = Object.keys(catalog.schemas[resource ?? ''] ?? {});
    return nested.length === 0 ? [field] : groups(nested).map((names) => `${field}{${names.join(',')}}`);
  });
  const chunks: string[] = [];
  for (const item of items) {
    const last = chunks.at(-1);
    const isNew = !last?.includes(`${item.split('{')[0] ?? ''}{`);
    if (last !== undefined && isNew && last.length + item.length < 1000)
      chunks[chunks.length - 1] = `${last},${item}`;
    else chunks.push(item);
  }
  return chunks;
}

/** Few enough names to stay within what one `fields` may hold. */
function groups(names: string[]): string[][] {
  return names.length <= 25 ? [names] : [names.slice(0, 25), ...groups(names.slice(25))];
}

/** One request that Clio takes, per resource that can be made. */
const CREATE: Record<string, Record<string, unknown>> = {
  matter: {
    client: { id: 1 },
    description: 'Dissolution',
    status: 'open',
    practice_area: { id: 1 },
    matter_stage: { id: 1 },
    responsible_attorney: { id: 1 },
    custom_field_values: [
      { custom_field: { id: 1 }, value: '26-D-1' },
      { custom_field: { id: 2 }, value: 2 },
    ],
    task_template_list_instances: [{ task_template_list: { id: 1 }, assignee_id: 2, due_at: '2026-12-01' }],
    statute_of_limitations: { status: 'pending', due_at: '2027-01-01' },
  },
  contact: {
    type: 'Person',
    first_name: 'Ann',
    last_name: 'Lee',
    email_addresses: [{ name: 'Work', address: 'ann@example.com', default_email: true }],
    phone_numbers: [{ name: 'Work', number: '555', default_number: true }],
    addresses: [{ name: 'Home', street: '1 Main St', city: 'Here' }],
  },
  task: {
    name: 'File',
    description: 'The petition',
    assignee: { id: 1, type: 'Contact' },
    matter: { id: 1 },
    due_at: '2026-12-01T00:00:00Z',
    priority: 'High',
    task_type: { id: 1 },
  },
  note: { type: 'Matter', matter: { id: 1 }, subject: 'Hello', detail: 'There' },
  activity: { type: 'TimeEntry', date: '2026-11-24', quantity: 5400, matter: { id: 1 }, note: 'Work' },
  calendar_entry: {
    summary: 'Hearing',
    start_at: '2026-12-01T09:00:00-05:00',
    end_at: '2026-12-01T10:00:00-05:00',
    calendar_owner: { id: 1 },
    matter: { id: 1 },
    attendees: [
      { id: 1, type: 'Contact' },
      { id: 2, type: 'Calendar' },
    ],
    external_properties: [{ name: 'praetor', value: 'A1' }],
  },
  communication: {
    type: 'PhoneCommunication',
    subject: 'Call',
    body: 'Said hello',
    received_at: '2026-11-24T09:00:00-05:00',
    matter: { id: 1 },
    senders: [{ id: 1, type: 'Contact' }],
    receivers: [{ id: 1, type: 'User' }],
  },
  folder: { name: 'Pleadings', parent: { id: 1, type: 'Matter' } },
  document: { name: 'Petition', parent: { id: 1, type: 'Matter' } },
  document_automation: {
    document_template: { id: 1 },
    filename: 'Engagement letter',
    formats: ['pdf'],
    matter: { id: 1 },
  },
  reminder: {
    subject: { id: 1, type: 'Task' },
    notification_method: { id: 1 },
    duration_value: 2,
    duration_unit: 'days',
  },
  conversation_message: {
    subject: 'Papers',
    body: 'Please sign',
    receivers: [
      { id: 1, type: 'Contact' },
      { id: 2, type: 'User' },
    ],
    matter: { id: 1 },
  },
  matter_docket: {
    matter: { id: 1 },
    jurisdiction: { id: 1 },
    trigger: { id: 1 },
    service_type: { id: 1 },
    name: 'Complaint',
    start_date: '2026-11-24',
    start_time: '2026-11-24T09:00:00-05:00',
  },
  practice_area: { name: 'Tax' },
  custom_field: { name: 'Judge', parent_type: 'Matter', field_type: 'text_line' },
  task_type: { name: 'Research' },
  task_template_list: { name: 'Closing', description: 'Last steps', practice_area: { id: 1 } },
  task_template: { name: 'Return the file', description: 'To the client', task_template_list: { id: 1 } },
  calendar: { name: 'Firm holidays', visible: true },
  relationship: { matter: { id: 1 }, contact: { id: 1 }, description: 'Guardian' },
  custom_action: { label: 'Why?', target_url: 'https://example.com/why', ui_reference: 'matters/show' },
  expense_category: { name: 'Filing fees', entry_type: 'hard_cost', rate: 50 },
  activity_description: { name: 'Conference', default: false, visible_to_co_counsel: true },
  group: { name: 'Family team' },
  webhook: { url: 'https://example.com/hook', model: 'matter', fields: 'id,etag', events: ['created'] },
};

const UPDATE: Record<string, Record<string, unknown>> = {
  matter: { status: 'pending', custom_field_values: [{ id: 'text_line-1', value: '26-D-2' }] },
  contact: { title: 'Dr' },
  task: { status: 'complete' },
  note: { detail: 'Here' },
  bill: { state: 'awaiting_payment' },
  activity: { quantity: 3600 },
  calendar_entry: { location: 'Court 4' },
  communication: { body: 'Said goodbye' },
  folder: { name: 'Filings' },
  document: { name: 'Motion' },
  practice_area: { code: 'TX' },
  custom_field: { displayed: false },
  task_type: { name: 'Deep research' },
  task_template_list: { description: 'Very last steps' },
  task_template: { priority: 'Low' },
  reminder: { duration_value: 3, duration_unit: 'hours' },
  conversation: { read: false },
  relationship: { description: 'Guardian ad litem' },
  custom_action: { label: 'Why did it happen?' },
  expense_category: { rate: 60 },
  activity_description: { name: 'Conference call' },
  group: { name: 'Family law team' },
  webhook: { fields: 'id,etag,status' },
};

const REQUIRED_FILTERS: Record<string, string> = {
  note: '&type=Matter',
  conversation_message: '&conversation_id=1',
};

let sandbox: Sandbox;
let call: Call;

beforeAll(async () => {
  sandbox = await startSandbox({ clock: systemClock, rateLimit: 10_000 });
  call = rawClio(sandbox);
  for (const [name, data] of Object.entries(CREATE)) {
    const answer = await call('POST', resourceFacts(name).path, data);
    if (answer.status !== 201)
      throw new Error(`The sandbox refused a ${name}: ${JSON.stringify(answer.body)}`);
  }
  sandbox.control.create('bill', { matters: [{ id: 1 }], total: 100, due_at: '2026-12-24' });
  sandbox.control.create('clio_payments_payment', { amount: 100, matters: [{ id: 1 }], contact: { id: 1 } });
  await upload(1);
  sandbox.control.create('allocation', { amount: 100 });
  // What only `clio.request` writes is there at least once, however little it says.
  for (const { name } of resources)
    if (sandbox.control.records(name).length === 0) sandbox.control.create(name, {});
});

afterAll(() => sandbox.stop());

/** As Clio wants it: bytes to the address that it names, then word that they are there. */
async function upload(id: number): Promise<void> {
  const fields = 'latest_document_version{uuid,put_url,put_headers}';
  const { body } = await call('GET', `documents/${id}.json?fields=${fields}`);
  const { latest_document_version: version } = (body as { data: Record<string, never> }).data;
  const { uuid, put_url: url } = version as unknown as Record<string, string>;
  const headers = { 'x-amz-server-side-encryption': 'AES256' };
  await fetch(url ?? '', { method: 'PUT', headers, body: 'The petition' });
  const { status } = await call('PATCH', `documents/${id}.json`, { uuid, fully_uploaded: true });
  if (status !== 200) throw new Error(`The sandbox refused the upload with ${status}.`);
}

const resources = Object.values(catalog.resources);

describe("the sandbox's answers against Clio's OpenAPI file", () => {
  it.each(resources.map(({ name, path }) => [name, path]))('lists %s', async (name, path) => {
    for (const fields of allFields(name)) {
      const filter = REQUIRED_FILTERS[name] ?? '';
      const { status, body } = await call('GET', `${path}.json?fields=${fields}${filter}`);
      expect({ status, body: complaints(`/${path}.json`, 'get', 200, body) }).toEqual({
        status: 200,
        body: [],
      });
      expect((body as { data: unknown[] }).data.length).toBeGreaterThan(0);
    }
  });

  it.each(resources.filter(({ readable }) => readable).map(({ name, path }) => [name, path]))(
    'shows one %s',
    async (name, path) => {
      for (const fields of allFields(name)) {
        const { status, body } = await call('GET', `${path}/1.json?fields=${fields}`);
        expect({ status, body: complaints(`/${path}/{id}.json`, 'get', 200, body) }).toEqual({
          status: 200,
          body: [],
        });
      }
    },
  );

  it.each(Object.entries(CREATE))('creates a %s', async (name, data) => {
    const { path } = resourceFacts(name);
    const fields = allFields(name)[0] ?? '';
    const { status, body } = await call('POST', `${path}.json?fields=${fields}`, data);
    expect({ status, body: complaints(`/${path}.json`, 'post', 201, body) }).toEqual({
      status: 201,
      body: [],
    });
  });

  it.each(Object.entries(UPDATE))('updates a %s', async (name, data) => {
    const { path } = resourceFacts(name);
    const { status, body } = await call('PATCH', `${path}/1.json?fields=${allFields(name)[0] ?? ''}`, data);
    expect({ status, body: complaints(`/${path}/{id}.json`, 'patch', 200, body) }).toEqual({
      status: 200,
      body: [],
    });
  });

  it('says who am I', async () => {
    for (const fields of allFields('user')) {
      const { body } = await call('GET', `users/who_am_i.json?fields=${fields}`);
      expect(complaints('/users/who_am_i.json', 'get', 200, body)).toEqual([]);
    }
  });

  it.each([
    ['400', 'GET', 'matters/1.json?fields=nonsense', undefined, '/matters/{id}.json'],
    ['404', 'GET', 'matters/999.json', undefined, '/matters/{id}.json'],
    ['422', 'POST', 'tasks.json', { name: 'No assignee', description: '' }, '/tasks.json'],
    ['412', 'PATCH', 'tasks/1.json', { name: 'Later' }, '/tasks/{id}.json'],
  ])('refuses with %s in the declared shape', async (status, method, path, data, declared) => {
    const answer = await call(method, path, data, status === '412' ? { 'if-match': '"old"' } : {});
    expect(answer.status).toBe(Number(status));
    expect(complaints(declared, method.toLowerCase(), answer.status, answer.body)).toEqual([]);
  });

  it.each(Object.keys(UPDATE).filter((name) => resourceFacts(name).deletable))(
    'removes a %s',
    async (name) => {
      const { path } = resourceFacts(name);
      const id = sandbox.control.records(name).at(-1)?.['id'] as number;
      const { status, body } = await call('DELETE', `${path}/${id}.json`);
      expect({ status, body: complaints(`/${path}/{id}.json`, 'delete', 204, body) }).toEqual({
        status: 204,
        body: [],
      });
    },
  );

  it('ignored nothing of what this file sent', () => {
    expect(sandbox.control.warnings()).toEqual([]);
  });
});
