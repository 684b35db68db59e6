import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { rawCall, rawClio, refusal, type Call, type RawAnswer } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;
const REDIRECT = 'https://praetor.example/oauth/callback';

let clock: TestClock;
let sandbox: Sandbox;
let call: Call;

async function start(options: Partial<SandboxOptions> = {}): Promise<void> {
  clock = new TestClock();
  sandbox = await startSandbox({ clock, ...options });
  call = rawClio(sandbox);
}

beforeEach(() => start());
afterEach(() => sandbox.stop());

/** Stops the sandbox of `beforeEach` in favour of another. */
async function restart(options: Partial<SandboxOptions>): Promise<void> {
  await sandbox.stop();
  await start(options);
}

interface Data {
  id: number;
  etag: string;
  [field: string]: unknown;
}

const dataOf = ({ body }: RawAnswer) => (body as { data: Data }).data;
const task = (over: object = {}) => ({
  name: 'File',
  description: 'The petition',
  assignee: { id: 1, type: 'User' },
  ...over,
});

describe('OAuth of the sandbox', () => {
  const ask = (over: Record<string, string> = {}) => {
    const query = { response_type: 'code', client_id: sandbox.clientId, redirect_uri: REDIRECT, ...over };
    return rawCall(`${sandbox.origin}/oauth/authorize?${new URLSearchParams(query).toString()}`, {});
  };
  const token = (form: Record<string, string>) => {
    const client = { client_id: sandbox.clientId, client_secret: sandbox.clientSecret };
    const body = new URLSearchParams({ ...client, ...form });
    return rawCall(`${sandbox.origin}/oauth/token`, { method: 'POST', body });
  };
  const redeem = (code: string, redirect_uri = REDIRECT) =>
    token({ grant_type: 'authorization_code', code, redirect_uri });
  const backOf = ({ headers }: RawAnswer) => new URL(headers.get('location') ?? '').searchParams;
  const whoIs = (access: string) => rawClio(sandbox, access)('GET', 'users/who_am_i.json');

  async function authorise(): Promise<{ access_token: string; refresh_token: string }> {
    const code = backOf(await ask()).get('code') ?? '';
    return (await redeem(code)).body as { access_token: string; refresh_token: string };
  }

  it('sends the user back with a code and the state, and trades the code for tokens once', async () => {
    const answer = await ask({ state: 'a state' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toMatch(/^https:\/\/praetor\.example\/oauth\/callback\?/);
    expect(backOf(answer).get('state')).toBe('a state');
    const code = backOf(answer).get('code') ?? '';
    const tokens = await redeem(code);
    const text = expect.stringMatching(/.{20,}/);
    expect(tokens).toMatchObject({ status: 200, headers: expect.any(Headers) });
    const rest = { access_token: text, refresh_token: text };
    expect(tokens.body).toEqual({ token_type: 'bearer', expires_in: 30 * 24 * 3600, ...rest });
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('takes a code for ten minutes, and for the address it was sent to', async () => {
    const code = async () => backOf(await ask()).get('code') ?? '';
    const elsewhere = await redeem(await code(), 'https://evil.example/');
    const old = await code();
    await clock.advance(10 * MINUTE);
    expect([elsewhere.status, (await redeem(old)).status]).toEqual([400, 400]);
  });

  it.each([
    [{ client_id: 'another' }, 401, 'invalid_client'],
    [{ response_type: 'token' }, 400, 'unsupported_response_type'],
    [{ redirect_uri: 'nowhere' }, 400, 'invalid_request'],
  ])('refuses to ask the user with %j', async (over, status, error) => {
    expect(await ask(over)).toMatchObject({ status, body: { error } });
  });

  it.each([
    [{ client_secret: 'guessed', grant_type: 'refresh_token' }, 401, 'invalid_client'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ grant_type: 'refresh_token', refresh_token: 'guessed' }, 401, 'invalid_grant'],
  ])('refuses the form %j', async (form, status, error) => {
    expect(await token(form)).toMatchObject({ status, body: { error } });
  });

  it('sends a refusal by the user back only when asked to', async () => {
    sandbox.control.declines = true;
    const back = backOf(await ask({ redirect_on_decline: 'true', state: 's' }));
    expect([...back]).toEqual([['state', 's'], ['error', 'access_denied']]); // prettier-ignore
    expect(await ask()).toMatchObject({ status: 200, body: expect.stringContaining('declined') });
  });

  it('refreshes again and again, and ends everything on deauthorisation', async () => {
    const { access_token: first, refresh_token } = await authorise();
    const refresh = () => token({ grant_type: 'refresh_token', refresh_token });
    const [second, third] = [await refresh(), await refresh()];
    expect(Object.keys(second.body as object).sort()).toEqual(['access_token', 'expires_in', 'token_type']);
    const accesses = [second, third].map(({ body }) => (body as { access_token: string }).access_token);
    for (const access of [first, ...accesses]) expect((await whoIs(access)).status).toBe(200);
    const headers = { authorization: `Bearer ${first}` };
    const body = new URLSearchParams({ token: first });
    const end = await rawCall(`${sandbox.origin}/oauth/deauthorize`, { method: 'POST', headers, body });
    expect(end).toMatchObject({ status: 200, body: undefined });
    for (const access of [first, ...accesses]) expect((await whoIs(access)).status).toBe(401);
    expect(await refresh()).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
  });

  it('lets access tokens end after the seconds it said, refresh tokens never', async () => {
    await restart({ accessTokenSeconds: 3600 });
    const { access_token, refresh_token } = await authorise();
    await clock.advance(3_599_000);
    expect((await whoIs(access_token)).status).toBe(200);
    await clock.advance(1000);
    expect((await whoIs(access_token)).status).toBe(401);
    const fresh = await token({ grant_type: 'refresh_token', refresh_token });
    expect(fresh).toMatchObject({ status: 200, body: { expires_in: 3600 } });
  });

  it('can lose the access tokens alone, or the whole authorisation', async () => {
    const { access_token, refresh_token } = await authorise();
    const refresh = () => token({ grant_type: 'refresh_token', refresh_token });
    sandbox.control.expireTokens();
    expect((await whoIs(access_token)).status).toBe(401);
    const fresh = ((await refresh()).body as { access_token: string }).access_token;
    expect((await whoIs(fresh)).status).toBe(200);
    sandbox.control.revokeTokens();
    expect([(await whoIs(fresh)).status, (await refresh()).status]).toEqual([401, 401]);
  });
});

describe('the door of the API', () => {
  it('says who am I', async () => {
    const fields = 'id,name,email,account{id,name}';
    expect(dataOf(await call('GET', `users/who_am_i.json?fields=${fields}`))).toEqual({
      id: 1,
      name: 'Alexandra Reed',
      email: 'alexandra.reed@praetor-law.example',
      account: { id: 1, name: 'Praetor Law' },
    });
  });

  it('has one 401 for no token and another for a wrong one, both without figures of the rate limit', async () => {
    const without = await call('GET', 'matters.json', undefined, { authorization: '' });
    const wrong = await rawClio(sandbox, 'wrong')('GET', 'matters.json');
    expect(without).toMatchObject({
      status: 401,
      body: refusal('UnauthorizedError', 'User is not authorized'),
    });
    expect(without.headers.get('www-authenticate')).toBeNull();
    const description = expect.any(String);
    expect(wrong.body).toEqual({ error: 'invalid_token', error_description: description });
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Bearer realm=".+", error="invalid_token"/);
    for (const { headers } of [without, wrong]) expect(headers.get('x-ratelimit-limit')).toBeNull();
  });

  it('has the version asked for, the newest by default, and 410 for those it has not', async () => {
    const version = async (headers?: Record<string, string>) =>
      call('GET', 'matters.json', undefined, headers);
    expect((await version()).headers.get('x-api-version')).toBe('4.0.13');
    expect((await version({ 'X-API-VERSION': '4.0.11' })).headers.get('x-api-version')).toBe('4.0.11');
    for (const asked of ['4.0.3', '4.0.14', 'newest']) {
      const answer = await version({ 'X-API-VERSION': asked });
      expect(answer).toMatchObject({ status: 410, body: refusal('GoneError') });
    }
  });

  it('counts calls per token and minute, and stops at the limit until Clio says', async () => {
    await restart({ rateLimit: 3 });
    const figures = ({ headers }: RawAnswer) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)));
    const endsAt = clock.now().getTime() / 1000 + 60;
    expect(figures(await call('GET', 'matters.json'))).toEqual([3, 2, endsAt]);
    await clock.advance(20_500);
    await call('GET', 'matters/99.json');
    expect(figures(await call('GET', 'matters.json'))).toEqual([3, 0, endsAt]);
    const refused = await call('POST', 'tasks.json', task());
    const message = 'Rate limit of 3 exceeded. Retry in 40 seconds.';
    expect(refused).toMatchObject({ status: 429, body: refusal('RateLimited', message) });
    expect(figures(refused)).toEqual([3, 0, endsAt]);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(sandbox.control.records('task')).toEqual([]);
    expect((await rawClio(sandbox)('GET', 'matters.json')).status).toBe(200);
    await clock.advance(39_500);
    expect(figures(await call('GET', 'matters.json'))).toEqual([3, 2, endsAt + 60]);
  });

  it('allows 50 calls unless told otherwise', async () => {
    expect((await call('GET', 'matters.json')).headers.get('x-ratelimit-limit')).toBe('50');
  });

  it('forbids what the app has no permission for: its records, and webhooks of them', async () => {
    const forbid = (models: string[]) =>
      rawCall(`${sandbox.origin}/control/forbidden`, { method: 'PUT', body: JSON.stringify({ models }) });
    expect((await forbid(['bill'])).status).toBe(204);
    const refused = { status: 403, body: refusal('ForbiddenError') };
    const hook = (model: string) => ({
      url: 'https://127.0.0.1/x',
      model,
      fields: 'id',
      events: ['created'],
    });
    expect(await call('GET', 'bills.json')).toMatchObject(refused);
    expect(await call('POST', 'webhooks.json', hook('bill'))).toMatchObject(refused);
    expect((await call('POST', 'webhooks.json', hook('matter'))).status).toBe(201);
    await forbid(['webhook']);
    expect(await call('GET', 'webhooks.json')).toMatchObject(refused);
    expect((await call('GET', 'bills.json')).status).toBe(200);
    expect((await forbid(['bogus'])).status).toBe(404);
  });

  it.each(['bogus', 'matters/1/bogus', 'bogus/1', 'matters/99'])('has no %s', async (path) => {
    expect(await call('GET', path)).toMatchObject({
      status: 404,
      body: refusal('NotFoundError', 'Not Found'),
    });
  });
});
