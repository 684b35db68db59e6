import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClioClients } from '../../src/clio/clio-clients.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { Connection } from '../../src/store/connection.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { RunStore } from '../../src/store/run.store.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { ADMIN_TOKEN, AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

interface PageBody {
  data: { id: string }[];
  next_cursor: string | null;
}

const page = (answer: Answer) => answer.body as PageBody;
const idsOf = (answer: Answer) => page(answer).data.map(({ id }) => id);

/** What every refusal looks like. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.type).toBe('application/problem+json; charset=utf-8');
  expect(answer).toMatchObject({ status, body: { type: 'about:blank', status, code } });
  expect((answer.body as { detail: string }).detail).not.toBe('');
}

it('is alive but not ready while its database is gone', async () => {
  const { url, remove } = await databases.find(({ name }) => name === 'postgres')!.url();
  const admin = await AdminApp.start(url);
  try {
    await remove();
    const ready = await admin.ask('/health/ready');
    expectProblem(ready, 503, 'store.unavailable');
    expect(ready.body).toMatchObject({ checks: { database: { status: 'down' }, rules: { status: 'up' } } });
    expect((await admin.ask('/health/live')).status).toBe(200);
  } finally {
    await admin.stop();
  }
});

describe.each(databases)('the admin API on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let connectionId: string;

  beforeAll(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url, {
      PUBLIC_URL: 'http://127.0.0.1:3000',
      CLIO_CLIENT_ID: 'id',
      CLIO_CLIENT_SECRET: 'secret',
    });
    const sealed = { accessToken: 'sealed-access', refreshToken: 'sealed-refresh' };
    connectionId = (await aConnection(admin.database, sealed)).id;
  });

  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  /** An event decided by `ruleId` with a run of one step that was carried out. */
  async function aStory(ruleId: string): Promise<{ eventId: string; runId: string }> {
    const given = anEvent(connectionId);
    await admin.app.get(EventStore).append([given]);
    const stored = { dedupeKey: given.dedupeKey };
    const event = await admin.database.repo(InboundEvent).findOneByOrFail(stored);
    await admin.app.get(EventStore).settle([{ event, set: { status: 'ready' } }]);
    const explanation = { node: 'is', path: 'conditions', value: true, field: 'matter.status' };
    const match = aMatch({ ruleId, explanation }, {}, 1);
    const runs = admin.app.get(RunStore);
    const now = admin.clock.now().getTime();
    await runs.recordDecisions(event, [match], now);
    const runId = match.run?.id ?? '';
    const [due] = (await runs.dueSteps(connectionId, now, 100)).filter(({ run }) => run.id === runId);
    if (due === undefined) throw new RangeError('no step is due');
    const [attempt = null] = await runs.beginAttempts(
      [{ step: due.step, input: { text: 'hello' }, echo: null }],
      now,
    );
    await runs.settleSteps(
      [
        {
          ...due,
          attempt,
          outcome: { kind: 'done', output: { id: 9 } },
          writes: [{ model: 'task', id: '9', etag: '"e"' }],
          continueOnError: false,
          mayBeApplied: false,
          facts: { status: 201, requestId: 'req-1', durationMs: 12, applied: 'yes', adopted: false },
        },
      ],
      now,
    );
    return { eventId: event.id, runId };
  }

  describe('the token', () => {
    it.each([
      ['none', ''],
      ['another', 'Bearer another-token-of-20'],
      ['the right one without its scheme', ADMIN_TOKEN],
      ['the right one cut short', `Bearer ${ADMIN_TOKEN.slice(0, -1)}`],
    ])('refuses %s', async (_which, authorization) => {
      for (const path of ['connections', 'rules', 'runs', 'runs/1']) {
        const answer = await admin.ask(`/api/v1/${path}`, { headers: { authorization } });
        expectProblem(answer, 401, 'request.unauthorized');
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    });

    it('may stand after any spelling of its scheme', async () => {
      const headers = { authorization: `bearer ${ADMIN_TOKEN}` };
      expect((await admin.ask('/api/v1/runs', { headers })).status).toBe(200);
    });
  });

  describe('lists', () => {
    it('give every entry once, newest first, also when more are made meanwhile', async () => {
      const made: string[] = [];
      for (let index = 0; index < 5; index++) made.unshift((await aStory('paged')).runId);
      const first = await admin.get('/api/v1/runs?rule_id=paged&limit=2');
      await aStory('paged');
      const second = await admin.get(`/api/v1/runs?rule_id=paged&limit=2&cursor=${page(first).next_cursor}`);
      const third = await admin.get(`/api/v1/runs?rule_id=paged&limit=2&cursor=${page(second).next_cursor}`);
      expect([...idsOf(first), ...idsOf(second), ...idsOf(third)]).toEqual(made);
      expect(page(third).next_cursor).toBeNull();
    });

    it('end without a cursor when the last page is full', async () => {
      for (let index = 0; index < 2; index++) await aStory('full');
      const answer = await admin.get('/api/v1/decisions?rule_id=full&limit=2');
      expect(idsOf(answer)).toHaveLength(2);
      expect(page(answer).next_cursor).toBeNull();
    });

    it.each(['garbage', '%00', Buffer.from('events:01').toString('base64url'), ''])(
      'refuse the cursor %p, which they did not give',
      async (cursor) => {
        expectProblem(await admin.get(`/api/v1/runs?cursor=${cursor}`), 400, 'request.invalid');
      },
    );

    it.each(['limit=0', 'limit=201', 'limit=many', 'status=finished', 'rule=a', 'limit=1&limit=2'])(
      'refuse the query %s',
      async (query) => {
        const answer = await admin.get(`/api/v1/runs?${query}`);
        expectProblem(answer, 400, 'request.invalid');
        expect((answer.body as { problems: string[] }).problems).toHaveLength(1);
        expect(answer.text).toContain(query.split('=')[0] ?? '');
      },
    );

    it('filter', async () => {
      const { eventId, runId } = await aStory('filtered');
      expect(idsOf(await admin.get('/api/v1/runs?rule_id=filtered'))).toEqual([runId]);
      expect(idsOf(await admin.get(`/api/v1/runs?event_id=${eventId}&status=done`))).toEqual([runId]);
      expect(idsOf(await admin.get('/api/v1/runs?rule_id=filtered&status=failed'))).toEqual([]);
      expect(idsOf(await admin.get(`/api/v1/decisions?event_id=${eventId}&outcome=matched`))).toHaveLength(1);
      expect(idsOf(await admin.get(`/api/v1/decisions?event_id=${eventId}&outcome=unknown`))).toEqual([]);
      expect(idsOf(await admin.get('/api/v1/events?status=matched&type=matter.created&limit=1'))).toEqual([
        eventId,
      ]);
      expect(idsOf(await admin.get('/api/v1/events?record=matter/78'))).toEqual([]);
    });
  });

  describe('stories', () => {
    it('tell of a run with its event, its decision and why, its steps and their attempts', async () => {
      const { eventId, runId } = await aStory('told');
      const { status, body } = await admin.get(`/api/v1/runs/${runId}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: runId,
        rule_id: 'told',
        status: 'done',
        created_at: '2026-11-24T10:00:00.000Z',
        event: { id: eventId, type: 'matter.created', record_id: '77', status: 'matched' },
        decision: { outcome: 'matched', explanation: { field: 'matter.status', value: true }, run_id: runId },
        steps: [
          {
            key: 'step_0',
            status: 'done',
            reference: 'ABCDEFGH',
            input: { text: 'hello' },
            output: { id: 9 },
            attempts: [
              {
                number: 1,
                result: 'done',
                applied: 'yes',
                adopted: false,
                status: 201,
                request_id: 'req-1',
                duration_ms: 12,
                writes: [{ model: 'task', id: '9', etag: '"e"' }],
              },
            ],
          },
        ],
      });
    });

    it('tell of an event with what was delivered and every decision', async () => {
      const { eventId, runId } = await aStory('heard');
      const { body } = await admin.get(`/api/v1/events/${eventId}`);
      expect(body).toMatchObject({
        id: eventId,
        payload: { data: { id: 77 } },
        decisions: [{ rule_id: 'heard', run_id: runId, shadow: false }],
      });
    });

    it.each(['runs', 'events', 'rules'])('say when there is none in %s', async (list) => {
      const answer = await admin.get(`/api/v1/${list}/none-of-that-id`);
      expectProblem(answer, 404, 'request.not_found');
      expect(answer.text).toContain('none-of-that-id');
    });
  });

  describe('rules', () => {
    const good = 'version: 1\nid: good\nname: Good rule\ntriggers: [{ event: matter.created }]\n';
    const action = 'actions: [{ action: log.write, with: { text: hello } }]\n';

    it('show the good, the broken with line and column, and the removed', async () => {
      admin.useRules({ 'gone.yaml': `${good.replace('good', 'gone')}${action}` });
      const store = admin.app.get(RuleStore);
      await store.record(admin.rules.book().active, admin.rules.book().broken);
      admin.useRules({
        'good.yaml': good + action,
        'bad.yaml': `${good.replace('good', 'bad')}${action.replace('log.write', 'log.wrote')}`,
        'torn.yaml': 'version: 1\n  id: [',
      });
      await store.record(admin.rules.book().active, admin.rules.book().broken);

      const { body } = await admin.get('/api/v1/rules');
      expect(body).toMatchObject({
        data: [
          { id: 'bad', state: 'broken', file: 'bad.yaml' },
          { id: 'file:torn.yaml', state: 'broken', name: null },
          { id: 'gone', state: 'removed' },
          { id: 'good', state: 'active', enabled: true, mode: 'active', diagnostics: [] },
        ],
        next_cursor: null,
      });
      expect(idsOf(await admin.get('/api/v1/rules?state=removed'))).toEqual(['gone']);

      const bad = await admin.get('/api/v1/rules/bad');
      expect(bad.body).toMatchObject({
        source: expect.stringContaining('log.wrote') as unknown as string,
        version: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown as string,
        diagnostics: [
          { severity: 'error', file: 'bad.yaml', line: 5, column: expect.any(Number) as unknown as number },
        ],
      });
      expect((await admin.get(`/api/v1/rules/${encodeURIComponent('file:torn.yaml')}`)).status).toBe(200);
    });

    it('are paged too', async () => {
      const named = (id: string) => good.replace('good', id) + action;
      admin.useRules({ a: named('one'), b: named('two'), c: named('three') });
      const first = await admin.get('/api/v1/rules?state=active&limit=2');
      expect(idsOf(first)).toEqual(['one', 'three']);
      const rest = await admin.get(`/api/v1/rules?state=active&limit=2&cursor=${page(first).next_cursor}`);
      expect(rest.body).toMatchObject({ data: [{ id: 'two' }], next_cursor: null });
    });
  });

  describe('connections', () => {
    it('never show a token', async () => {
      const answer = await admin.get('/api/v1/connections');
      expect(idsOf(answer)).toEqual([connectionId]);
      expect(answer.text).not.toMatch(/sealed-|token":/);
    });

    it('are shown one by one, with every webhook they have or had', async () => {
      const firm = (await aConnection(admin.database)).id;
      const webhook = {
        ...{
          connectionId: firm,
          model: 'matter',
          events: ['updated'],
          fields: 'id,etag',
          clioWebhookId: '9',
        },
        ...{ secret: 'sealed-secret', previousSecret: null, expiresAt: 86_400_000, renewedAt: 0 },
        ...{ createdAt: 0, updatedAt: 0 },
      };
      await admin.database.write((tx) =>
        tx.insert(Subscription, [
          { ...webhook, id: 's1', key: 'k1', status: 'enabled' },
          { ...webhook, id: 's2', key: 'k2', status: 'disabled', model: 'bill' },
        ]),
      );
      const path = `/api/v1/connections/${firm}`;
      const one = await admin.get(path);
      expect(one.body).toMatchObject({ id: firm, subscriptions: [{ id: 's1' }] });
      const all = await admin.get(`${path}/subscriptions`);
      expect(all.body).toMatchObject({
        data: [{ id: 's2' }, { id: 's1', expires_at: '1970-01-02T00:00:00.000Z' }],
      });
      expect(one.text + all.text).not.toMatch(/sealed|k1|k2/);
      expect(idsOf(await admin.get(`${path}/subscriptions?status=enabled&q=MATT&sort=-model`))).toEqual([
        's1',
      ]);
      for (const none of ['connections/none', 'connections/none/subscriptions'])
        expectProblem(await admin.get(`/api/v1/${none}`), 404, 'request.not_found');
      await admin.database.write(async (tx) => {
        await tx.delete(Subscription, { connectionId: firm });
        await tx.delete(Connection, { id: firm });
      });
    });

    it('take the address of a Clio however it is spelt, and every page of a list by it', async () => {
      const sandbox = await startSandbox({ clock: admin.clock });
      for (let left = 201; left > 0; left--) sandbox.control.create('contact', { first_name: 'Ann' });
      const base_url = sandbox.origin.replace('http', 'HTTP').concat('/');
      const grant = { base_url, access_token: sandbox.control.token() };
      const { status, body } = await admin.post('/api/v1/connections', grant);
      expect({ status, body }).toMatchObject({ status: 201, body: { base_url: sandbox.origin } });
      const client = await admin.app.get(ClioClients).forConnection((body as { id: string }).id);
      expect((await client.list('contacts')).length).toBeGreaterThan(200);
      await sandbox.stop();
    });

    it('refuse a token that Clio refuses, and say so', async () => {
      const sandbox = await startSandbox({ clock: admin.clock });
      const answer = await admin.post('/api/v1/connections', {
        base_url: sandbox.origin,
        access_token: 'wrong',
      });
      await sandbox.stop();
      expectProblem(answer, 422, 'clio.unauthorized');
      expect(answer.text).toContain(`Clio at ${sandbox.origin} does not accept this access token; `);
    });

    it('say that no Clio answers, and do not promise to try again', async () => {
      const grant = { base_url: 'http://127.0.0.1:1', access_token: 'a' };
      const answer = await admin.post('/api/v1/connections', grant);
      expectProblem(answer, 422, 'clio.unreachable');
      expect(answer.text).toMatch(/127.0.0.1:1 could not be reached.*; check base_url and try again\./);
      const other = await admin.post('/api/v1/connections', { ...grant, base_url: admin.url });
      expectProblem(other, 422, 'clio.not_found');
      expect(other.text).toContain('does not answer as Clio does');
    });

    it('refuse the address of a page of Clio', async () => {
      const grant = { base_url: 'https://app.clio.com/api/v4', access_token: 'a' };
      const answer = await admin.post('/api/v1/connections', grant);
      expectProblem(answer, 400, 'request.invalid');
      expect(answer.text).toContain('must be the origin of Clio');
    });
  });

  describe('the gap report', () => {
    it('tells by model what was delivered, late, never came and was polled, and what is open', async () => {
      const { id } = await aConnection(admin.database);
      const events = admin.app.get(EventStore);
      const sweep = { model: 'bill', source: 'sweep' as const };
      const lost = anEvent(id, sweep);
      const late = anEvent(id, sweep);
      await events.append([
        anEvent(id),
        anEvent(id),
        lost,
        late,
        anEvent(id, { model: 'note', source: 'poll' }),
      ]);
      await events.append([{ ...late, source: 'webhook' }]);
      const [first, second] = await admin.database
        .repo(InboundEvent)
        .findBy({ connectionId: id, model: 'matter' });
      await events.settle([
        { event: first!, set: { status: 'gone' } },
        { event: second!, set: { status: 'ignored', reason: 'already_seen' } },
      ]);
      const none = {
        delivered: 0,
        late: 0,
        never_came: 0,
        polled: 0,
        processed: 0,
        open: 0,
        last_walk_at: null,
      };
      const { body } = await admin.get(`/api/v1/connections/${id}/gaps`);
      expect(body).toMatchObject({
        connection_id: id,
        total: { delivered: 1, late: 1, never_came: 1, polled: 1, processed: 1, open: 3 },
        models: [
          { ...none, model: 'bill', late: 1, never_came: 1, open: 2 },
          { ...none, model: 'matter', delivered: 1, processed: 1 },
          { ...none, model: 'note', polled: 1, open: 1 },
        ],
      });
      const later = new Date(admin.clock.now().getTime() + 1000).toISOString();
      const empty = await admin.get(`/api/v1/connections/${id}/gaps?since=${later}`);
      expect(empty.body).toMatchObject({ since: later, models: [] });
    });

    it('refuses a connection that is not there, and a time that is none', async () => {
      expectProblem(await admin.get('/api/v1/connections/none/gaps'), 404, 'request.not_found');
      expectProblem(
        await admin.get(`/api/v1/connections/${connectionId}/gaps?since=monday`),
        400,
        'request.invalid',
      );
    });
  });

  describe('everything else', () => {
    it('answers a problem where there is no route', async () => {
      expectProblem(await admin.get('/api/v1/nothing'), 404, 'request.not_found');
    });

    it('says it lives, and that it is ready with its rules', async () => {
      const open = { headers: { authorization: '' } };
      expect(await admin.ask('/health/live', open)).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await admin.ask('/health/ready', open)).toMatchObject({
        status: 200,
        body: { status: 'ok', details: { database: { status: 'up' }, rules: { status: 'up' } } },
      });
    });

    it('describes itself to anybody', async () => {
      const { status, body } = await admin.ask('/api/openapi.json', { headers: { authorization: '' } });
      expect(status).toBe(200);
      const { paths, openapi } = body as { openapi: string; paths: Record<string, Record<string, unknown>> };
      expect(openapi).toBe('3.1.0');
      expect(Object.keys(paths)).toEqual(
        expect.arrayContaining([
          '/api/v1/approvals/{id}/approve',
          '/api/v1/connections',
          '/api/v1/runs/{id}',
          '/health/ready',
        ]),
      );
      const { parameters, responses } = paths['/api/v1/runs']?.['get'] as {
        parameters: { name: string }[];
        responses: Record<string, unknown>;
      };
      expect(parameters.map(({ name }) => name).sort()).toEqual([
        'connection_id',
        'cursor',
        'event_id',
        'fields',
        'limit',
        'q',
        'record',
        'rule_id',
        'since',
        'sort',
        'status',
        'until',
      ]);
      expect(JSON.stringify(responses['200'])).toContain('next_cursor');
    });

    it('is shown to people by a page that loads nothing from elsewhere', async () => {
      const open = { headers: { authorization: '' } };
      const { text, headers } = await admin.ask('/api/docs', open);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].flatMap(([, address = '']) =>
        address.startsWith('data:') ? [] : [address],
      );
      expect(loaded).toHaveLength(3);
      for (const address of loaded) expect((await admin.ask(address, open)).status).toBe(200);
      expectProblem(await admin.ask('/api/docs/package.json', open), 404, 'request.not_found');
      expectProblem(await admin.ask('/api/docs/..%2Fpackage.json', open), 404, 'request.not_found');
    });
  });
});
