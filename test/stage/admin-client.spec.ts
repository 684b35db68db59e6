import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { ADMIN_TOKEN, AdminApp } from '../support/admin-app.js';
import type { paths } from '../support/api-types.js';
import { databases } from '../support/databases.js';
import { apiTypes } from '../support/make-api-types.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

describe.each(databases)('a client made from the OpenAPI document, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let connectionId: string;
  const client = (token = ADMIN_TOKEN) =>
    createClient<paths>({ baseUrl: admin.url, headers: { authorization: `Bearer ${token}` } });

  beforeAll(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    connectionId = (await aConnection(admin.database)).id;
    await admin.app.get(EventStore).append([anEvent(connectionId), anEvent(connectionId)]);
    for (const event of await admin.database.repo(InboundEvent).find()) {
      await admin.app.get(EventStore).settle([{ event, set: { status: 'ready' } }]);
      await admin.app.get(RunStore).recordDecisions(event, [aMatch()], admin.clock.now().getTime());
    }
  });
  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  it('has the types of the API as it is; "npm run docs:api" makes them anew', async () => {
    const { body } = await admin.get('/api/openapi.json');
    const kept = readFileSync(join(import.meta.dirname, '..', 'support', 'api-types.d.ts'), 'utf8');
    expect(await apiTypes(body as Parameters<typeof apiTypes>[0])).toBe(kept);
  });

  it('walks through a list, and reads what is in it', async () => {
    const query = { connection_id: connectionId, limit: 1 };
    const first = await client().GET('/api/v1/runs', { params: { query } });
    const cursor = first.data?.next_cursor ?? '';
    const second = await client().GET('/api/v1/runs', { params: { query: { ...query, cursor } } });
    expect(second.data?.next_cursor).toBeNull();
    const id = second.data?.data[0]?.id ?? '';
    expect(id).not.toBe(first.data?.data[0]?.id);
    const { data, response } = await client().GET('/api/v1/runs/{id}', { params: { path: { id } } });
    expect(response.status).toBe(200);
    expect(data?.steps.map(({ action, status }) => ({ action, status }))).toEqual([
      { action: 'log.write', status: 'due' },
      { action: 'log.write', status: 'waiting' },
    ]);
  });

  it('is told what is wrong in a problem', async () => {
    const missing = await client().GET('/api/v1/runs/{id}', { params: { path: { id: 'none' } } });
    expect(missing.error).toMatchObject({ status: 404, code: 'request.not_found' });
    const stranger = await client('wrong').GET('/api/v1/runs');
    expect(stranger.error).toMatchObject({ status: 401, code: 'request.unauthorized' });
  });
});
