import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { complaints, errorComplaints } from '../support/answer-complaints.js';
import { readOpenApi } from '../support/open-api.js';
import { rawClio, type Call, type RawAnswer } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const CALLS_A_MINUTE = 20;

describe("the sandbox's errors against Clio's OpenAPI file", () => {
  let sandbox: Sandbox;
  let call: Call;

  beforeAll(async () => {
    sandbox = await startSandbox({ clock: new TestClock(), rateLimit: CALLS_A_MINUTE });
    call = rawClio(sandbox);
  });

  afterAll(() => sandbox.stop());

  /** `after('DELETE tasks/1')`: the answer, and what Clio's file has against it. */
  async function after(line: string, send = call): Promise<RawAnswer & { against: unknown }> {
    const [method = '', path = ''] = line.split(' ');
    const data = method === 'GET' || method === 'DELETE' ? undefined : {};
    const answer = await send(method, `${path}.json`, data);
    const template = `/${path.replace(/\d+$/, '{id}')}.json`;
    return { ...answer, against: complaints(template, method.toLowerCase(), answer.status, answer.body) };
  }

  it.each([
    [403, 'POST tasks'],
    [403, 'PATCH matters/1'],
    [403, 'DELETE tasks/1'],
    [409, 'DELETE documents/1'],
    [409, 'DELETE folders/1'],
    [429, 'GET matters'],
    [429, 'POST notes'],
  ])('%d to %s is as declared', async (status, line) => {
    sandbox.control.fault({ on: 'request', kind: 'status', status });
    expect(await after(line)).toMatchObject({ status, against: [] });
  });

  it('429 is as declared when there were too many calls', async () => {
    const busy = rawClio(sandbox, sandbox.control.token());
    for (let left = CALLS_A_MINUTE; left > 0; left--) await busy('GET', 'users/who_am_i.json');
    expect(await after('GET matters', busy)).toMatchObject({ status: 429, against: [] });
  });

  it('401 is as declared without a token', async () => {
    const anonymous: Call = (method, path) => call(method, path, undefined, { authorization: '' });
    expect(await after('GET matters', anonymous)).toMatchObject({ status: 401, against: [] });
  });

  it('401 with a token that does not work has the shape of OAuth, as measured (conflict of facts.md 1.4)', async () => {
    const { status, body, against } = await after('GET matters', rawClio(sandbox, 'a-wrong-token'));
    expect({ status, body }).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect(against).not.toEqual([]);
  });

  it('410, which the file has in words only, has the body of every error', async () => {
    const { paths } = readOpenApi();
    const declared = Object.values(paths).flatMap((operations) =>
      Object.values(operations).filter(({ responses = {} }) => '410' in responses),
    );
    expect(declared).toEqual([]);
    const { status, body } = await call('GET', 'matters.json', undefined, { 'x-api-version': '4.0.1' });
    expect({ status, against: errorComplaints(body) }).toEqual({ status: 410, against: [] });
  });
});
