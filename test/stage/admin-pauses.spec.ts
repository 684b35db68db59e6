import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RuleStore } from '../../src/store/rule.store.js';
import { AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection } from '../support/rows.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - { action: log.write, with: { text: seen } }
`;

describe.each(databases)('pauses over the API, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let connectionId: string;

  beforeEach(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    connectionId = (await aConnection(admin.database)).id;
    admin.useRules({ 'opening.yaml': RULE });
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  it('stops a rule, says why it is silent, and lets it go on', async () => {
    const path = '/api/v1/rules/opening';
    const paused = await admin.post(`${path}/pause`, { reason: 'Audit.' });
    expect(paused.status).toBe(200);
    expect(paused.body).toMatchObject({
      rule_id: 'opening',
      pauses: [{ connection_id: connectionId, cause: 'person', reason: 'Audit.', until: null }],
    });
    const told = await admin.get(`${path}/explain?record=matter/7`);
    expect(JSON.stringify(told.body)).toContain('praetor rules resume opening');
    expect((await admin.post(`${path}/resume`, {})).body).toEqual({ rule_id: 'opening', pauses: [] });
    expect((await admin.get(`${path}/pauses`)).body).toEqual({ rule_id: 'opening', pauses: [] });
    const refused = [
      await admin.post(`${path}/resume`, {}),
      await admin.post(`${path}/resume`, { connection_id: 'nobody' }),
      await admin.post(`${path}/pause`, { reason: 'Audit.', until: '2020-01-01T00:00:00Z' }),
      await admin.post('/api/v1/rules/nothing/pause', { reason: 'Audit.' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 404]);
  });

  it('changes nothing for somebody who saw another state, also of two at once', async () => {
    const path = '/api/v1/rules/opening';
    await admin.app.get(RuleStore).record(admin.rules.book().active, []);
    const etag = (await admin.get(`${path}/pauses`)).headers.get('etag') ?? '';
    const headers = { 'if-match': etag, 'content-type': 'application/json' };
    const pause = (reason: string) =>
      admin.ask(`${path}/pause`, { method: 'POST', headers, body: JSON.stringify({ reason }) });
    const both = await Promise.all([pause('Ann.'), pause('Bob.')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const stale = await admin.ask(`${path}/resume`, { method: 'POST', headers, body: '{}' });
    expect(stale).toMatchObject({ status: 412, body: { code: 'request.stale' } });
    const now = await admin.get(`${path}/pauses`);
    expect(now.body).toMatchObject({ pauses: [{ connection_id: connectionId }] });
    const seen = { ...headers, 'if-match': now.headers.get('etag') ?? '' };
    expect((await admin.ask(`${path}/resume`, { method: 'POST', headers: seen, body: '{}' })).status).toBe(
      200,
    );
  });
});
