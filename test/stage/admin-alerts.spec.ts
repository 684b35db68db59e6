import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AlertView } from '../../src/admin/alert-views.js';
import type { ConnectionView } from '../../src/admin/connection-views.js';
import { newId } from '../../src/lib/ids.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection } from '../support/rows.js';

describe.each(databases)('alerts over the API on $name', ({ url }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let one: string;
  let other: string;

  beforeAll(async () => {
    const fresh = await url();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    one = (await aConnection(admin.database)).id;
    other = (await aConnection(admin.database)).id;
    const alerts = admin.app.get(AlertStore);
    const about = { connectionId: one, kind: 'scope_missing', subject: 'bill' } as const;
    await alerts.raise(about, 'Clio forbids it.');
    await alerts.raise({ ...about, kind: 'subscription_suspended', subject: 'matter' }, 'Suspended.');
    await alerts.raise({ ...about, connectionId: other }, 'Clio forbids it.');
    await alerts.close({ ...about, kind: 'subscription_suspended', subject: 'matter' });
    await admin.database.write(async (tx) => {
      for (const [model, status] of [
        ['matter', 'enabled'],
        ['task', 'disabled'],
      ] as const)
        await tx.insert(Subscription, {
          ...{ id: newId(), key: newId(), connectionId: one, model, status, events: [], fields: 'id' },
          ...{ expiresAt: Date.parse('2026-12-25T09:55:00Z'), createdAt: 0, updatedAt: 0 },
        });
    });
  });
  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  const list = async (query = '') => {
    const answer = await admin.get(`/api/v1/alerts${query}`);
    expect(answer.status).toBe(200);
    return answer.body as { data: AlertView[]; next_cursor: string | null };
  };
  const kinds = async (query: string) =>
    (await list(query)).data.map(({ kind, status }) => `${kind} ${status}`);

  it('are the open ones unless asked otherwise, newest first', async () => {
    expect(await kinds('')).toEqual(['scope_missing open', 'scope_missing open']);
    expect(await kinds('?status=closed')).toEqual(['subscription_suspended closed']);
    expect(await kinds('?status=all')).toHaveLength(3);
    expect(await kinds(`?connection_id=${other}&status=all`)).toEqual(['scope_missing open']);
    expect((await list('?status=closed')).data[0]).toMatchObject({
      connection_id: one,
      subject: 'matter',
      message: 'Suspended.',
      closed_at: '2026-11-24T10:00:00.000Z',
    });
  });

  it('come in pages like every list', async () => {
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data].map(({ connection_id: id }) => id)).toEqual([other, one]);
    expect(second.next_cursor).toBeNull();
  });

  it('are refused with a status that there is not, and without the token', async () => {
    expect(await admin.get('/api/v1/alerts?status=new')).toMatchObject({ status: 400 });
    const headers = { authorization: 'Bearer nobody' };
    expect(await admin.ask('/api/v1/alerts', { headers })).toMatchObject({ status: 401 });
  });

  it('show at their connection, with what Clio forbids and how long its webhooks live', async () => {
    const { data } = (await admin.get('/api/v1/connections')).body as { data: ConnectionView[] };
    expect(data.find(({ id }) => id === one)).toMatchObject({
      open_alerts: 1,
      missing_scopes: [{ model: 'bill', permission: 'Billing', message: 'Clio forbids it.' }],
      subscriptions: [{ model: 'matter', status: 'enabled', expires_at: '2026-12-25T09:55:00.000Z' }],
    });
  });
});
