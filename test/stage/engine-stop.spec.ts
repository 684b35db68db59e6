import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio } from '../support/scripted-clio.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const task = {
  action: 'clio.task.create',
  with: { name: 'Call', matter: '{{matter.id}}', assignee: 9 },
};

describe.each(databases)('the engine is stopped, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let clio: ScriptedClio;
  let stage: RunFixture;

  beforeEach(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    [admin, clio] = await Promise.all([AdminApp.start(fresh.url), ScriptedClio.start()]);
    stage = await RunFixture.start(admin.database, clio.baseUrl);
    clio.on('POST', 'tasks', { data: { id: 501, etag: '"t1"' } });
  });
  afterEach(async () => {
    await admin.stop();
    await Promise.all([remove(), clio.stop()]);
    expect(clio.unexpected).toEqual([]);
  });

  const alerts = async () =>
    ((await admin.get('/api/v1/alerts')).body as { data: { kind: string; message: string }[] }).data;

  it('and nothing is carried out until it is started', async () => {
    expect((await admin.get('/api/v1/engine')).body).toMatchObject({ status: 'running', reason: null });
    const stopped = await admin.post('/api/v1/engine/stop', { reason: 'Clio shows wrong matters.' });
    expect(stopped).toMatchObject({
      status: 200,
      body: { status: 'stopped', reason: 'Clio shows wrong matters.', stopped_by: 'ADMIN_TOKEN' },
    });
    const runId = await stage.plan([task]);
    expect(await stage.drain()).toBe(0);
    expect(await stage.nextDueAt()).toBeNull();
    expect(await stage.run(runId)).toMatchObject({ status: 'running' });
    expect(await alerts()).toMatchObject([
      { kind: 'engine_stopped', message: expect.stringContaining('praetor engine start') as unknown },
    ]);
    expect(await admin.ask('/health/ready')).toMatchObject({
      status: 200,
      body: { details: { engine: { status: 'up', stopped: true } } },
    });

    expect((await admin.post('/api/v1/engine/start', {})).body).toMatchObject({ status: 'running' });
    expect(admin.woken).toEqual(['connection-1']);
    expect(await alerts()).toEqual([]);
    expect(await stage.drain()).toBe(1);
    expect(clio.made('POST', 'tasks')).toHaveLength(1);
    const kinds = (await admin.database.repo(AuditEntry).find()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'effect')).toEqual(['engine.stopped', 'engine.started']);
  });

  it('and what is about to begin does not begin', async () => {
    await stage.plan([task]);
    const [due] = await stage.dueSteps();
    await admin.post('/api/v1/engine/stop', { reason: 'Now.' });
    const begun = await stage.runs.beginAttempts([{ step: due!.step, input: {}, echo: null }], stage.now);
    expect(begun).toEqual([]);
    expect(await admin.database.repo(AuditEntry).countBy({ kind: 'engine.stopped' })).toBe(1);
  });

  it('once, for the reason that was given first, and only as it was seen', async () => {
    const etag = (await admin.get('/api/v1/engine')).headers.get('etag') ?? '';
    const ask = (path: string, headers: Record<string, string>) =>
      admin.ask(`/api/v1/engine/${path}`, {
        method: 'POST',
        body: JSON.stringify(path === 'stop' ? { reason: 'First.' } : {}),
        headers: { 'content-type': 'application/json', ...headers },
      });
    expect((await ask('start', {})).status).toBe(200);
    expect((await ask('stop', { 'if-match': etag })).status).toBe(200);
    expect((await ask('stop', { 'if-match': etag })).status).toBe(412);
    const again = await admin.post('/api/v1/engine/stop', { reason: 'Second.' });
    expect(again).toMatchObject({ status: 200, body: { reason: 'First.' } });
    expect((await admin.post('/api/v1/engine/stop', {})).status).toBe(400);
    expect(await admin.database.repo(AuditEntry).count()).toBe(1);
  });
});
