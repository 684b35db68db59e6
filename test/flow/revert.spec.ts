import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/sandbox/faults.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, LawFirm } from '../support/law-firm.js';
import { praetor } from '../support/praetor.js';

const OPENING = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - { id: task, action: clio.task.create, with: { name: Check, matter: '{{matter.id}}', assignee: { role: responsible_attorney } } }
  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: Opened } }
  - { id: say, action: log.write, with: { text: seen } }
  - { id: pend, action: clio.matter.update, with: { matter: '{{matter.id}}', status: Pending, description: By the rule } }
`;
/** Rules that even what other rules do sets off. */
const listening = (id: string, event: string, present: string, matter: string) => `
version: 1
id: ${id}
name: ${id}
chain: allow
triggers: [{ event: ${event} }]
conditions: { field: ${present} }
actions:
  - { action: clio.conversation_message.send, with: { matter: '${matter}', subject: '${id}', body: Heard, receivers: [{ contact: 1 }] } }
`;
const RULES = { 'opening.yaml': OPENING };
const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

interface Told {
  status: number;
  body: Record<string, unknown>;
}

describe.each(databases)('a run is reverted, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async (rules: Record<string, string> = RULES) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  };
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const fault = (method: string, path: string, kind: object = { kind: 'reset-after' }) =>
    firm.control.fault({ on: 'request', method, path, ...kind } as Fault);
  const open = () => firm.play((control) => Number(control.create('matter', opened)['id']));
  const runOf = async (rule: string) => (await firm.runs()).find((run) => run.rule_id === rule)!;
  const story = async (id: unknown) => (await firm.runs()).find((run) => run.id === id)!;
  const only = (kind: string) => firm.control.records(kind)[0];
  const removals = () => firm.writes().filter((call) => call.startsWith('DELETE'));
  const steps = async (id: unknown) => (await story(id)).steps.map(({ key, status }) => `${key} ${status}`);

  async function post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Told> {
    const answer = await fetch(`${firm.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** A matter that was opened, and the run that came of it. */
  async function anOpening(): Promise<{ matter: number; run: string }> {
    const matter = await open();
    const run = await runOf('opening');
    expect(run.status).toBe('done');
    expect(firm.control.records('task')).toHaveLength(1);
    await firm.clock.advance(60_000);
    firm.control.clearCalls();
    return { matter, run: run.id };
  }

  /** The id of the run that reverts it, when all is done. */
  async function revert(run: string): Promise<string> {
    const { status, body } = await post(`runs/${run}/revert`);
    expect(status).toBe(200);
    await firm.rest();
    return (body['run'] as { id: string }).id;
  }

  it('and all that it did is undone, newest first, each once', async () => {
    await start();
    const { matter, run } = await anOpening();
    const [task, note] = [Number(only('task')?.['id']), Number(only('note')?.['id'])];
    const by = await revert(run);
    expect(firm.writes()).toEqual([
      `PATCH /api/v4/matters/${matter}.json 200`,
      `DELETE /api/v4/notes/${note}.json 204`,
      `DELETE /api/v4/tasks/${task}.json 204`,
    ]);
    expect(firm.control.records('task')).toEqual([]);
    expect(firm.control.records('note')).toEqual([]);
    expect(firm.control.records('matter').find(({ id }) => id === matter)).toMatchObject({
      status: 'Open',
      description: 'Dissolution',
    });
    expect(await steps(by)).toEqual(['undo pend done', 'undo note done', 'undo task done']);
    expect(await story(by)).toMatchObject({ status: 'done', reverts: run, reverted_by: null });
    expect(await story(run)).toMatchObject({ status: 'done', reverts: null, reverted_by: by });
    const entries = await firm.database.repo(AuditEntry).findBy({ kind: 'run.reverted' });
    expect(entries).toMatchObject([{ actorId: 'admin', runId: run, matterId: String(matter) }]);

    const again = await post(`runs/${run}/revert`);
    expect(again.body).toMatchObject({ is_new: false, run: { id: by } });
    expect((await post(`runs/${by}/revert`)).status).toBe(409);
    expect((await post(`events/${(await story(by)).event_id}/replay`, { confirm: true })).status).toBe(409);
    await firm.rest();
    expect(firm.writes()).toHaveLength(3);
  });

  it('and what a person changed stays and is named', async () => {
    await start();
    const { run } = await anOpening();
    await firm.play((control) =>
      control.update('note', Number(only('note')?.['id']), { subject: 'Opened, and called' }),
    );
    const asked = await post(`runs/${run}/revert`, { dry_run: true });
    expect(asked.body).toMatchObject({
      run: null,
      steps: [
        { step: 'pend', will: 'undo', reason: null },
        { step: 'note', will: 'leave', reason: expect.stringMatching(/was changed after this step/) },
        { step: 'task', will: 'undo', reason: null },
      ],
    });
    expect(firm.writes()).toEqual([]);
    const by = await revert(run);
    expect(await steps(by)).toEqual(['undo pend done', 'undo note skipped', 'undo task done']);
    expect((await story(by)).steps[1]?.error).toMatchObject({
      message: expect.stringMatching(/was changed after this step/),
    });
    expect(only('note')).toMatchObject({ subject: 'Opened, and called' });
    expect(firm.control.records('task')).toEqual([]);
  });

  it('and nothing is undone over a person whose change came after two steps', async () => {
    const twice = OPENING.replace(
      /$/,
      `  - { id: again, action: clio.matter.update, with: { matter: '{{matter.id}}', description: Once more } }\n`,
    );
    await start({ 'opening.yaml': twice });
    const { matter, run } = await anOpening();
    const asked = await post(`runs/${run}/revert`, { dry_run: true });
    expect((asked.body['steps'] as { will: string }[]).map(({ will }) => will)).toEqual(
      Array(4).fill('undo'),
    );
    await firm.play((control) => control.update('matter', matter, { location: 'Shelf' }));
    const by = await revert(run);
    expect(await steps(by)).toEqual([
      'undo again skipped',
      'undo pend skipped',
      'undo note done',
      'undo task done',
    ]);
    expect(only('matter')).toMatchObject({ description: 'Once more', location: 'Shelf' });
  });

  it("and nothing is undone that was before a person's change between two steps", async () => {
    const later = OPENING.replace(
      /$/,
      `  - { wait: { for: PT2H } }
  - { id: again, action: clio.matter.update, with: { matter: '{{matter.id}}', description: Once more } }\n`,
    );
    await start({ 'opening.yaml': later });
    const matter = await open();
    await firm.play((control) => control.update('matter', matter, { description: 'By hand' }));
    await firm.clock.advance(2 * 3_600_000);
    await firm.rest();
    const { id, status } = await runOf('opening');
    expect(status).toBe('done');
    const by = await revert(id);
    expect(await steps(by)).toEqual([
      'undo again done',
      'undo pend skipped',
      'undo note done',
      'undo task done',
    ]);
    expect(only('matter')).toMatchObject({ status: 'Pending', description: 'By hand' });
  });

  it('and two steps on one record are undone one after the other', async () => {
    const twice = OPENING.replace(
      /$/,
      `  - { id: again, action: clio.matter.update, with: { matter: '{{matter.id}}', description: Once more } }
  - { id: done, action: clio.task.complete, with: { task: '{{outputs.task.id}}' } }\n`,
    );
    await start({ 'opening.yaml': twice });
    const { matter, run } = await anOpening();
    const by = await revert(run);
    expect(await steps(by)).toEqual([
      'undo done done',
      'undo again done',
      'undo pend done',
      'undo note done',
      'undo task done',
    ]);
    expect(firm.control.records('matter').find(({ id }) => id === matter)).toMatchObject({
      status: 'Open',
      description: 'Dissolution',
    });
    expect(firm.control.records('task')).toEqual([]);
  });

  it.each([
    ['a deletion', 'DELETE', '/tasks'],
    ['an update', 'PATCH', '/matters'],
  ])('and the answer to %s is lost: it is done once', async (_, method, path) => {
    await start();
    const { matter, run } = await anOpening();
    fault(method, path);
    const by = await revert(run);
    expect(firm.writes().filter((call) => call.startsWith(method) && call.includes(path))).toHaveLength(1);
    expect(await story(by)).toMatchObject({
      status: 'done',
      steps: [1, 2, 3].map(() => ({ status: 'done' })),
    });
    expect(firm.control.records('task')).toEqual([]);
    expect(firm.control.records('matter').find(({ id }) => id === matter)).toMatchObject({ status: 'Open' });
  });

  it('and the engine dies between the deletion and its settling: it is done once', async () => {
    await start();
    const { run } = await anOpening();
    fault('DELETE', '/notes', { kind: 'slow', delayMs: 50_000 });
    const { body } = await post(`runs/${run}/revert`);
    const by = (body['run'] as { id: string }).id;
    const isUnderWay = () =>
      firm.database.repo(Step).existsBy({ runId: by, key: 'undo note', status: 'running' });
    while (!(await isUnderWay()) || removals().length === 0) await new Promise(setImmediate);
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect(await steps(by)).toEqual(['undo pend done', 'undo note done', 'undo task done']);
    expect(removals().filter((call) => call.includes('/notes'))).toHaveLength(1);
    expect(firm.control.records('note')).toEqual([]);
  });

  it('and no rule is set off by it, not even one that wants what other rules do', async () => {
    await start({
      ...RULES,
      'a.yaml': listening('on-removed', 'task.deleted', 'task.id, exists: true', '1'),
      'b.yaml': listening(
        'on-matter',
        'matter.updated',
        'matter.description, changed: true',
        '{{matter.id}}',
      ),
    });
    const { matter, run } = await anOpening();
    const before = firm.control.records('conversation').length;
    for (const [method, path] of [
      ['DELETE', '/tasks'],
      ['PATCH', '/matters'],
    ] as const)
      fault(method, path);
    await revert(run);
    expect(firm.control.records('conversation')).toHaveLength(before);
    const told = (await firm.events()).filter(({ caused_by_run_id: by }) => by !== null && by !== run);
    expect(told.map(({ type }) => type).sort()).toEqual(
      expect.arrayContaining(['matter.updated', 'task.deleted']),
    );
    for (const { decisions } of told)
      expect(decisions).toEqual(decisions.map(() => expect.objectContaining({ reason: 'own_undo' })));
    // A person's deletion and change are a person's.
    await firm.play((control) => control.update('matter', matter, { description: 'By hand' }));
    expect(firm.control.records('conversation')).toHaveLength(before + 1);
    await open();
    const others = firm.control.records('conversation').length;
    await firm.play((control) => control.remove('task', Number(only('task')?.['id'])));
    expect(firm.control.records('conversation')).toHaveLength(others + 1);
  });

  it('and what cannot be taken back is named; a run that only told the log has nothing to revert', async () => {
    const told = `{ matter: '{{matter.id}}', subject: Hello, body: Opened, receivers: [{ contact: 1 }] }`;
    await start({
      'opening.yaml': OPENING.replace(
        /$/,
        `  - { id: tell, action: clio.conversation_message.send, with: ${told} }\n`,
      ),
      'log.yaml': OPENING.replace('id: opening', 'id: log').replace(
        /actions:[^]*/,
        'actions:\n  - { action: log.write, with: { text: seen } }\n',
      ),
    });
    const { run } = await anOpening();
    const asked = await post(`runs/${run}/revert`, { dry_run: true });
    expect((asked.body['steps'] as object[])[0]).toMatchObject({
      step: 'tell',
      will: 'leave',
      reason: expect.stringMatching(/cannot be taken back/),
    });
    const by = await revert(run);
    expect((await steps(by)).slice(0, 2)).toEqual(['undo tell skipped', 'undo pend done']);
    expect(await story(by)).toMatchObject({ status: 'done' });
    const logged = await runOf('log');
    expect(await post(`runs/${logged.id}/revert`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/did nothing/) },
    });
  });

  it('and what Clio refuses then fails, and is retried like any run', async () => {
    await start();
    fault('PATCH', '/matters', { kind: 'status', status: 422, count: 1 });
    await open();
    const { id, status } = await runOf('opening');
    expect(status).toBe('failed');
    fault('DELETE', '/notes', { kind: 'status', status: 403, count: 1 });
    const by = await revert(id);
    expect(await story(by)).toMatchObject({ status: 'failed' });
    expect(await steps(by)).toEqual(['undo note failed', 'undo task skipped']);
    expect((await post(`runs/${by}/retry`)).status).toBe(200);
    await firm.rest();
    expect(await steps(by)).toEqual(['undo note done', 'undo task done']);
    expect(firm.control.records('task')).toEqual([]);
    expect(await post(`runs/${id}/retry`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/was reverted/) },
    });
  });

  it('and a run that is still going is cancelled first; a key and an ETag count', async () => {
    const waiting = OPENING.replace('  - { id: say', '  - { wait: { for: P1D } }\n  - { id: say');
    await start({ 'opening.yaml': waiting });
    await open();
    const { id } = await runOf('opening');
    expect(await post(`runs/${id}/revert`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/Cancel it first/) },
    });
    await post(`runs/${id}/cancel`, { reason: 'Wrong matter.' });
    const { etag } = await fetch(`${firm.url}/api/v1/runs/${id}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    }).then(({ headers }) => ({ etag: String(headers.get('etag')) }));
    expect((await post(`runs/${id}/revert`, {}, { 'if-match': '"other"' })).status).toBe(412);
    const key = { 'idempotency-key': 'k1', 'if-match': etag };
    const [first, second] = await Promise.all([
      post(`runs/${id}/revert`, {}, key),
      post(`runs/${id}/revert`, {}, key),
    ]);
    expect(first).toMatchObject({ status: 200, body: { is_new: true } });
    expect(second.body).toEqual(first.body);
    await firm.rest();
    expect(firm.control.records('task')).toEqual([]);
    expect((await post('runs/nothing/revert')).status).toBe(404);
  });

  it('at the command line', async () => {
    await start();
    const { run } = await anOpening();
    const ask = (...args: string[]) =>
      praetor(['runs', 'revert', run, ...args], { environment: firm.settings });
    const asked = await ask('--dry-run');
    expect(asked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/nothing is done yet[^]*undo {3}pend/),
    });
    expect(firm.writes()).toEqual([]);
    await firm.stopEngine();
    expect((await ask('--dry-run')).out).toBe(asked.out);
    await firm.startEngine();
    const done = await ask();
    expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/reverts the run/) });
    await firm.rest();
    expect(firm.control.records('task')).toEqual([]);
    expect((await ask()).out).toMatch(/was started before/);
    const shown = await praetor(['runs', 'show', run], { environment: firm.settings });
    expect(shown.out).toMatch(/taken back by the run/);
  });
});
