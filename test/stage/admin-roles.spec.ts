import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiDescription } from '../../src/admin/openapi.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { adminActor } from '../../src/store/actor.js';
import { TOKEN_ROLES, type TokenRole } from '../../src/store/api-token.entity.js';
import { ApiTokenStore } from '../../src/store/api-token.store.js';
import { appendAudit } from '../../src/store/append-audit.js';
import { Approval } from '../../src/store/approval.entity.js';
import { ApprovalStore } from '../../src/store/approval.store.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { JobStore } from '../../src/store/job.store.js';
import { pausesOf } from '../../src/store/rule-pause.store.js';
import { RunStore } from '../../src/store/run.store.js';
import { Step } from '../../src/store/step.entity.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }, { manual: true }]
actions:
  - { action: log.write, with: { text: seen } }
`;

/** Written out here once more, so that a change of the table in src is seen. */
const MAY: Record<TokenRole, string[]> = {
  viewer: ['read'],
  editor: ['read', 'edit'],
  approver: ['read', 'approve'],
  admin: ['read', 'edit', 'approve', 'admin'],
};

/** Open to all: each proves its caller in another way, or shows nothing of the firm. */
const OPEN = ['GET /health/live', 'GET /health/ready', 'POST /api/v1/session'];
const OPEN_OAUTH = ['GET /oauth/clio/callback', 'GET /oauth/clio/connect'];

/** What a body must have at least for the operation to look further. */
const BODIES: Record<string, object> = {
  'POST /api/v1/approvals/{id}/approve': { by: 'Eve' },
  'POST /api/v1/approvals/{id}/reject': { by: 'Eve' },
  'POST /api/v1/rules/backtest': { text: RULE },
  'POST /api/v1/rules/evaluate': { text: RULE, event: 'matter.created', record: {} },
  'POST /api/v1/runs/{id}/cancel': { reason: 'No.' },
};

/** What is enough without a body, and would be done: this is not. */
const REFUSED: Record<string, object> = {
  'POST /api/v1/approvals/{id}/approve': { by: '' },
  'POST /api/v1/approvals/{id}/reject': { by: '' },
};

interface Operation {
  name: string;
  method: string;
  path: string;
  access?: { need: string; of: string };
}

/** What there is of one firm. */
interface Firm {
  connectionId: string;
  ids: Record<string, string>;
}

describe.each(databases)('who may do what, on $name', ({ url }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let ours: Firm;
  let theirs: Firm;
  let operations: Operation[];

  beforeAll(async () => {
    const fresh = await url();
    ({ remove } = fresh);
    admin = await AdminApp.start(fresh.url);
    admin.useRules({ 'opening.yaml': RULE });
    ours = await aFirm();
    theirs = await aFirm();
    operations = operationsOf(admin);
  });
  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  async function aFirm(): Promise<Firm> {
    const connectionId = (await aConnection(admin.database)).id;
    const given = anEvent(connectionId);
    await admin.app.get(EventStore).append([given]);
    const { dedupeKey } = given;
    const event = await admin.database.repo(InboundEvent).findOneByOrFail({ dedupeKey });
    await admin.app.get(EventStore).settle([{ event, set: { status: 'ready' } }]);
    const match = aMatch({ ruleId: 'opening' });
    await admin.app.get(RunStore).recordDecisions(event, [match], admin.clock.now().getTime());
    const runId = match.run?.id ?? '';
    const step = await admin.database.repo(Step).findOneByOrFail({ runId, key: 'step_0' });
    const approval = await anApproval(connectionId, runId, step);
    const about = { connectionId, kind: 'scope_missing', subject: 'bill' } as const;
    await admin.app.get(AlertStore).raise(about, 'Clio forbids it.');
    const made = { name: 'made', role: 'viewer' as const, connectionId, expiresAt: null };
    const { token } = await admin.app.get(ApiTokenStore).create(made, adminActor);
    const asked = {
      kind: 'backtest',
      subject: 'opening',
      actor: adminActor,
      connectionId,
      request: {},
    } as const;
    const store = admin.app.get(JobStore);
    const job = await admin.database.write((tx) => store.addIn(tx, asked));
    await store.finish(job.id, { status: 'done', result: {} }, { done: 1, total: 1 });
    const ids = {
      connections: connectionId,
      events: event.id,
      runs: runId,
      approvals: approval,
      jobs: job.id,
    };
    return { connectionId, ids: { ...ids, rules: 'opening', tokens: token.id } };
  }

  async function anApproval(connectionId: string, runId: string, step: Step): Promise<string> {
    const approval: Approval = {
      ...{ id: `${step.id}-a`, connectionId, runId, stepId: step.id, stepKey: step.key, ruleId: 'opening' },
      ...{
        asked: ['user:ann@firm.example'],
        people: [],
        preview: [],
        status: 'pending',
        onTimeout: 'reject',
      },
      ...{ requestedAt: 0, dueAt: null, decidedBy: null, decidedAt: null, comment: null },
      ...{ edits: null, decidedWith: null },
    };
    await admin.database.write((tx) => tx.insert(Approval, approval as object));
    return approval.id;
  }

  async function aToken(role: TokenRole, connectionId: string | null = null): Promise<string> {
    const wanted = { name: `the ${role}`, role, connectionId, expiresAt: null };
    return (await admin.app.get(ApiTokenStore).create(wanted, adminActor)).secret;
  }

  const withToken = (token: string) => ({ authorization: `Bearer ${token}` });

  /** Asks with a body that is not enough: whoever may, is told what is missing. */
  function call({ method, path }: Operation, token: string, firm: Firm, body: unknown = {}): Promise<Answer> {
    const [, kind = ''] = /^\/api\/v1\/(\w+)\/\{id\}/.exec(path) ?? [];
    const id = method === 'DELETE' ? 'none' : (firm.ids[kind] ?? 'none');
    const filled = path.replace('{id}', id).replaceAll(/\{\w+\}/g, '1');
    const query = path.endsWith('explain') ? '?record=matter/77' : '';
    const headers = { ...withToken(token), 'content-type': 'application/json' };
    const sent = method === 'GET' ? {} : { body: JSON.stringify(body) };
    return admin.ask(`${filled}${query}`, { method, headers, ...sent });
  }

  const isStream = ({ path }: Operation) => path === '/api/v1/live';

  it('is declared by every route of the API', () => {
    const undeclared = operations.filter(({ access }) => access === undefined).map(({ name }) => name);
    expect(undeclared.sort()).toEqual([...OPEN, ...OPEN_OAUTH].sort());
    expect(operations.length).toBeGreaterThan(25);
  });

  it('is nothing without a token', async () => {
    for (const operation of operations.filter(({ access }) => access !== undefined)) {
      const { method } = operation;
      const path = operation.path.replaceAll(/\{\w+\}/g, 'none');
      const answer = await admin.ask(path, { method, headers: { authorization: '' } });
      expect([operation.name, answer.status]).toEqual([operation.name, 401]);
    }
  });

  it.each(TOKEN_ROLES)('is what the table says for the role %s', async (role) => {
    const token = await aToken(role);
    for (const operation of operations.filter((one) => one.access !== undefined && !isStream(one))) {
      const answer = await call(operation, token, ours, REFUSED[operation.name] ?? {});
      const isAllowed = MAY[role].includes(operation.access?.need ?? '');
      expect([operation.name, answer.status === 403]).toEqual([operation.name, !isAllowed]);
      expect([operation.name, answer.status]).not.toEqual([operation.name, 401]);
      expect(answer.status).toBeLessThan(500);
      if (!isAllowed)
        expect(answer.body).toMatchObject({
          code: 'request.forbidden',
          detail: expect.stringContaining(operation.access?.need === 'read' ? '' : 'admin') as unknown,
        });
    }
  });

  it.each(TOKEN_ROLES)('is for a %s of another connection as if ours were not there', async (role) => {
    const token = await aToken(role, theirs.connectionId);
    const foreign = ['events', 'runs', 'approvals', 'jobs'].map((kind) => ours.ids[kind]);
    foreign.push(ours.connectionId);
    for (const operation of operations.filter((one) => one.access !== undefined && !isStream(one))) {
      const { need, of } = operation.access ?? { need: '', of: '' };
      const body = BODIES[operation.name] ?? {};
      const { status, text } = await call(operation, token, ours, body);
      const named = [operation.name, status];
      if (!MAY[role].includes(need) || of === 'installation') expect(named).toEqual([operation.name, 403]);
      else if (operation.path.includes('{id}') && !operation.path.includes('/rules/'))
        expect(named).toEqual([operation.name, 404]);
      // Rules are everybody's; this one has no versions.
      else expect([operation.path.includes('/rules/') ? 404 : 200, 200, 202, 204, 400]).toContain(status);
      // A refusal may repeat the id that was asked for.
      if (status < 300)
        for (const id of foreign)
          expect([operation.name, text]).not.toEqual([operation.name, expect.stringContaining(id ?? '')]);
    }
    const approval = await admin.database.repo(Approval).findOneByOrFail({ id: ours.ids['approvals'] ?? '' });
    expect(approval.status).toBe('pending');
  });

  it('gives the lists of one connection what is of it', async () => {
    const headers = withToken(await aToken('viewer', theirs.connectionId));
    for (const list of [
      'events',
      'runs',
      'decisions',
      'approvals',
      'alerts',
      'connections',
      'audit',
      'jobs',
    ]) {
      const { body } = await admin.ask(`/api/v1/${list}`, { headers });
      const { data } = body as { data: { id: string; connection_id?: string }[] };
      expect(data.length).toBeGreaterThan(0);
      const connections = new Set(
        data.map((one) => one.connection_id ?? (list === 'connections' ? one.id : '')),
      );
      expect([list, ...connections]).toEqual([list, theirs.connectionId]);
      const query = `?connection_id=${ours.connectionId}`;
      if (!['decisions', 'connections'].includes(list))
        expect((await admin.ask(`/api/v1/${list}${query}`, { headers })).body).toMatchObject({ data: [] });
    }
  });

  it('gives the audit of a matter of one connection, from a trail that is whole', async () => {
    for (const { connectionId } of [ours, theirs])
      await admin.database.write((tx) => {
        const what = { kind: 'run.cancelled', matterId: '77', facts: { reason: 'double' } } as const;
        return Promise.resolve(appendAudit(tx, { at: 0, actor: adminActor, connectionId, ...what }));
      });
    const headers = withToken(await aToken('viewer', theirs.connectionId));
    const { status, text } = await admin.ask('/api/v1/audit/export?matter=77', { headers });
    expect([status, text.trim().split('\r\n').length]).toEqual([200, 2]);
    expect(text).toContain(theirs.connectionId);
    expect((await admin.ask('/api/v1/audit/verify', { headers })).status).toBe(403);
    expect((await admin.get('/api/v1/audit/verify')).body).toMatchObject({ ok: true });
  });

  it('changes for one connection only that', async () => {
    const headers = {
      ...withToken(await aToken('editor', theirs.connectionId)),
      'content-type': 'application/json',
    };
    const post = (path: string, body: object) =>
      admin.ask(`/api/v1/rules/opening/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const now = () => admin.clock.now().getTime();
    const elsewhere = { reason: 'Mine.', connection_id: ours.connectionId };
    expect((await post('pause', elsewhere)).status).toBe(400);
    expect((await post('pause', { reason: 'Mine.' })).status).toBe(200);
    const paused = await pausesOf(admin.database, 'opening', now());
    expect(paused.map(({ connectionId }) => connectionId)).toEqual([theirs.connectionId]);
    expect((await post('resume', {})).status).toBe(200);
    const run = { record: 'matter/77' };
    expect((await post('run', { ...run, connection: ours.connectionId })).status).toBe(404);
    expect((await post('run', run)).body).toMatchObject({ connection_id: theirs.connectionId });
    const { body } = await admin.get('/api/v1/audit?rule_id=opening');
    const { data } = body as { data: { kind: string; actor: object; connection_id: string }[] };
    const actor = expect.objectContaining({ kind: 'token', name: 'the editor' }) as unknown;
    const changes = data.filter(({ kind }) => kind !== 'effect');
    expect(changes).toMatchObject(
      ['rule.started', 'rule.resumed', 'rule.paused'].map((kind) => ({
        kind,
        actor,
        connection_id: theirs.connectionId,
      })),
    );
  });

  it('lets an approver decide, and writes down who', async () => {
    const headers = {
      ...withToken(await aToken('approver', ours.connectionId)),
      'content-type': 'application/json',
    };
    const path = `/api/v1/approvals/${ours.ids['approvals']}/approve`;
    const request = { method: 'POST', headers, body: JSON.stringify({ by: 'Ann' }) };
    for (const _ of ['once', 'again']) expect((await admin.ask(path, request)).status).toBe(200);
    const { body } = await admin.get('/api/v1/audit?kind=run.approved');
    expect((body as { data: object[] }).data).toMatchObject([
      { actor: { kind: 'token', name: 'the approver' }, run_id: ours.ids['runs'], facts: { by: 'Ann' } },
    ]);
    const late = { status: 'rejected', by: 'Bob', comment: null } as const;
    const word = { actor: adminActor, at: 1 };
    await admin.app.get(ApprovalStore).decide(theirs.ids['approvals'] ?? '', late, word);
    expect((await admin.get('/api/v1/audit?kind=run.rejected')).body).toMatchObject({
      data: [{ actor: adminActor }],
    });
  });
});

function operationsOf(admin: AdminApp): Operation[] {
  const { paths } = admin.app.get(ApiDescription).document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { 'x-needs'?: Operation['access'] }>).map(([verb, about]) => {
      const method = verb.toUpperCase();
      const access = about['x-needs'];
      return { name: `${method} ${path}`, method, path, ...(access !== undefined && { access }) };
    }),
  );
}
