import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IsNull } from 'typeorm';
import { ClioClient } from '../../src/clio/clio.client.js';
import { ClioClients } from '../../src/clio/clio-clients.js';
import { Connector } from '../../src/clio/connector.js';
import { RateBudget } from '../../src/clio/rate-budget.js';
import { loadConfig } from '../../src/config/config.js';
import { systemClock, type Clock } from '../../src/lib/clock.js';
import { Alert } from '../../src/store/alert.entity.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { adminActor, type Actor } from '../../src/store/actor.js';
import { ApiTokenStore } from '../../src/store/api-token.store.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { SealedText } from '../../src/store/sealed-text.js';
import { TestClock } from '../support/test-clock.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { aMatch, anEvent } from '../support/rows.js';

let server: Server;
let origin: string;
let seen: { line: string; headers: Record<string, string | string[] | undefined>; body: string }[];
let answer: RequestListener;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const lines = () => seen.map(({ line }) => line);

async function addressNobodyHas(): Promise<string> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('ClioClient', () => {
  let client: ClioClient;
  let tokens: (string | undefined)[];
  beforeEach(() => {
    tokens = [];
    const token = (after401?: string) => {
      tokens.push(after401);
      return Promise.resolve(after401 === undefined ? 'old' : 'new');
    };
    client = new ClioClient(origin, token, new RateBudget(systemClock, undefined), systemClock);
  });

  it('asks for fewer ids a call once an address was too long, and for each once', async () => {
    answer = (request, response) => {
      const ids = new URL(request.url ?? '', origin).searchParams.getAll('ids[]');
      if (ids.length > 60) return json(414, {})(request, response);
      return json(200, { data: ids.map((id) => ({ id: Number(id) })) })(request, response);
    };
    const ids = Array.from({ length: 200 }, (_, index) => String(index + 1));
    const found = await client.list('matters', { fields: 'id', ids });
    expect(found.map(({ id }) => String(id))).toEqual(ids);
    expect(seen).toHaveLength(2 + 4);
    await client.list('matters', { fields: 'id', ids });
    expect(seen).toHaveLength(2 + 4 + 4);
    answer = json(414, {});
    await expect(client.list('matters', { ids: ['1'] })).rejects.toMatchObject({ status: 414 });
    expect(await client.list('matters', { ids: [] })).toEqual([]);
  });

  it('pins the version, wraps the body and sends the etag as it is', async () => {
    answer = json(200, { data: { id: 5, etag: '"b"' } });
    await client.update('matters/5', { status: 'closed' }, { ifMatch: '"a"', fields: 'id,etag' });
    expect(seen[0]).toMatchObject({
      line: 'PATCH /api/v4/matters/5.json?fields=id%2Cetag',
      body: '{"data":{"status":"closed"}}',
      headers: {
        'x-api-version': '4.0.13',
        authorization: 'Bearer old',
        'if-match': '"a"',
        'content-type': 'application/json',
      },
    });
  });

  it('reads every page of a list by cursor', async () => {
    answer = (request, response) =>
      json(
        200,
        request.url?.includes('page_token')
          ? { data: [{ id: 2 }] }
          : { data: [{ id: 1 }], meta: { paging: { next: `${origin}/api/v4/matters.json?page_token=x` } } },
      )(request, response);
    expect(await client.list('matters', { ids: [1, 2], fields: 'id' })).toEqual([{ id: 1 }, { id: 2 }]);
    expect(lines()).toEqual([
      'GET /api/v4/matters.json?order=id%28asc%29&ids%5B%5D=1&ids%5B%5D=2&fields=id',
      'GET /api/v4/matters.json?page_token=x',
    ]);
  });

  it('follows a page to no other host', async () => {
    answer = json(200, { data: [], meta: { paging: { next: 'https://evil.example/api' } } });
    await expect(client.list('calendar_entries')).rejects.toMatchObject({ code: 'clio.unreadable_answer' });
    expect(lines()).toEqual(['GET /api/v4/calendar_entries.json']);
  });

  it('follows a 307 on the same host, method and body kept, and none to another', async () => {
    answer = (request, response) =>
      request.url?.includes('second')
        ? json(201, { data: { id: 1 } })(request, response)
        : json(
            307,
            {},
            { location: request.url?.includes('tasks') ? '/api/v4/second.json' : 'https://evil.example/x' },
          )(request, response);
    expect(await client.create('tasks', { name: 'a' })).toEqual({ id: 1 });
    expect(seen[1]).toMatchObject({ line: 'POST /api/v4/second.json', body: '{"data":{"name":"a"}}' });
    await expect(client.get('practice_areas/1')).rejects.toMatchObject({ status: 307 });
    expect(seen).toHaveLength(3);
  });

  it('asks for a fresh token once after a 401, and gives up after a second', async () => {
    answer = (request, response) =>
      (request.headers.authorization === 'Bearer new'
        ? json(200, { data: { id: 1 } })
        : json(401, { error: 'invalid_token' }))(request, response);
    expect(await client.create('tasks', {})).toEqual({ id: 1 });
    expect(tokens).toEqual([undefined, 'old']);
    answer = json(401, { error: { type: 'UnauthorizedError', message: 'User is not authorized' } });
    await expect(client.get('tasks/1')).rejects.toMatchObject({ code: 'clio.unauthorized', applied: 'no' });
    expect(seen).toHaveLength(4);
  });

  it.each<[string, RequestListener, object]>([
    ['a server error', json(500, {}), { code: 'clio.server_error', applied: 'maybe' }],
    [
      'a page of a proxy',
      (_q, r) => void r.writeHead(200).end('<html>'),
      { code: 'clio.unreadable_answer', applied: 'maybe' },
    ],
    [
      'an answer cut short',
      (_q, r) => void r.writeHead(201, { 'content-length': '99' }).write('{"data":{"id":1'),
      { applied: 'maybe' },
    ],
    [
      'a JSON answer that is none of Clio',
      json(200, { hello: 1 }),
      { code: 'clio.unreadable_answer', applied: 'maybe' },
    ],
    [
      'a connection cut after sending',
      (q) => void q.socket.destroy(),
      { code: 'clio.unreachable', applied: 'maybe' },
    ],
    [
      'a 429',
      json(429, {}, { 'retry-after': '3' }),
      { code: 'clio.rate_limited', applied: 'no', retryAfterMs: 3000 },
    ],
  ])('never repeats a write by itself: %s', async (name, listener, expected) => {
    answer = (request, response) => {
      listener(request, response);
      if (name.includes('cut short')) setImmediate(() => request.socket.destroy());
    };
    await expect(client.create('tasks', { name: 'a' })).rejects.toMatchObject(expected);
    expect(seen).toHaveLength(1);
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const nobody = new ClioClient(
      await addressNobodyHas(),
      () => Promise.resolve('t'),
      new RateBudget(systemClock, undefined),
      systemClock,
    );
    await expect(nobody.create('tasks', {})).rejects.toMatchObject({
      code: 'clio.unreachable',
      applied: 'no',
    });
  });

  it('puts a text where it belongs with the headers asked for, and without the token', async () => {
    answer = (_request, response) => void response.writeHead(200).end();
    const headers = [{ name: 'x-amz-server-side-encryption', value: 'AES256' }];
    await client.upload({ url: `${origin}/bucket/1?signature=s`, headers }, 'Text');
    expect(seen).toMatchObject([{ line: 'PUT /bucket/1?signature=s', body: 'Text' }]);
    expect(seen[0]?.headers).toMatchObject({ 'x-amz-server-side-encryption': 'AES256' });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    expect(seen[0]?.headers).not.toHaveProperty('content-type');
  });

  it('puts no text where everybody could read it on the way', async () => {
    await expect(
      client.upload({ url: 'http://storage.example/bucket/1', headers: [] }, 'Text'),
    ).rejects.toMatchObject({ code: 'clio.unreadable_answer' });
    expect(seen).toEqual([]);
  });

  it('deletes, and activates a webhook with its secret', async () => {
    answer = (_request, response) => void response.writeHead(204).end();
    await client.remove('tasks/1');
    await client.activateWebhook(9, 's3');
    expect(lines()).toEqual(['DELETE /api/v4/tasks/1.json', 'PUT /api/v4/webhooks/9/activate']);
    expect(seen[1]?.headers['x-hook-secret']).toBe('s3');
  });
});

describe.each(databases)('connections on $name', ({ open }) => {
  let opened: TestDatabase;
  let clients: ClioClients;
  let connector: Connector;
  let sealed: SealedText;
  /** How far the clock of the clients is ahead. */
  let aheadMs: number;

  beforeEach(async () => {
    opened = await open();
    const config = loadConfig({
      DATABASE_URL: opened.url,
      ENCRYPTION_KEY: 'a'.repeat(64),
      CLIO_BASE_URL: origin,
      CLIO_CLIENT_ID: 'id',
      CLIO_CLIENT_SECRET: 'shh',
    });
    sealed = new SealedText(config.encryptionKeys);
    const alerts = new AlertStore(opened.database, systemClock);
    aheadMs = 0;
    const clock: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + aheadMs) };
    clients = new ClioClients(opened.database, sealed, alerts, config, clock);
    connector = new Connector(opened.database, sealed, clients, config, systemClock);
  });
  afterEach(() => opened.close());

  /** A Clio whose good token is `good-<n>`, n counting the refreshes. */
  const clio = (options: { refusesRefresh?: boolean; beforeRefreshed?: () => Promise<void> } = {}) => {
    let refreshes = 0;
    answer = (request, response) => {
      if (request.url === '/oauth/token' && options.beforeRefreshed !== undefined) {
        const before = options.beforeRefreshed;
        delete options.beforeRefreshed;
        void before().then(() => answer(request, response));
        return;
      }
      if (request.url === '/oauth/token') {
        if (options.refusesRefresh) return json(400, { error: 'invalid_grant' })(request, response);
        return json(200, {
          access_token: `good-${++refreshes}`,
          expires_in: 3600,
          refresh_token: `refresh-${refreshes}`,
        })(request, response);
      }
      if (request.headers.authorization !== `Bearer good-${refreshes}`)
        return json(401, { error: 'invalid_token' })(request, response);
      return json(200, { data: { id: 11, name: 'Ada', account: { id: 1, name: 'Firm' } } })(
        request,
        response,
      );
    };
  };
  const stored = () => opened.database.repo(Connection).findOneByOrFail({});

  it('connects through OAuth, and seals what it stores', async () => {
    clio();
    const state = new URL(connector.authorizeUrl('http://us/callback')).searchParams.get('state') ?? '';
    await connector.connectWithCode({ code: 'c', state, redirectUri: 'http://us/callback' });
    const row = await stored();
    expect(row).toMatchObject({ userId: '11', name: 'Firm', status: 'active' });
    expect(row.accessToken).not.toContain('good');
    expect(sealed.open(row.accessToken)).toBe('good-1');
    expect(seen[0]?.body).toContain('grant_type=authorization_code');
    const [entry] = await opened.database.repo(AuditEntry).find();
    expect(entry).toMatchObject({ kind: 'connection.added', actorKind: 'engine', actorId: 'OAuth' });
  });

  it('remembers through OAuth who began to connect, as long as that token is good', async () => {
    clio();
    const tokens = new ApiTokenStore(opened.database, systemClock);
    const wanted = { name: 'Ann', role: 'admin', connectionId: null, expiresAt: null } as const;
    const { token } = await tokens.create(wanted, adminActor);
    const connectBy = (actor: Actor) => {
      const url = new URL(connector.authorizeUrl('http://us/callback', 'us', actor));
      const state = url.searchParams.get('state') ?? '';
      return connector.connectWithCode({ code: 'c', state, redirectUri: 'http://us/callback' });
    };
    const ann: Actor = { kind: 'token', id: token.id, name: 'Ann' };
    await connectBy(adminActor);
    await connectBy(ann);
    await tokens.revoke(token.id, adminActor);
    await expect(connectBy(ann)).rejects.toThrow('start again');
    const entries = await opened.database.repo(AuditEntry).find({ order: { seq: 'ASC' } });
    expect(entries.map(({ kind, actorName }) => `${kind} ${actorName}`)).toEqual([
      ...['token.created ADMIN_TOKEN', 'connection.added ADMIN_TOKEN', 'connection.renewed Ann'],
      'token.revoked ADMIN_TOKEN',
    ]);
  });

  it('sends each region’s user to the app of that region, and says which app is missing', async () => {
    const config = loadConfig({
      DATABASE_URL: opened.url,
      ENCRYPTION_KEY: 'a'.repeat(64),
      CLIO_CLIENT_ID: 'us-id',
      CLIO_CLIENT_SECRET: 'us-secret',
      CLIO_APPS: 'eu:eu-id:eu-secret,ca:ca-id:ca-secret',
    });
    const regional = new Connector(opened.database, sealed, clients, config, systemClock);
    const target = (region?: 'eu' | 'au') => {
      const url = new URL(regional.authorizeUrl('http://us/callback', region));
      return `${url.origin} ${url.searchParams.get('client_id')}`;
    };
    expect(target()).toBe('https://app.clio.com us-id');
    expect(target('eu')).toBe('https://eu.app.clio.com eu-id');
    expect(() => target('au')).toThrow(/add au:<client id>:<client secret> to CLIO_APPS/);
  });

  it('refuses an answer that was not asked for', async () => {
    await expect(
      connector.connectWithCode({ code: 'c', state: 'x.y.z', redirectUri: 'r' }),
    ).rejects.toMatchObject({ code: 'request.unauthorized' });
    expect(seen).toEqual([]);
  });

  it('renews the connection of the same user, and tells who listens', async () => {
    clio();
    const told: string[] = [];
    connector.onConnected((id) => told.push(id));
    const first = await connector.connectWithTokens({ accessToken: 'good-0' });
    const second = await connector.connectWithTokens({ accessToken: 'good-0', name: 'Renamed' });
    expect(second).toMatchObject({ id: first.id, name: 'Renamed' });
    expect(told).toEqual([first.id, first.id]);
  });

  it('stores nothing for a token that Clio refuses', async () => {
    clio();
    await expect(connector.connectWithTokens({ accessToken: 'bad' })).rejects.toMatchObject({
      code: 'clio.unauthorized',
    });
    expect(await opened.database.repo(Connection).count()).toBe(0);
  });

  it('refreshes once for ten callers that are refused together, and keeps the new refresh token', async () => {
    clio();
    const { id } = await connector.connectWithTokens({ accessToken: 'good-0', refreshToken: 'r' });
    await opened.database.write((tx) => tx.update(Connection, { id }, { accessToken: sealed.seal('stale') }));
    const client = await clients.forConnection(id);
    await Promise.all(Array.from({ length: 10 }, () => client.get('users/who_am_i')));
    expect(lines().filter((line) => line === 'POST /oauth/token')).toHaveLength(1);
    expect(sealed.open((await stored()).refreshToken ?? '')).toBe('refresh-1');
  });

  it('makes no more calls an hour than CLIO_HOURLY_CAP allows', async () => {
    clio();
    const { id } = await connector.connectWithTokens({ accessToken: 'good-0' });
    const config = loadConfig({
      DATABASE_URL: opened.url,
      ENCRYPTION_KEY: 'a'.repeat(64),
      CLIO_HOURLY_CAP: '2',
    });
    const clock = new TestClock();
    const client = await new ClioClients(
      opened.database,
      sealed,
      new AlertStore(opened.database, clock),
      config,
      clock,
    ).forConnection(id);
    for (let times = 0; times < 2; times++) await client.get('users/who_am_i');
    const [before, third] = [seen.length, client.get('users/who_am_i')];
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(3_600_000 - 1);
    expect(seen).toHaveLength(before);
    await clock.advance(1);
    await third;
    expect(seen).toHaveLength(before + 1);
  });

  it('refreshes before the token ends', async () => {
    clio();
    const { id } = await connector.connectWithTokens({
      accessToken: 'good-0',
      refreshToken: 'r',
      expiresIn: 30,
    });
    await (await clients.forConnection(id)).get('users/who_am_i');
    expect(lines().slice(-2)).toEqual(['POST /oauth/token', 'GET /api/v4/users/who_am_i.json']);
  });

  it.each([
    ['the refresh is refused', { refusesRefresh: true }, 'r'],
    ['there is no refresh token', {}, undefined],
  ])('waits for a person when %s, and asks Clio no more', async (_name, options, refreshToken) => {
    clio(options);
    const { id } = await connector.connectWithTokens({
      accessToken: 'good-0',
      ...(refreshToken === undefined ? {} : { refreshToken }),
    });
    await opened.database.write((tx) => tx.update(Connection, { id }, { accessToken: sealed.seal('stale') }));
    const client = await clients.forConnection(id);
    await expect(client.get('users/who_am_i')).rejects.toThrow(/connect it again/);
    expect((await stored()).status).toBe('needs_authorisation');
    const before = seen.length;
    await expect(client.get('users/who_am_i')).rejects.toMatchObject({ code: 'clio.unauthorized' });
    expect(seen).toHaveLength(before);
  });

  /** The connection as it is when its access token has been refused, and what happens while Clio is asked for another. */
  const refusedWhile = async (options: {
    refusesRefresh?: boolean;
    beforeRefreshed: (id: string) => Promise<void>;
  }) => {
    clio();
    const { id } = await connector.connectWithTokens({ accessToken: 'good-0', refreshToken: 'r' });
    await opened.database.write((tx) => tx.update(Connection, { id }, { accessToken: sealed.seal('stale') }));
    clio({ ...options, beforeRefreshed: () => options.beforeRefreshed(id) });
    return clients.forConnection(id);
  };
  const store = (id: string, set: Partial<Connection>) =>
    opened.database.write((tx) => tx.update(Connection, { id }, set)).then(() => undefined);
  const openAlerts = () => opened.database.repo(Alert).findBy({ closedAt: IsNull() });

  it('does not undo a new connection when an old refresh is refused late', async () => {
    const client = await refusedWhile({
      refusesRefresh: true,
      beforeRefreshed: (id) => store(id, { accessToken: sealed.seal('good-0'), status: 'active' }),
    });
    expect(await client.get('users/who_am_i')).toMatchObject({ id: 11 });
    expect(await stored()).toMatchObject({ status: 'active' });
    expect(await openAlerts()).toEqual([]);
  });

  it('does not write over newer tokens when an old refresh succeeds late', async () => {
    const client = await refusedWhile({
      beforeRefreshed: (id) =>
        store(id, { accessToken: sealed.seal('newest'), refreshToken: sealed.seal('newest-refresh') }),
    });
    await client.get('users/who_am_i').catch(() => undefined);
    const row = await stored();
    expect(seen.filter(({ headers }) => headers.authorization === 'Bearer newest')).toHaveLength(1);
    expect(sealed.open(row.refreshToken ?? '')).not.toBe('refresh-1');
  });

  it('takes the other process’s word back when its refresh was refused because ours came first', async () => {
    const client = await refusedWhile({
      beforeRefreshed: (id) => store(id, { status: 'needs_authorisation' }),
    });
    expect(await client.get('users/who_am_i')).toMatchObject({ id: 11 });
    expect(await stored()).toMatchObject({ status: 'active' });
  });

  it('keeps a fresh token although the old one was sealed again meanwhile', async () => {
    const client = await refusedWhile({
      beforeRefreshed: (id) => store(id, { accessToken: sealed.seal('stale') }),
    });
    expect(await client.get('users/who_am_i')).toMatchObject({ id: 11 });
    expect(sealed.open((await stored()).accessToken)).toBe('good-1');
  });

  it('raises an alert with the address to connect at, and closes it when that is done', async () => {
    clio({ refusesRefresh: true });
    const { id } = await connector.connectWithTokens({ accessToken: 'good-0', refreshToken: 'r' });
    await store(id, { accessToken: sealed.seal('stale') });
    const client = await clients.forConnection(id);
    await expect(client.get('users/who_am_i')).rejects.toMatchObject({ code: 'clio.unauthorized' });
    const alerts = await openAlerts();
    expect(alerts).toMatchObject([{ connectionId: id, kind: 'connection_lost' }]);
    expect(alerts[0]?.message).toMatch(
      /"Firm".*Have Ada open http:\/\/127\.0\.0\.1:3000\/oauth\/clio\/connect/,
    );
    await connector.connectWithTokens({ accessToken: 'good-0' });
    expect(await openAlerts()).toEqual([]);
  });

  it('starts at once what waited for the authorisation, and leaves what waits by plan', async () => {
    clio();
    const { id } = await connector.connectWithTokens({ accessToken: 'good-0' });
    const now = systemClock.now().getTime();
    const dueAt = now + 900_000;
    const events = new EventStore(opened.database, systemClock);
    await events.append([anEvent(id)]);
    const [event] = await opened.database.repo(InboundEvent).find();
    const runs = new RunStore(opened.database);
    await opened.database.write(async (tx) => {
      await tx.update(InboundEvent, { id: event?.id as string }, { status: 'ready' });
    });
    await runs.recordDecisions(
      event as InboundEvent,
      [aMatch({}, {}, 1), aMatch({ ruleId: 'b' }, {}, 1)],
      now,
    );
    const [waiting, planned] = await opened.database.repo(Step).find({ order: { id: 'ASC' } });
    const error = { code: 'clio.unauthorized', message: 'No.' };
    await opened.database.write(async (tx) => {
      await tx.update(Step, { id: waiting?.id as string }, { dueAt, error });
      await tx.update(Step, { id: planned?.id as string }, { dueAt });
    });
    await events.append([anEvent(id)]);
    await opened.database.write((tx) => tx.update(InboundEvent, { status: 'received' }, { dueAt }));

    const before = await stored();
    await connector.connectWithTokens({ accessToken: 'good-0' });
    expect((await stored()).authorisedAt).toBeGreaterThanOrEqual(before.authorisedAt as number);
    expect((await runs.nextDueAt(id)) as number).toBeLessThan(dueAt);
    const steps = await opened.database.repo(Step).find({ order: { id: 'ASC' } });
    expect(steps.map((step) => step.dueAt === dueAt)).toEqual([false, true]);
    expect(await events.received(id, dueAt - 1, 10)).toHaveLength(1);
  });

  it('renews a token that ends soon before anybody calls, once a minute at most', async () => {
    clio();
    const grant = { accessToken: 'good-0', refreshToken: 'r', expiresIn: 300 };
    await connector.connectWithTokens(grant);
    const before = seen.length;
    await clients.keepFresh(await stored());
    expect(lines().slice(before)).toEqual(['POST /oauth/token']);
    await clients.keepFresh(await stored());
    expect(seen).toHaveLength(before + 1);
    expect(sealed.open((await stored()).accessToken)).toBe('good-1');
  });

  it('renews a token that ends soon by a clock that was put back since the last time', async () => {
    clio();
    aheadMs = 48 * 3_600_000;
    await connector.connectWithTokens({ accessToken: 'good-0', refreshToken: 'r', expiresIn: 300 });
    await clients.keepFresh(await stored());
    aheadMs = 0;
    const tokenExpiresAt = systemClock.now().getTime() + 300_000;
    await opened.database.write((tx) => tx.update(Connection, { status: 'active' }, { tokenExpiresAt }));
    await clients.keepFresh(await stored());
    expect(sealed.open((await stored()).accessToken)).toBe('good-2');
  });
});
