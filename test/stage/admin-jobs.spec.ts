import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectLiteral } from 'typeorm';
import type { JobDetail, JobView } from '../../src/admin/job-views.js';
import { JobRunner, type JobWork } from '../../src/admin/job-runner.js';
import { JobVerbs } from '../../src/admin/job-verbs.js';
import { draftsOf } from '../../src/cli/backtest-rules.js';
import { newId } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import type { Pace } from '../../src/lib/pace.js';
import { backtestArchive } from '../../src/match/backtest-archive.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { adminActor } from '../../src/store/actor.js';
import { ApiTokenStore } from '../../src/store/api-token.store.js';
import type { TokenRole } from '../../src/store/api-token.entity.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Job } from '../../src/store/job.entity.js';
import { LEASE_MS } from '../../src/store/job.store.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { vocabulary } from '../../src/vocabulary.js';
import { ADMIN_TOKEN, AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, anEvent } from '../support/rows.js';

const DAY = 86_400_000;
const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - { action: log.write, with: { text: 'Seen {{matter.id}}' } }
`;
const WIDER = RULE.replace('is: Open', 'in: [Open, Pending]');

interface Message {
  event: string;
  data: { status: string; progress: { done: number; total: number | null } };
}

/** Work that goes on when the test says so. */
function heldWork() {
  const held: { pace?: Pace; finish?: (result: JsonObject) => void } = {};
  const work: JobWork = async (pace) => {
    held.pace = pace;
    pace.begins(10);
    const result = await new Promise<JsonObject>((resolve) => (held.finish = resolve));
    await pace.step(10);
    return result;
  };
  return { held, work };
}

describe.each(databases)('jobs over the API on $name', ({ name, url }) => {
  let admin: AdminApp;
  let databaseUrl: string;
  let remove: () => Promise<void>;
  let connectionId: string;

  beforeEach(async () => {
    ({ url: databaseUrl, remove } = await url());
    admin = await AdminApp.start(databaseUrl);
    admin.useRules({ 'opening.yaml': RULE });
    connectionId = (await aConnection(admin.database)).id;
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  /** So many matters that were created, half of them open, one an hour until now. */
  async function archive(count: number, of = connectionId): Promise<void> {
    const now = admin.clock.now().getTime();
    const rows = Array.from({ length: count }, (_, index) => ({
      ...anEvent(of, { recordId: String(index) }),
      id: newId(), types: ['matter.created'], webhookAt: null, status: 'matched', reason: null, attempts: 1, dueAt: 0,
      receivedAt: now - index * 3_600_000, record: { id: index, status: index % 2 === 0 ? 'Open' : 'Pending' },
      previous: null, changed: null, causedByRunId: null, depth: 0,
    })); // prettier-ignore
    for (let from = 0; from < rows.length; from += 500)
      await admin.database.write((tx) =>
        tx.insert<ObjectLiteral>(InboundEvent, rows.slice(from, from + 500)),
      );
  }

  const runner = () => admin.app.get(JobRunner);
  const show = async (id: string) => (await admin.get(`/api/v1/jobs/${id}`)).body as JobDetail;
  const started = (work: JobWork, of: string | null = null): Promise<JobView> =>
    admin.app
      .get(JobVerbs)
      .start({ actor: adminActor, scope: null, route: 'test' }, {}, { kind: 'backtest', subject: 'opening', connectionId: of, request: {} }, work); // prettier-ignore
  const ended = async (answer: Answer): Promise<JobDetail> => {
    await runner().idle();
    return show((answer.body as JobView).id);
  };
  async function withToken(role: TokenRole, of: string | null) {
    const wanted = { name: `the ${role}`, role, connectionId: of, expiresAt: null };
    const { secret } = await admin.app.get(ApiTokenStore).create(wanted, adminActor);
    return { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  }

  /** Reads the stream to its end, while time passes. */
  async function follow(id: string, meanwhile: (told: string) => void = () => undefined): Promise<Message[]> {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const request = get(`${admin.url}/api/v1/jobs/${id}/events`, { headers, agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    let text = '';
    let isOver = false;
    answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
    answer.on('end', () => (isOver = true));
    for (let seconds = 0; !isOver && seconds < 50_000; seconds++) {
      await admin.clock.advance(1000);
      meanwhile(text);
    }
    return text.split('\n\n').flatMap((block) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/m.exec(block) ?? [];
      return event === undefined || data === undefined ? [] : [{ event, data: JSON.parse(data) as Message['data'] }];
    }); // prettier-ignore
  }

  it('come to what the command line comes to, and call nobody', async () => {
    const sandbox = await startSandbox({ clock: admin.clock });
    connectionId = (await aConnection(admin.database, { baseUrl: sandbox.origin })).id;
    await archive(350);
    await admin.database.write((tx) => tx.update(InboundEvent, { recordId: '3' }, { status: 'ignored' }));
    await admin.app.get(RuleStore).record(admin.rules.book().active, []);
    const answer = await admin.post('/api/v1/rules/opening/backtest', { text: WIDER, days: 12 });
    expect(answer.status).toBe(202);
    const { id } = answer.body as JobView;
    expect(answer.headers.get('location')).toBe(`/api/v1/jobs/${id}`);
    expect(answer.body).toMatchObject({ kind: 'backtest', status: 'queued', subject: 'opening' });
    const job = await ended(answer);

    const folder = mkdtempSync(join(tmpdir(), 'praetor-rule-'));
    writeFileSync(join(folder, 'opening.yaml'), WIDER);
    const drafts = await draftsOf(folder, undefined);
    rmSync(folder, { recursive: true });
    const asked = { drafts, days: 12, now: admin.clock.now() };
    const expected = await backtestArchive(admin.database, vocabulary(), asked);
    expect(job).toMatchObject({ status: 'done', error: null, progress: { done: 289, total: 289 } });
    expect(job.result).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(expected.rules[0]).toMatchObject({ fires: 288, difference: { fires: 145, more: 143 } });
    expect(sandbox.control.calls()).toEqual([]);
    await sandbox.stop();
  });

  it('try the rule in force without a text, and rules that are not in force', async () => {
    await archive(10);
    const inForce = await ended(await admin.post('/api/v1/rules/opening/backtest', {}));
    expect(inForce.result).toMatchObject({ days: 90, events: 10, rules: [{ fires: 5 }] });
    const text = `${RULE}---\n${WIDER.replace('id: opening', 'id: other')}`;
    const both = await ended(await admin.post('/api/v1/rules/backtest', { text }));
    expect(both).toMatchObject({
      subject: 'opening, other',
      result: { rules: [{ fires: 5 }, { fires: 10 }] },
    });
    const { body } = await admin.get('/api/v1/jobs?status=done&fields=id,status');
    const data = [both, inForce].map(({ id }) => ({ id, status: 'done' }));
    expect((body as { data: { id: string }[] }).data.sort((a, b) => b.id.localeCompare(a.id))).toEqual(data);
  });

  it('are refused with what is wrong', async () => {
    const ask = (body: object, rule = 'opening') => admin.post(`/api/v1/rules/${rule}/backtest`, body);
    const broken = await ask({ text: RULE.replace('is: Open', 'iss: Open') });
    expect(broken).toMatchObject({ status: 422, body: { code: 'rule.invalid' } });
    expect((broken.body as { problems: string[] }).problems[0]).toContain('text.yaml:5:');
    expect((await ask({ text: RULE.replace('id: opening', 'id: other') })).status).toBe(400);
    expect((await ask({ text: '' })).status).toBe(400);
    expect((await ask({ days: 0 })).status).toBe(400);
    expect((await ask({}, 'none')).status).toBe(404);
    expect((await ask({ connection: 'none' })).status).toBe(404);
    admin.useRules({ 'opening.yaml': RULE.replace('is: Open', 'iss: Open') });
    expect((await ask({})).status).toBe(409);
    expect((await ask({ text: RULE })).status).toBe(202);
    expect(await admin.database.repo(Job).count()).toBe(1);
  });

  it('start once for an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'one', 'content-type': 'application/json' };
    const ask = () => admin.ask('/api/v1/rules/opening/backtest', { method: 'POST', body: '{}', headers });
    const [first, second] = [await ask(), await ask()];
    expect(second).toMatchObject({ status: 202, body: first.body });
    await runner().idle();
    expect(await admin.database.repo(Job).count()).toBe(1);
    const entries = await admin.database.repo(AuditEntry).findBy({ kind: 'job.started' });
    expect(entries.map(({ facts }) => JSON.parse(facts) as object)).toEqual([
      { job_id: (first.body as JobView).id, kind: 'backtest', subject: 'opening' },
    ]);
  });

  it('give everything else its turn', async () => {
    await archive(4_000);
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    const answer = await admin.post('/api/v1/rules/opening/backtest', { days: 3650 });
    count();
    expect((await ended(answer)).result).toMatchObject({ events: 4_000 });
    isOver = true;
    expect(turns).toBeGreaterThan(90);
  });

  it('tell how far they are, and their end', async () => {
    const { held, work } = heldWork();
    const { id } = await started(work);
    const told = await follow(id, (text) => {
      if (text.includes('"done":4')) held.finish?.({ found: 1 });
      else if (text.includes('"total":10')) void held.pace?.step(4);
    });
    const steps = told.map(({ event, data: { status, progress } }) => `${event} ${status} ${progress.done}`);
    expect(steps).toEqual(expect.arrayContaining(['progress running 0', 'progress running 4']));
    expect(steps.filter((step) => !step.startsWith('progress'))).toEqual(['end done 10']);
    expect(steps.at(-1)).toBe('end done 10');
    expect(await follow(id)).toMatchObject([{ event: 'end', data: { status: 'done' } }]);
    expect((await show(id)).result).toEqual({ found: 1 });
    expect((await admin.get('/api/v1/jobs/none/events')).status).toBe(404);
  });

  it('are cancelled while they run and while they wait', async () => {
    const all = [heldWork(), heldWork(), heldWork()];
    const jobs = [];
    for (const { work } of all) jobs.push(await started(work));
    const [first, second, third] = jobs.map(({ id }) => id);
    const cancel = (id = '') => admin.post(`/api/v1/jobs/${id}/cancel`, {});
    expect(await cancel(third)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await cancel(first)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await cancel(first)).status).toBe(200);
    expect(() => all[0]?.held.pace?.step(5)).toThrow();
    all.forEach(({ held }) => held.finish?.({}));
    await runner().idle();
    expect(all[2]?.held.pace).toBeUndefined();
    const statuses = await Promise.all(jobs.map(async ({ id }) => (await show(id)).status));
    expect(statuses).toEqual(['cancelled', 'done', 'cancelled']);
    expect(await cancel(second)).toMatchObject({ status: 409, body: { code: 'request.conflict' } });
    expect((await cancel('none')).status).toBe(404);
    expect(await admin.database.repo(AuditEntry).countBy({ kind: 'job.cancelled' })).toBe(2);
  });

  it('run two at a time, and only so many wait', async () => {
    const all = Array.from({ length: 22 }, heldWork);
    for (const { work } of all) await started(work);
    const answer = await admin.post('/api/v1/rules/opening/backtest', {});
    expect(answer).toMatchObject({ status: 429, body: { code: 'request.too_many' } });
    const { body } = await admin.get('/api/v1/jobs?status=running');
    expect((body as { data: object[] }).data).toHaveLength(2);
    expect(all.filter(({ held }) => held.pace !== undefined)).toHaveLength(2);
    for (const { held } of all) {
      while (held.finish === undefined) await new Promise((resolve) => setImmediate(resolve));
      held.finish({});
    }
    await runner().idle();
    expect(await admin.database.repo(Job).countBy({ status: 'done' })).toBe(22);
  });

  it('fail with what to do when their work fails', async () => {
    const { id } = await started(() => Promise.reject(new RangeError('a secret')));
    await runner().idle();
    const job = await show(id);
    expect(job.status).toBe('failed');
    expect(job.error).toContain('its log has the details');
    const large = await started(() => Promise.resolve({ text: 'x'.repeat(300_000) }));
    await runner().idle();
    expect((await show(large.id)).error).toContain('too large');
  });

  it('end with the server, and a dead process is found', async () => {
    const { held, work } = heldWork();
    const { id } = await started(work);
    while (held.finish === undefined) await new Promise((resolve) => setImmediate(resolve));
    await admin.stop();
    held.finish({});
    admin = await AdminApp.start(databaseUrl);
    expect(await show(id)).toMatchObject({ status: 'failed', result: null });
    expect((await show(id)).error).toContain('start it again');

    const row = await admin.database.repo(Job).findOneByOrFail({ id });
    const now = admin.clock.now().getTime();
    const dead = {
      ...row,
      status: 'running' as const,
      error: null,
      finishedAt: null,
      owner: 'gone',
      leaseUntil: now + 1,
    };
    await admin.database.write((tx) => tx.insert<ObjectLiteral>(Job, { ...dead, id: 'dead' }));
    await admin.stop();
    admin = await AdminApp.start(databaseUrl);
    // Elsewhere another replica may still be at it.
    expect((await show('dead')).status).toBe(name === 'sqlite' ? 'failed' : 'running');
    await admin.clock.leap(LEASE_MS);
    await runner().sweep();
    const found = await show('dead');
    expect(found.status).toBe('failed');
    expect(found.error).toContain('start it again');
    await admin.clock.leap(7 * DAY + LEASE_MS);
    await runner().sweep();
    expect(await admin.database.repo(Job).count()).toBe(0);
  });

  it('live on while their process says so, and let go of one that was ended elsewhere', async () => {
    const { held, work } = heldWork();
    const { id } = await started(work);
    for (let minutes = 0; minutes < 4; minutes++) {
      const before = await admin.database.repo(Job).findOneByOrFail({ id });
      let row = before;
      for (let rounds = 0; row.leaseUntil === before.leaseUntil && rounds < 10_000; rounds++) {
        await admin.clock.advance(1_000);
        row = await admin.database.repo(Job).findOneByOrFail({ id });
      }
      await runner().sweep();
    }
    expect((await show(id)).status).toBe('running');
    await admin.database.write((tx) => tx.update(Job, { id }, { status: 'failed', finishedAt: 1 }));
    for (let rounds = 0, isOver = false; !isOver && rounds < 10_000; rounds++) {
      await admin.clock.advance(1_000);
      try {
        void held.pace?.step(1);
      } catch {
        isOver = true;
      }
    }
    expect(() => held.pace?.step(1)).toThrow();
    held.finish?.({});
    await runner().idle();
    expect((await show(id)).status).toBe('failed');
  });

  it('belong to a connection when their caller does', async () => {
    const other = (await aConnection(admin.database)).id;
    await archive(10);
    await archive(3, other);
    const [ours, theirs] = [await withToken('editor', connectionId), await withToken('editor', other)];
    const ask = (headers: Record<string, string>, body: object) =>
      admin.ask('/api/v1/rules/opening/backtest', { method: 'POST', body: JSON.stringify(body), headers });
    const job = await ended(await ask(ours, {}));
    expect(job).toMatchObject({ connection_id: connectionId, result: { events: 10 } });
    expect((await ask(ours, { connection: other })).status).toBe(404);
    const whole = await ended(await admin.post('/api/v1/rules/opening/backtest', {}));
    expect(whole).toMatchObject({ connection_id: null, result: { events: 13 } });
    const one = await ended(await admin.post('/api/v1/rules/opening/backtest', { connection: other }));
    expect(one).toMatchObject({ connection_id: other, result: { events: 3 } });
    for (const { id } of [job, whole]) {
      for (const path of [`jobs/${id}`, `jobs/${id}/events`])
        expect((await admin.ask(`/api/v1/${path}`, { headers: theirs })).status).toBe(404);
      const cancel = { method: 'POST', body: '{}', headers: theirs };
      expect((await admin.ask(`/api/v1/jobs/${id}/cancel`, cancel)).status).toBe(404);
    }
    const { body } = await admin.ask('/api/v1/jobs', { headers: theirs });
    expect((body as { data: object[] }).data).toMatchObject([{ id: one.id }]);
    expect((await ask(await withToken('viewer', null), {})).status).toBe(403);
  });
});
