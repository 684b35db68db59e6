import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ApprovalStory } from '../../src/admin/approval-story.js';
import type { RunStory } from '../../src/admin/run-story.js';
import { approvalReport } from '../../src/cli/approval-report.js';
import { runReport } from '../../src/cli/run-report.js';
import { adminActor } from '../../src/store/actor.js';
import { Alert } from '../../src/store/alert.entity.js';
import { ApiTokenStore } from '../../src/store/api-token.store.js';
import type { TokenRole } from '../../src/store/api-token.entity.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { vocabulary } from '../../src/vocabulary.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { aConnection } from '../support/rows.js';
import { databases } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio, type ScriptedCall } from '../support/scripted-clio.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const HOURS = 3_600;
const call = {
  id: 'call',
  action: 'clio.task.create',
  with: {
    name: 'Call {{matter.display_number}}',
    description: 'First of {{matter.id}}',
    matter: '{{matter.id}}',
    assignee: 9,
    due_at: { add: '2 days', to: '{{now}}' },
  },
};
const log = (id: string, text: string) => ({ id, action: 'log.write', with: { text } });
const asking = (more: object = {}) => ({
  id: 'ok',
  approval: { by: ['user:ann@firm.example'], timeout: '2 days', ...more },
});

describe.each(databases)('approvals, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let clio: ScriptedClio;
  let stage: RunFixture;

  beforeEach(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    [admin, clio] = await Promise.all([
      AdminApp.start(fresh.url, {}, [], vocabulary()),
      ScriptedClio.start(),
    ]);
    stage = await RunFixture.start(admin.database, clio.baseUrl);
    clio.on('GET', 'tasks', { data: [] });
    clio.on('POST', 'tasks', ({ body }: ScriptedCall) => {
      const { data } = body as { data: object };
      return { data: { ...data, id: 501, etag: '"t1"' } };
    });
  });
  afterEach(async () => {
    await admin.stop();
    await Promise.all([remove(), clio.stop()]);
    expect(clio.unexpected).toEqual([]);
  });

  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.ask(`/api/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const shown = async (id: string) => (await admin.get(`/api/v1/approvals/${id}`)).body as ApprovalStory;
  const runShown = async (id: string) => (await admin.get(`/api/v1/runs/${id}`)).body as RunStory;
  const token = async (name: string, role: TokenRole = 'approver', connectionId: string | null = null) => {
    const wanted = { name, role, connectionId, expiresAt: null };
    const { secret } = await admin.app.get(ApiTokenStore).create(wanted, adminActor);
    return { authorization: `Bearer ${secret}` };
  };
  const audited = async () =>
    (await admin.database.repo(AuditEntry).find({ order: { seq: 'ASC' } }))
      .filter(({ kind }) => kind.startsWith('run.'))
      .map((entry) => ({ ...entry, facts: JSON.parse(entry.facts) as object }));
  const tasks = () =>
    clio.made('POST', 'tasks').map(({ body }) => (body as { data: Record<string, unknown> }).data);
  const pending = async () => {
    const { body } = await admin.get('/api/v1/approvals');
    return (body as { data: { id: string }[] }).data[0]?.id ?? '';
  };
  async function asked(actions: object[], rule: object = {}): Promise<{ runId: string; id: string }> {
    const runId = await stage.planRule({ actions, ...rule });
    await stage.drain();
    return { runId, id: await pending() };
  }

  it('shows what is asked and why, and what follows as it will be sent', async () => {
    const { id } = await asked(
      [
        log('before', 'seen'),
        {
          id: 'way',
          if: { field: 'matter.status', is: 'Open' },
          then: [
            asking(),
            call,
            log('told', '{{outputs.before.text}} {{run.url}}'),
            log('made', 'task {{outputs.call.id}} for {{run.approvals.0.user}}'),
            { ...log('odd', 'x'), if: { field: 'outputs.call.status', is: 'pending' } },
            { ...log('never', 'x'), if: { field: 'matter.status', is: 'Closed' } },
            { id: 'w', wait: { for: '2 hours' } },
            log('later', 'x'),
          ],
        },
      ],
      { conditions: { field: 'matter.status', is: 'Open' } },
    );
    const story = await shown(id);
    expect(story).toMatchObject({
      people: [{ name: 'ann@firm.example' }],
      may_decide: ['approver', 'admin'],
      on_timeout: 'reject',
      record: { model: 'matter', id: '77', name: '00077-Doe' },
      matter: { id: '77', name: '00077-Doe' },
      reasons: ['✓ matter.status is Open'],
      way: [{ step: 'way', took: 'then', because: 'the condition holds' }],
      decided_with: null,
      edits: [],
    });
    const none: unknown[] = [];
    expect(story.preview).toEqual([
      {
        ...{ step: 'call', action: 'clio.task.create', will: 'act', not_yet: none, note: null },
        input: {
          ...{ name: 'Call 00077-Doe', description: 'First of 77', matter: 77, assignee: 9 },
          due_at: expect.stringMatching(/^2026-/),
        },
      },
      {
        ...{ step: 'told', action: 'log.write', will: 'act', not_yet: none, note: null },
        input: { text: `seen https://praetor.example/api/v1/runs/${story.run_id}` },
      },
      {
        ...{ step: 'made', action: 'log.write', will: 'act', note: null, input: {} },
        not_yet: [
          {
            field: 'text',
            because: 'outputs.call.id, which is known when call is done',
            such_as: 'task 1 for the approver',
          },
        ],
      },
      expect.objectContaining({ step: 'odd', will: 'depend', input: { text: 'x' } }),
      expect.objectContaining({ step: 'never', will: 'skip', input: null }),
      {
        ...{ step: 'w', action: 'wait', will: 'wait', input: null, not_yet: none },
        note: 'the run waits here: for 2 hours',
      },
    ]);
    const report = approvalReport(story);
    expect(report).toContain('record matter/77 00077-Doe\n');
    expect(report).toContain('  ✓ matter.status is Open\n  way took then: the condition holds\n');
    expect(report).toContain('    name: "Call 00077-Doe"\n');
    expect(report).toContain('text: not known yet, reads outputs.call.id');
    expect(report).toContain('then it counts as rejected');
    const sent = story.preview[0]?.input as object;
    expect((await post(`approvals/${id}/approve`, { by: 'Ann' })).status).toBe(200);
    await stage.drain();
    const [step] = (await stage.steps(story.run_id)).filter(({ key }) => key === 'call');
    expect(step?.input).toEqual(sent);
  });

  it('tells where a branch depends on what is not known yet, and where the run would fail', async () => {
    const known = { field: 'outputs.call.status', is: 'pending' };
    const { id } = await asked([asking(), call, { id: 'fork', if: known, then: [log('a', 'x')] }]);
    expect((await shown(id)).preview.map(({ step, will }) => `${step} ${will}`)).toEqual([
      'call act',
      'fork depend',
    ]);
    await post(`approvals/${id}/reject`);
    const client = log('sum', '{{matter.client.name}}');
    const total = { ...client, id: 'total' };
    const other = await asked([asking(), { ...client, continue_on_error: true }, total, log('b', 'x')]);
    expect((await shown(other.id)).preview.map(({ step, will }) => `${step} ${will}`)).toEqual([
      'sum fail',
      'total fail',
    ]);
  });

  it('carries out what was edited, exactly once although the answer was lost, and tells of it', async () => {
    clio.on('POST', 'tasks', { cut: true }, { data: { id: 502, etag: '"t2"' } });
    const { id, runId } = await asked([asking(), call]);
    const edits = { call: { name: 'Call {{matter.id}} & <her>', due_at: '2026-12-24', assignee: '7' } };
    const ann = await token('Ann Partner');
    const answer = await post(`approvals/${id}/approve`, { comment: 'Kinder.', edits }, ann);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: 'approved',
        decided_by: 'Ann Partner',
        decided_with: { kind: 'token', name: 'Ann Partner' },
      },
    });
    expect(admin.woken).toEqual(['connection-1']);
    stage.worker = stage.newWorker();
    await stage.drainOnce();
    await stage.drainOnce();
    stage.worker = stage.newWorker();
    const [first] = tasks();
    clio.on('GET', 'tasks', {
      data: [{ ...first, id: 502, etag: '"t2"', status: 'pending', created_at: new Date(stage.now) }],
    });
    stage.advance(HOURS);
    await stage.drain();
    expect(tasks()).toHaveLength(1);
    expect(first).toMatchObject({
      name: 'Call {{matter.id}} & <her>',
      due_at: '2026-12-24',
      assignee: { id: 7 },
    });
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    const kept = [
      { step: 'call', field: 'assignee', before: 9, after: 7 },
      { step: 'call', field: 'due_at', before: expect.stringMatching(/^2026-/), after: '2026-12-24' },
      { step: 'call', field: 'name', before: 'Call 00077-Doe', after: 'Call {{matter.id}} & <her>' },
    ];
    expect((await shown(id)).edits).toEqual(kept);
    const story = await runShown(runId);
    expect(story.steps[0]?.output).toMatchObject({ user: 'Ann Partner', edits: kept });
    expect(runReport(story)).toContain('  edited call.assignee: 9 -> 7\n');
    const [entry] = await audited();
    expect(entry).toMatchObject({
      kind: 'run.approved',
      matterId: '77',
      actorName: 'Ann Partner',
      facts: { by: 'Ann Partner', asked: ['user:ann@firm.example'], edits: [{ field: 'assignee' }, {}, {}] },
    });
    expect(JSON.stringify(entry)).not.toContain('her');
  });

  const INTO = { contact: { name: 'Jane' } };
  it.each<[object, RegExp]>([
    [{ call: { due_at: 'tomorrow' } }, /call\.due_at: /],
    [{ call: { name: '' } }, /call\.name: /],
    [{ call: { nam: 'x' } }, /call\.nam: clio\.task\.create takes no "nam"\. Did you mean "name"\?/],
    [{ call: { matter: 78 } }, /call\.matter: it says which record/],
    [{ call: { description_text_type: 'rich_text' } }, /call\.description_text_type: it says how a text/],
    [{ call: { name: 'a\u0000b' } }, /call\.name: a text has no control characters/],
    [{ call: { 'assignee.user': 'x@y.example' } }, /call\.assignee\.user: there is no such place/],
    [{ call: { '__proto__.x': 1 } }, /takes no "__proto__"/],
    [{ call: { name: 5 } }, /call\.name: /],
    [{ later: { text: 'x' } }, /later: no such step follows/],
    [{ w: { for: '1 hour' } }, /w: nothing of it is rendered/],
    [{ open: { resource: 'bill' } }, /open: clio\.request can do anything/],
    [{ text: { text: 'fine' }, call: { priority: 'high' } }, /call\.priority: /],
    [{ call: INTO }, /takes no "contact"/],
  ])('decides nothing when an edit does not fit: %j', async (edits, words) => {
    const request = { id: 'open', action: 'clio.request', with: { method: 'GET', resource: 'task' } };
    const wait = { id: 'w', wait: { for: '2 hours' } };
    const { id } = await asked([asking(), call, log('text', 'x'), request, wait, log('later', 'x')]);
    const answer = await post(`approvals/${id}/approve`, { edits });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect((answer.body as { detail: string }).detail).toMatch(words);
    expect((await shown(id)).status).toBe('pending');
    expect(await audited()).toEqual([]);
    expect(await stage.drain()).toBe(0);
  });

  it('takes an edit into a field, and one of what nobody knows yet', async () => {
    const named = { ...call, with: { ...call.with, assignee: { user: 'bob@firm.example' } } };
    const { id, runId } = await asked([asking(), named, log('made', '{{outputs.call.id}}')]);
    const inner = { 'assignee.user': 'eve@firm.example' };
    const twice = { call: { ...inner, assignee: 7 } };
    expect((await post(`approvals/${id}/approve`, { edits: twice })).status).toBe(400);
    const edits = { call: inner, made: { text: 'done' } };
    expect((await post(`approvals/${id}/approve`, { edits })).body).toMatchObject({
      edits: [
        { field: 'assignee.user', before: 'bob@firm.example', after: 'eve@firm.example' },
        { step: 'made', before: null, after: 'done' },
      ],
    });
    clio.on('GET', 'users', { data: [{ id: 4, email: 'eve@firm.example', enabled: true }] });
    await stage.drain();
    expect(tasks()).toMatchObject([{ assignee: { id: 4 } }]);
    expect((await stage.steps(runId)).at(-1)?.output).toEqual({ text: 'done' });
  });

  it('keeps the edits of a turn to that turn, and of an approval to its part of the run', async () => {
    const loop = { for_each: 'matter.parts', as: 'part', max: 3, actions: [log('n', 'part {{part.id}}')] };
    const { id, runId } = await asked([asking(), loop, { ...asking(), id: 'two' }, log('z', 'last')]);
    expect((await shown(id)).preview.at(-1)).toMatchObject({ step: 'two', will: 'ask' });
    await post(`approvals/${id}/approve`, { edits: { 'n[1]': { text: 'other' } } });
    await stage.drain();
    const next = await pending();
    expect((await post(`approvals/${next}/approve`, { edits: { 'n[0]': { text: 'no' } } })).status).toBe(400);
    await post(`approvals/${next}/approve`, { edits: { z: { text: 'end' } } });
    await stage.drain();
    const texts = (await stage.steps(runId)).flatMap(({ output }) => output?.['text'] ?? []);
    expect(texts).toEqual(['part 1', 'other', 'end']);
  });

  it('is decided by one of two people, and tells the other by whom', async () => {
    const { id, runId } = await asked([asking(), log('z', 'x')]);
    const [ann, bob] = [await token('Ann'), await token('Bob')];
    const answers = await Promise.all([
      post(`approvals/${id}/approve`, {}, ann),
      post(`approvals/${id}/approve`, {}, bob),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers[0].status === 200 ? 'Ann' : 'Bob';
    const loser = answers.find(({ status }) => status === 409)?.body;
    expect(loser).toMatchObject({ detail: expect.stringContaining(`is approved already, by ${winner};`) });
    expect((await post(`approvals/${id}/approve`, {}, winner === 'Ann' ? ann : bob)).status).toBe(200);
    const edits = { z: { text: 'other' } };
    expect((await post(`approvals/${id}/approve`, { edits }, winner === 'Ann' ? ann : bob)).status).toBe(409);
    await stage.drain();
    expect((await audited()).map(({ actorName }) => actorName)).toEqual([winner]);
    expect((await stage.run(runId)).status).toBe('done');
  });

  it('shows the token beside the name that was given', async () => {
    const { id, runId } = await asked([asking(), log('z', 'by {{run.approvals.0.user}}')]);
    const desk = await token('Front desk');
    await post(`approvals/${id}/approve`, { by: 'Ann' }, desk);
    await stage.drain();
    expect(await shown(id)).toMatchObject({ decided_by: 'Ann', decided_with: { name: 'Front desk' } });
    expect(runReport(await runShown(runId))).toContain(
      'answer approved by Ann with the token "Front desk"\n',
    );
    expect(approvalReport(await shown(id))).toContain('approved by Ann with the token "Front desk"');
    expect((await audited())[0]).toMatchObject({ actorName: 'Front desk', facts: { by: 'Ann' } });
    const again = await post(`approvals/${id}/reject`, {}, await token('Bob'));
    expect(again).toMatchObject({ status: 409 });
    expect((again.body as { detail: string }).detail).toContain('by Ann with the token "Front desk"');
  });

  it('honours If-Match, Idempotency-Key, roles and the connection of a token', async () => {
    const { id } = await asked([asking(), log('z', 'x')]);
    const etag = (await admin.get(`/api/v1/approvals/${id}`)).headers.get('etag') ?? '';
    const path = `approvals/${id}/approve`;
    expect((await post(path, {}, { 'if-match': '"other"' })).status).toBe(412);
    expect((await post(path, {}, await token('Ed', 'editor'))).status).toBe(403);
    const elsewhere = (await aConnection(admin.database)).id;
    expect((await post(path, {}, await token('Far', 'approver', elsewhere))).status).toBe(404);
    const key = { ...(await token('Ann')), 'idempotency-key': 'one', 'if-match': etag };
    const answers = await Promise.all([post(path, {}, key), post(path, {}, key)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0].body).toEqual(answers[1].body);
    expect((await post(path, { by: 'Bob' }, key)).status).toBe(422);
    const after = (await admin.get(`/api/v1/approvals/${id}`)).headers.get('etag');
    expect(after).not.toBe(etag);
    expect(await audited()).toHaveLength(1);
  });

  it.each([
    ['reject', 'expired', 'cancelled'],
    ['approve', 'approved', 'done'],
    ['escalate', 'pending', 'running'],
  ])('without an answer in time: %s', async (on_timeout, status, run) => {
    const { id, runId } = await asked([asking({ on_timeout }), log('z', 'x')]);
    expect(await shown(id)).toMatchObject({
      on_timeout,
      due_at: new Date(stage.now + 48 * HOURS * 1000).toISOString(),
    });
    stage.advance(48 * HOURS);
    stage.worker = stage.newWorker();
    await stage.drain();
    const isOpen = on_timeout === 'escalate';
    expect(await shown(id)).toMatchObject({ status, decided_by: null, edits: [] });
    expect((await runShown(runId)).status).toBe(run);
    const late = await post(`approvals/${id}/approve`, { edits: { z: { text: 'late' } } });
    expect(late.status).toBe(isOpen ? 200 : 409);
    if (!isOpen) expect((late.body as { detail: string }).detail).toContain('by nobody (Nobody answered');
    await stage.drain();
    const text = { escalate: 'late', approve: 'x', reject: undefined }[on_timeout];
    expect((await stage.steps(runId)).at(-1)?.output?.['text']).toBe(text);
    const alerts = await admin.database.repo(Alert).findBy({ kind: 'approval_stuck' });
    expect(alerts.map(({ closedAt }) => closedAt === null)).toEqual(isOpen ? [false] : []);
  });
});
