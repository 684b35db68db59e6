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
  sandbox = await startSandbox({ clock, rateLimit: 10_000 });
  sandbox.control.create('matter', { description: 'Dissolution' });
  call = rawClio(sandbox);
});
afterEach(() => sandbox.stop());

const dataOf = ({ body }: RawAnswer) => (body as { data: Record<string, unknown> }).data;

describe('an upload', () => {
  const headers = { 'x-amz-server-side-encryption': 'AES256' };
  const put = async (url: unknown, extra: Record<string, string> = headers) =>
    (await rawCall(String(url), { method: 'PUT', headers: extra, body: 'Text' })).status;

  async function begin(): Promise<Record<string, unknown>> {
    const fields = 'latest_document_version{uuid,put_url,put_headers}';
    const data = { name: 'Petition', parent: { id: 1, type: 'Matter' } };
    const answer = await call('POST', `documents.json?fields=${fields}`, data);
    return dataOf(answer)['latest_document_version'] as Record<string, unknown>;
  }
  const finish = async (uuid: unknown) =>
    call('PATCH', 'documents/1.json?fields=size', { uuid, fully_uploaded: true });

  it('says which headers to send, keeps the bytes, and is over when Clio is told so', async () => {
    const { uuid, put_url: url, put_headers: wanted } = await begin();
    expect(wanted).toEqual([{ name: 'x-amz-server-side-encryption', value: 'AES256' }]);
    expect(await put(url)).toBe(200);
    expect(sandbox.control.uploaded(1)).toBe('Text');
    expect(dataOf(await call('GET', 'documents/1.json?fields=size'))).toEqual({ size: null });
    expect(dataOf(await finish(uuid))).toEqual({ size: 4 });
  });

  it('is not over before the bytes are there, nor for another upload', async () => {
    const { uuid, put_url: url } = await begin();
    const missing = { status: 422, body: refusal('UploadNotFoundError') };
    expect(await finish(uuid)).toMatchObject(missing);
    await put(url);
    expect(await finish('another')).toMatchObject(missing);
  });

  it('is refused without its headers, with a token, and when its address is too old', async () => {
    const { put_url: url } = await begin();
    expect(await put(url, {})).toBe(403);
    expect(await put(url, { ...headers, authorization: 'Bearer x' })).toBe(403);
    expect(await put(`${sandbox.origin}/uploads/unknown`)).toBe(403);
    await clock.advance(11 * MINUTE);
    expect(await put(url)).toBe(403);
    expect(sandbox.control.uploaded(1)).toBeUndefined();
  });
});

describe('a document automation', () => {
  const begin = () =>
    call('POST', 'document_automations.json', {
      document_template: { id: 1 },
      filename: 'Letter',
      formats: ['original', 'pdf'],
      matter: { id: 1 },
    });
  const state = async () =>
    dataOf(await call('GET', 'document_automations/1.json?fields=state,documents{name}'));

  it('is carried out as time passes', async () => {
    await begin();
    expect(await state()).toEqual({ state: 'queued', documents: [] });
    await clock.advance(10_000);
    expect(await state()).toEqual({ state: 'in_progress', documents: [] });
    await clock.advance(20_000);
    expect(await state()).toEqual({
      state: 'completed',
      documents: [{ name: 'Letter.docx' }, { name: 'Letter.pdf' }],
    });
  });

  it('stays failed once it has failed', async () => {
    await begin();
    sandbox.control.update('document_automation', 1, { state: 'failed' });
    await clock.advance(MINUTE);
    expect(await state()).toEqual({ state: 'failed', documents: [] });
  });
});

describe('folders', () => {
  it('lie in one another, and the list can go down all the way', async () => {
    const folder = async (name: string, parent: object) =>
      Number(dataOf(await call('POST', 'folders.json', { name, parent }))['id']);
    const outer = await folder('Outer', { id: 1, type: 'Matter' });
    const inner = await folder('Inner', { id: outer, type: 'Folder' });
    const innermost = await folder('Innermost', { id: inner, type: 'Folder' });
    const list = async (query: string) =>
      ((await call('GET', `folders.json?${query}`)).body as { data: { id: number }[] }).data.map(
        ({ id }) => id,
      );
    expect(await list(`parent_id=${outer}`)).toEqual([inner]);
    expect(await list(`parent_id=${outer}&scope=descendants`)).toEqual([inner, innermost]);
  });

  it('are not deleted at the top of a matter', async () => {
    await call('POST', 'folders.json', { name: 'Outer', parent: { id: 1, type: 'Matter' } });
    const [root] = sandbox.control.records('folder');
    expect(root).toMatchObject({ id: 1, root: true });
    const answer = await call('DELETE', 'folders/1.json');
    expect(answer).toMatchObject({ status: 400, body: refusal('DeleteFailed') });
  });
});
