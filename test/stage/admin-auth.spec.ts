import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Session } from '../../src/store/session.entity.js';
import { ApiToken } from '../../src/store/api-token.entity.js';
import { ADMIN_TOKEN, AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection } from '../support/rows.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Made {
  id: string;
  token: string;
}

describe.each(databases)('tokens and sessions on $name', ({ url }) => {
  let admin: AdminApp;
  let databaseUrl: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ url: databaseUrl, remove } = await url());
    admin = await AdminApp.start(databaseUrl);
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  const as = (token: string, path: string, request: RequestInit = {}) =>
    admin.ask(path, { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });
  const make = async (set: object = {}): Promise<Made> => {
    const answer = await admin.post('/api/v1/tokens', { name: 'A script', role: 'viewer', ...set });
    expect(answer.status).toBe(201);
    return answer.body as Made;
  };
  const revoke = ({ id }: Made) => admin.ask(`/api/v1/tokens/${id}`, { method: 'DELETE' });
  const audited = async (kind: string) =>
    ((await admin.get(`/api/v1/audit?kind=${kind}`)).body as { data: object[] }).data;
  const inDays = (days: number) => new Date(admin.clock.now().getTime() + days * DAY).toISOString();

  describe('a token', () => {
    it('is told once, works until it is revoked, and stays in the list and the audit trail', async () => {
      const made = await make({ expires_at: inDays(90) });
      expect(made.token).toMatch(new RegExp(`^pra_${made.id}_[\\w-]{43}$`));
      expect((await as(made.token, '/api/v1/runs')).status).toBe(200);
      expect((await revoke(made)).body).toMatchObject({ id: made.id, status: 'revoked' });
      expect((await revoke(made)).status).toBe(200);
      expect((await as(made.token, '/api/v1/runs')).status).toBe(401);
      const list = await admin.get('/api/v1/tokens');
      expect(list.body).toMatchObject({ data: [{ id: made.id, name: 'A script', role: 'viewer' }] });
      const [, , secret = ''] = /^(pra_\w{26}_)(.*)$/.exec(made.token) ?? [];
      expect(list.text).not.toContain(secret);
      expect(JSON.stringify(await admin.database.repo(ApiToken).find())).not.toContain(secret);
      const entry = { actor: { kind: 'admin_token' }, facts: { token_id: made.id, role: 'viewer' } };
      expect(await audited('token.created')).toMatchObject([entry]);
      expect(await audited('token.revoked')).toMatchObject([entry]);
      expect(JSON.stringify(await audited('token.created'))).not.toContain(secret);
    });

    it('ends by itself at its time', async () => {
      const made = await make({ expires_at: inDays(1) });
      await admin.clock.leap(DAY - 1);
      expect((await as(made.token, '/api/v1/runs')).status).toBe(200);
      await admin.clock.leap(1);
      expect((await as(made.token, '/api/v1/runs')).status).toBe(401);
      expect((await admin.get('/api/v1/tokens')).body).toMatchObject({ data: [{ status: 'expired' }] });
    });

    it('tells a stranger nothing of what is wrong with it', async () => {
      const [revoked, expired, good] = [await make(), await make({ expires_at: inDays(1) }), await make()];
      await revoke(revoked);
      await admin.clock.leap(2 * DAY);
      const wrong = [
        ...[revoked.token, expired.token, `${good.token.slice(0, -1)}-`, 'another-token-of-20'],
        `pra_01ARZ3NDEKTSV4RRFFQ69G5FAV_${'a'.repeat(43)}`,
      ];
      const answers = await Promise.all(wrong.map((token) => as(token, '/api/v1/runs')));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 401, body: { code: 'request.unauthorized' } });
      expect(answers[0]?.text).toContain('Authorization: Bearer <token>');
      expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer');
    });

    it('notes its use, at most once a minute', async () => {
      const made = await make();
      const usedAt = async () =>
        (await admin.database.repo(ApiToken).findOneByOrFail({ id: made.id })).lastUsedAt;
      expect(await usedAt()).toBeNull();
      await as(made.token, '/api/v1/runs');
      const first = admin.clock.now().getTime();
      expect(await usedAt()).toBe(first);
      await admin.clock.leap(MINUTE - 1);
      await as(made.token, '/api/v1/runs');
      expect(await usedAt()).toBe(first);
      await admin.clock.leap(1);
      await as(made.token, '/api/v1/runs');
      expect(await usedAt()).toBe(first + MINUTE);
    });

    it('is refused where it could not be meant', async () => {
      const post = (set: object) =>
        admin.post('/api/v1/tokens', { name: 'A script', role: 'viewer', ...set });
      const answers = [
        await post({ role: 'owner' }),
        await post({ name: ' ' }),
        await post({ expires_at: inDays(-1) }),
        await post({ connection_id: 'none' }),
        await admin.ask('/api/v1/tokens/none', { method: 'DELETE' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 404, 404]);
      const { id } = await aConnection(admin.database);
      const scoped = await make({ role: 'admin', connection_id: id });
      const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      for (const path of ['tokens', 'connections', 'connections/authorize'])
        expect((await as(scoped.token, `/api/v1/${path}`, request)).status).toBe(403);
    });
  });

  describe('tries that fail', () => {
    const tries = (remoteAddress: string, authorization: string) =>
      admin.app.inject({ url: '/api/v1/runs', remoteAddress, headers: { authorization } });
    const wrong = 'Bearer a-token-of-nobody-at-all';

    it('are slowed by address, and with them what a person may have thought of as a token', async () => {
      const made = await make();
      for (let count = 0; count < 10; count++) expect((await tries('10.0.0.1', wrong)).statusCode).toBe(401);
      const slowed = await tries('10.0.0.1', wrong);
      expect(slowed).toMatchObject({ statusCode: 429, headers: { 'retry-after': '60' } });
      expect(slowed.json()).toMatchObject({ code: 'request.too_many', retry_after: 60 });
      expect((await tries('10.0.0.1', `Bearer ${ADMIN_TOKEN}`)).statusCode).toBe(429);
      // Nobody guesses a made token, so it need not wait.
      expect((await tries('10.0.0.1', `Bearer ${made.token}`)).statusCode).toBe(200);
      expect((await tries('10.0.0.2', `Bearer ${ADMIN_TOKEN}`)).statusCode).toBe(200);
      expect((await tries('10.0.0.2', wrong)).statusCode).toBe(401);
      await admin.clock.leap(MINUTE);
      expect((await tries('10.0.0.1', `Bearer ${ADMIN_TOKEN}`)).statusCode).toBe(200);
      expect((await tries('10.0.0.1', wrong)).statusCode).toBe(401);
    });

    it('count at the sign-in too; a request without a token is none', async () => {
      for (let count = 0; count < 20; count++) expect((await tries('10.0.0.1', '')).statusCode).toBe(401);
      const signIn = () =>
        admin.app.inject({
          ...{ method: 'POST', url: '/api/v1/session', remoteAddress: '10.0.0.1' },
          payload: { token: 'a-token-of-nobody-at-all' },
        });
      for (let count = 0; count < 10; count++) expect((await signIn()).statusCode).toBe(401);
      expect((await signIn()).statusCode).toBe(429);
    });
  });

  describe('a session', () => {
    const signIn = (token: string, app = admin) => app.post('/api/v1/session', { token });
    const cookieOf = ({ headers }: Answer) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const withCookie = (cookie: string, path: string, request: RequestInit = {}) =>
      admin.ask(path, { ...request, headers: { ...request.headers, authorization: '', cookie } });

    it('says who asks and what they may do', async () => {
      const { id } = await aConnection(admin.database);
      const made = await make({ role: 'editor', connection_id: id });
      const answer = await signIn(made.token);
      const expires = new Date(admin.clock.now().getTime() + DAY / 2).toISOString();
      expect(answer).toMatchObject({
        status: 200,
        body: {
          ...{
            actor: { kind: 'token', id: made.id, name: 'A script' },
            role: 'editor',
            may: ['read', 'edit'],
          },
          ...{ connection_id: id, csrf_token: expect.any(String) as unknown, expires_at: expires },
        },
      });
      expect(answer.headers.get('set-cookie')).toMatch(
        /^praetor_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
      );
      expect((await withCookie(cookieOf(answer), '/api/v1/session')).body).toEqual(answer.body);
      expect((await as(made.token, '/api/v1/session')).body).toMatchObject({
        csrf_token: null,
        expires_at: null,
      });
      expect(JSON.stringify(await admin.database.repo(Session).find())).not.toContain(
        cookieOf(answer).slice(16),
      );
    });

    it('goes over https alone where the server does', async () => {
      await admin.stop();
      admin = await AdminApp.start(databaseUrl, { PUBLIC_URL: 'https://praetor.example.com' });
      expect((await signIn(ADMIN_TOKEN)).headers.get('set-cookie')).toMatch(/; Secure$/);
    });

    it('changes nothing without the token that only its own page knows', async () => {
      const { token } = await make({ role: 'admin' });
      const answer = await signIn(token);
      const { csrf_token: csrf } = answer.body as { csrf_token: string };
      const create = (headers: Record<string, string>) =>
        withCookie(cookieOf(answer), '/api/v1/tokens', {
          ...{ method: 'POST', body: JSON.stringify({ name: 'Another', role: 'viewer' }) },
          headers: { 'content-type': 'application/json', ...headers },
        });
      expect(await create({})).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
      expect((await create({ 'x-csrf-token': `${csrf}x` })).status).toBe(403);
      expect((await create({ 'x-csrf-token': csrf })).status).toBe(201);
      expect(await audited('token.created')).toMatchObject([{ actor: { kind: 'token' } }, {}]);
    });

    it.each(['its token', 'time', 'signing out'])('ends with %s', async (how) => {
      const made = await make();
      const answer = await signIn(made.token);
      const cookie = cookieOf(answer);
      expect((await withCookie(cookie, '/api/v1/runs')).status).toBe(200);
      if (how === 'its token') await revoke(made);
      else if (how === 'time') await admin.clock.leap(DAY / 2);
      else {
        const { csrf_token: csrf } = answer.body as { csrf_token: string };
        const headers = { 'x-csrf-token': csrf };
        const out = await withCookie(cookie, '/api/v1/session', { method: 'DELETE', headers });
        expect(out.status).toBe(204);
        expect(out.headers.get('set-cookie')).toMatch(/^praetor_session=; Path=\/; Max-Age=0;/);
      }
      expect(await withCookie(cookie, '/api/v1/runs')).toMatchObject({
        status: 401,
        body: { detail: expect.stringContaining('sign in again') as unknown },
      });
      // What is over is swept out with the next sign-in.
      await signIn(ADMIN_TOKEN);
      expect(await admin.database.repo(Session).count()).toBe(how === 'its token' ? 2 : 1);
    });

    it('of the ADMIN_TOKEN ends when that is changed', async () => {
      const cookie = cookieOf(await signIn(ADMIN_TOKEN));
      expect((await withCookie(cookie, '/api/v1/tokens')).status).toBe(200);
      await admin.stop();
      admin = await AdminApp.start(databaseUrl, { ADMIN_TOKEN: 'another-token-of-the-admin' });
      expect((await withCookie(cookie, '/api/v1/tokens')).status).toBe(401);
      await admin.stop();
      admin = await AdminApp.start(databaseUrl, { ADMIN_TOKEN: '' });
      expect((await withCookie(cookie, '/api/v1/tokens')).status).toBe(401);
    });

    it('opens the live stream too, and yields to a bearer token', async () => {
      const cookie = cookieOf(await signIn(ADMIN_TOKEN));
      expect((await withCookie(cookie, '/api/v1/live?kinds=steps')).status).toBe(400);
      const headers = { authorization: 'Bearer a-token-of-nobody-at-all', cookie };
      expect((await admin.ask('/api/v1/runs', { headers })).status).toBe(401);
    });
  });

  it('lets no server start with a route of which nobody said who may call it', async () => {
    @Controller('api/v1/forgotten')
    class Forgotten {
      @Get()
      show(): string {
        return 'secret';
      }
    }
    await admin.stop();
    await expect(AdminApp.start(databaseUrl, {}, [Forgotten])).rejects.toThrow('Forgotten.show');
    admin = await AdminApp.start(databaseUrl);
  });
});
