import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { rawCall, rawClio, refusal, type Call, type RawAnswer } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;

let clock: TestClock;
let sandbox: Sandbox;
let call: Call;

beforeEach(async () => {
  clock = new TestClock();
  sandbox = await startSandbox({ clock, rateLimit: 1000 });
  call = rawClio(sandbox);
});

afterEach(() => sandbox.stop());

interface Data {
  id: number;
  etag: string;
  [field: string]: unknown;
}

const dataOf = ({ body }: RawAnswer) => (body as { data: Data }).data;
const idsOf = ({ body }: RawAnswer) => (body as { data: Data[] }).data.map(({ id }) => id);
const nextOf = ({ body }: RawAnswer) => (body as { meta: { paging: { next?: string } } }).meta.paging.next;
const task = (over: object = {}) => ({
  name: 'File',
  description: 'The petition',
  assignee: { id: 1, type: 'User' },
  ...over,
});

describe('fields', () => {
  beforeEach(() => {
    sandbox.control.create('matter', { description: 'Dissolution', practice_area: { id: 1 } });
    sandbox.control.create('task', { ...task(), matter: { id: 1 } });
  });

  const read = (fields: string) => call('GET', `tasks/1.json?fields=${fields}`);

  it('gives id and etag without being asked', async () => {
    const plain = dataOf(await call('GET', 'tasks/1.json'));
    expect(plain).toEqual({ id: 1, etag: expect.stringMatching(/^".+"$/) });
    expect(dataOf(await read('name,status'))).toEqual({ name: 'File', status: 'pending' });
  });

  it('opens an association by one level, and shows below it the default fields', async () => {
    expect(dataOf(await read('matter{display_number,practice_area},assignee{name}'))).toEqual({
      matter: { display_number: '00001-Doe', practice_area: { id: 1, etag: expect.any(String) } },
      assignee: { name: 'Alexandra Reed' },
    });
    expect(dataOf(await read('matter'))).toEqual({ matter: { id: 1, etag: expect.any(String) } });
    expect(dataOf(await read('task_type{name}'))).toEqual({ task_type: null });
  });

  it('shapes the answers to writes as well', async () => {
    const created = await call('POST', 'tasks.json?fields=id,name', task({ name: 'Call' }));
    expect(dataOf(created)).toEqual({ id: 2, name: 'Call' });
    const updated = await call('PATCH', 'tasks/2.json?fields=status', { status: 'complete' });
    expect(dataOf(updated)).toEqual({ status: 'complete' });
  });

  it.each([
    ['an unknown name', 'id,nmae', /nmae.*name/],
    ['an unknown name in braces', 'matter{id,nmae}', /nmae/],
    ['a second level', 'matter{client{name}}', /one level/],
    ['braces behind a plain field', 'name{id}', /name/],
    ['empty braces', 'matter{}', /empty/],
    ['braces that do not close', 'matter{id', /not readable/],
    ['1001 characters', `id${',id'.repeat(333)}`, /1001/],
  ])('refuses %s', async (_, fields, message) => {
    const body = refusal('InvalidFields', expect.stringMatching(message));
    expect(await read(fields)).toMatchObject({ status: 400, body });
    expect(await call('POST', `tasks.json?fields=${fields}`, task())).toMatchObject({ status: 400, body });
    expect(sandbox.control.records('task')).toHaveLength(1);
  });
});

describe('lists', () => {
  /** Three matters, one a minute; the first was changed last. */
  beforeEach(async () => {
    sandbox.control.create('contact', { first_name: 'Ann', last_name: 'Lee' });
    sandbox.control.create('matter', { description: 'Dissolution', status: 'pending' });
    await clock.advance(MINUTE);
    sandbox.control.create('matter', { description: 'Adoption', client: { id: 2 } });
    await clock.advance(MINUTE);
    sandbox.control.create('matter', { description: 'Last will', responsible_attorney: { id: 1 } });
    for (const id of [1, 1, 2]) sandbox.control.create('task', { ...task(), matter: { id } });
    sandbox.control.create('task', task({ name: 'Bill', assignee: { id: 2, type: 'User' } }));
    await clock.advance(MINUTE);
    sandbox.control.update('matter', 1, { description: 'Dissolution, contested' });
  });

  it.each([
    ['matters.json', [1, 2, 3]],
    ['matters.json?ids[]=3&ids[]=1&ids[]=3&ids[]=99', [1, 3]],
    ['matters.json?ids[]=99', []],
    ['matters.json?created_since=2026-11-24T10:01:00Z', [2, 3]],
    ['matters.json?created_since=2026-11-24T05:01:01-05:00', [3]],
    ['matters.json?updated_since=2026-11-24T10:02:30Z', [1]],
    ['matters.json?query=DOPT', [2]],
    ['matters.json?client_id=2', [2]],
    ['matters.json?status=pending', [1]],
    ['matters.json?responsible_attorney_id=1&client_id=1', [3]],
    ['matters.json?order=id(desc)', [3, 2, 1]],
    ['matters.json?order=updated_at(desc)', [1, 3, 2]],
    ['tasks.json?matter_id=1', [1, 2]],
    ['tasks.json?matter_id=1&ids[]=2&ids[]=3', [2]],
    ['tasks.json?assignee_id=2&assignee_type=user', [4]],
    ['tasks.json?query=bill', [4]],
  ])('GET %s gives %j', async (path, ids) => {
    const answer = await call('GET', path);
    expect(answer).toMatchObject({ status: 200, body: { meta: { paging: {} } } });
    expect(idsOf(answer)).toEqual(ids);
    expect(sandbox.control.warnings()).toEqual([]);
  });

  it.each([
    ['matters.json?client_id=Doe', 422],
    ['matters.json?updated_since=yesterday', 422],
    ['matters.json?order=updated(desc)', 422],
    ['tasks.json?priority=High', 422],
    ['notes.json', 422],
    ['matters.json?limit=0', 422],
    ['matters.json?limit=201', 422],
    ['matters.json?page_token=guessed', 422],
    ['matters.json?offset=9801', 422],
    ['matters.json?custom_field_values[1]=<5', 400],
  ])('GET %s is refused with %i', async (path, status) => {
    expect(await call('GET', path)).toMatchObject({ status, body: refusal('ArgumentError') });
  });

  it.each([
    ['open_date[]=>=2026-11-01&open_date[]=<2026-12-01', [2, 3]],
    ['open_date[]=>=2026-11-01&open_date[]=<2026-11-02', []],
    ['custom_field_values[1]=A 1', [1]],
    ['custom_field_values[1]==A 1', [1]],
    ['custom_field_values[3]=>=100', [2, 3]],
    ['custom_field_values[3]=>=100&custom_field_values[3]=<150.5', [2]],
    ['custom_field_values[3]==100', [2]],
  ])('compare dates and custom fields: %s gives %j', async (filter, ids) => {
    sandbox.control.create('custom_field', { name: 'Fee', field_type: 'currency', parent_type: 'Matter' });
    const value = (id: number, text: string) => ({ custom_field: { id }, value: text });
    sandbox.control.update('matter', 1, { custom_field_values: [value(1, 'A 1'), value(3, '20.00')] });
    sandbox.control.update('matter', 2, { custom_field_values: [value(1, 'A 2'), value(3, '100.00')] });
    sandbox.control.update('matter', 3, { custom_field_values: [value(3, '150.5')] });
    expect(idsOf(await call('GET', `matters.json?${filter}`))).toEqual(ids);
    expect(sandbox.control.warnings()).toEqual([]);
  });

  it('pages by cursor: nothing is missed or twice, whatever is made or removed on the way', async () => {
    const asked = 'tasks.json?limit=2&order=id(asc)&fields=id,name&query=i';
    const first = await call('GET', asked);
    expect(idsOf(first)).toEqual([1, 2]);
    const next = nextOf(first) ?? '';
    expect(next).toMatch(`${sandbox.origin}/api/v4/tasks.json?`);
    expect(new URL(next).searchParams.get('fields')).toBe('id,name');
    sandbox.control.remove('task', 1);
    sandbox.control.create('task', task({ name: 'Mail' }));
    const headers = { authorization: `Bearer ${sandbox.control.token()}` };
    const second = await rawCall(next, { headers });
    expect(dataOf(second)).toMatchObject([{ id: 3, name: 'File' }, { id: 4, name: 'Bill' }]); // prettier-ignore
    const last = await rawCall(nextOf(second) ?? '', { headers });
    expect([idsOf(last), nextOf(last)]).toEqual([[5], undefined]);
  });

  it('pages by offset in any other order', async () => {
    const first = await call('GET', 'matters.json?limit=2&order=updated_at(desc)');
    const headers = { authorization: `Bearer ${sandbox.control.token()}` };
    const last = await rawCall(nextOf(first) ?? '', { headers });
    expect([idsOf(first), idsOf(last), nextOf(last)]).toEqual([[1, 3], [2], undefined]);
  });

  it('ignores filters that Clio has not, and reports them', async () => {
    const answer = await call('GET', 'tasks.json?matter=1&ids=3&statuses[]=pending');
    expect(idsOf(answer)).toEqual([1, 2, 3, 4]);
    expect(sandbox.control.warnings()).toEqual([
      { call: 'GET /api/v4/tasks.json', ignored: 'filter', name: 'matter' },
      { call: 'GET /api/v4/tasks.json', ignored: 'filter', name: 'ids' },
    ]);
  });
});

describe('versions of a record', () => {
  const etag = async () => dataOf(await call('GET', 'tasks/1.json')).etag;
  beforeEach(() => void sandbox.control.create('task', task()));

  it('come with every single answer and change with every write', async () => {
    const before = await call('GET', 'tasks/1.json');
    expect(before.headers.get('etag')).toBe(dataOf(before).etag);
    expect(before.headers.get('last-modified')).toBe('Tue, 24 Nov 2026 10:00:00 GMT');
    const after = await call('PATCH', 'tasks/1.json', { name: 'File' });
    expect(after.headers.get('etag')).toBe(await etag());
    expect(dataOf(after).etag).not.toBe(dataOf(before).etag);
  });

  it.each([
    ['If-None-Match', () => etag()],
    ['If-Modified-Since', () => Promise.resolve('Tue, 24 Nov 2026 10:00:00 GMT')],
  ])('answer %s with 304 until the record changes', async (name, value) => {
    const headers = { [name]: await value() };
    expect(await call('GET', 'tasks/1.json', undefined, headers)).toMatchObject({
      status: 304,
      body: undefined,
    });
    await clock.advance(MINUTE);
    sandbox.control.update('task', 1, { name: 'Other' });
    expect((await call('GET', 'tasks/1.json', undefined, headers)).status).toBe(200);
  });

  it('guard a write: If-Match of another version is 412 and nothing changes', async () => {
    const headers = { 'If-Match': await etag() };
    expect((await call('PATCH', 'tasks/1.json', { name: 'Second' }, headers)).status).toBe(200);
    const refused = await call('PATCH', 'tasks/1.json', { name: 'Third' }, headers);
    expect(refused).toMatchObject({ status: 412, body: refusal('PreconditionFailed') });
    expect(sandbox.control.record('task', 1)).toMatchObject({ name: 'Second' });
  });
});

describe('writes', () => {
  const argument = (message: string) =>
    refusal('ArgumentError', `An invalid argument was supplied: ${message}`);

  it.each([
    ['tasks', { name: 'File', assignee: { id: 1, type: 'User' } }, 'description is required'],
    ['tasks', task({ assignee: { id: 1 } }), 'assignee.type is required'],
    ['tasks', task({ priority: 'high' }), "'high' is not a valid priority"],
    ['tasks', task({ assignee: { id: 1, type: 'Lawyer' } }), "'Lawyer' is not a valid assignee.type"],
    ['tasks', task({ assignee: { id: 77, type: 'User' } }), 'assignee 77 does not exist'],
    ['tasks', task({ due_at: 'tomorrow' }), 'due_at must be a date-time'],
    ['tasks', task({ matter: 1 }), 'matter must be an object'],
    ['tasks', task({ matter: { id: 'x' } }), 'matter.id must be a integer'],
    ['tasks', task({ matter: { id: 5 } }), 'matter 5 does not exist'],
    ['tasks', task({ notify_assignee: 'perhaps' }), 'notify_assignee must be a boolean'],
    ['matters', { description: 'No client' }, 'client is required'],
    ['matters', { client: { id: 1 }, description: 'D', status: 'Open' }, "'Open' is not a valid status"],
    [
      'matters',
      { client: { id: 1 }, description: 'D', custom_field_values: 1 },
      'custom_field_values must be a list',
    ],
    ['notes', { type: 'Matter', contact: { id: 1 }, subject: 'S' }, 'matter is required'],
  ])('POST %s %j is refused', async (path, data, message) => {
    expect(await call('POST', path, data)).toMatchObject({ status: 422, body: argument(message) });
    expect(sandbox.control.records(path.slice(0, -1))).toEqual([]);
  });

  it('refuses a text that is longer than Clio says it takes', async () => {
    const name = 'x'.repeat(51);
    const message = 'name is too long (maximum is 50 characters)';
    expect(await call('POST', 'task_types', { name })).toMatchObject({
      status: 422,
      body: argument(message),
    });
    expect((await call('POST', 'task_types', { name: name.slice(1) })).status).toBe(201);
  });

  it.each(['{"name": "unwrapped"}', '{"data": []}', 'name=form', ''])('refuse the body %j', async (body) => {
    const headers = {
      authorization: `Bearer ${sandbox.control.token()}`,
      'content-type': 'application/json',
    };
    const answer = await rawCall(`${sandbox.origin}/api/v4/tasks.json`, { method: 'POST', headers, body });
    expect(answer).toMatchObject({ status: 400, body: refusal('ArgumentError') });
  });

  it('drop what Clio does not know, and report it', async () => {
    const data = task({ assignee: { id: 1, type: 'User', role: 'x' }, title: 'File' });
    expect((await call('POST', 'tasks.json', data)).status).toBe(201);
    expect((await call('PATCH', 'tasks/1.json', { owner: 1 })).status).toBe(200);
    expect(sandbox.control.warnings()).toEqual([
      { call: 'POST /api/v4/tasks.json', ignored: 'attribute', name: 'assignee.role' },
      { call: 'POST /api/v4/tasks.json', ignored: 'attribute', name: 'title' },
      { call: 'PATCH /api/v4/tasks/1.json', ignored: 'attribute', name: 'owner' },
    ]);
    sandbox.control.clearCalls();
    expect([sandbox.control.warnings(), sandbox.control.calls()]).toEqual([[], []]);
  });

  it('write a matter in lower case and read it in capitals, associations cleared by null where possible', async () => {
    sandbox.control.create('matter', { description: 'D', practice_area: { id: 1 } });
    const fields = 'fields=status,practice_area';
    const data = { status: 'closed', practice_area: null };
    const answer = await call('PATCH', `matters/1.json?${fields}`, data);
    expect(dataOf(answer)).toEqual({ status: 'Closed', practice_area: null });
    const refused = await call('PATCH', 'matters/1.json', { client: null });
    expect(refused).toMatchObject({ status: 422, body: argument('client cannot be null') });
  });

  it("change a custom field by its value's own id, once it has one", async () => {
    sandbox.control.create('matter', { description: 'D' });
    const fields = 'custom_field_values{id,value,custom_field}';
    const write = async (value: object) =>
      call('PATCH', `matters/1.json?fields=${fields}`, { custom_field_values: [value] });
    const first = await write({ custom_field: { id: 1 }, value: 'A 1' });
    const values = [{ id: 'text_line-1', value: 'A 1', custom_field: { id: 1, etag: expect.any(String) } }];
    expect(dataOf(first)).toEqual({ custom_field_values: values });
    for (const wrong of [
      { id: '1', value: 'B' },
      { custom_field: { id: 1 }, value: 'B' },
    ])
      // prettier-ignore
      expect(await write(wrong)).toMatchObject({ status: 422, body: refusal('ArgumentError') });
    const changed = await write({ id: 'text_line-1', value: 'A 2' });
    expect(dataOf(changed)).toMatchObject({ custom_field_values: [{ id: 'text_line-1', value: 'A 2' }] });
    const removed = await write({ id: 'text_line-1', _destroy: true });
    expect(dataOf(removed)).toEqual({ custom_field_values: [] });
  });

  it('trash neither a root folder nor what is locked or holds something locked', async () => {
    sandbox.control.create('matter', { description: 'Lease' });
    const root = { id: 1, type: 'Matter' };
    const outer = dataOf(await call('POST', 'folders.json', { name: 'Outer', parent: root })).id;
    const inner = dataOf(
      await call('POST', 'folders.json', { name: 'Inner', parent: { id: outer, type: 'Folder' } }),
    ).id;
    const deed = sandbox.control.create('document', { name: 'Deed', parent: { id: inner, type: 'Folder' } })[
      'id'
    ];
    const { body } = await call('GET', 'matters/1.json?fields=folder');
    const { folder } = (body as { data: { folder: { id: number } } }).data;
    const locked = 'Delete failed: This item contains locked items and cannot be deleted.';
    const refused = (message: string) => ({ status: 400, body: refusal('DeleteFailed', message) });
    expect(await call('DELETE', `folders/${folder.id}.json`)).toMatchObject(
      refused('Delete failed: The root folder cannot be trashed'),
    );
    sandbox.control.update('document', deed as number, { locked: true });
    for (const path of [`folders/${outer}`, `folders/${inner}`, `documents/${deed as number}`])
      expect(await call('DELETE', `${path}.json`)).toMatchObject(refused(locked));
    sandbox.control.update('document', deed as number, { locked: false });
    expect(await call('DELETE', `folders/${outer}.json`)).toMatchObject({ status: 204 });
  });

  it('remove a record for good', async () => {
    sandbox.control.create('task', task());
    expect(await call('DELETE', 'tasks/1.json')).toMatchObject({ status: 204, body: undefined });
    for (const method of ['GET', 'DELETE'])
      expect(await call(method, 'tasks/1.json')).toMatchObject({
        status: 404,
        body: refusal('NotFoundError'),
      });
  });
});
