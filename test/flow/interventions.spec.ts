import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, LawFirm } from '../support/law-firm.js';
import { praetor } from '../support/praetor.js';

const OPENING = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - { action: clio.task.create, with: { name: 'Check', matter: '{{matter.id}}', assignee: { role: responsible_attorney } } }
`;
const NOTING = `
version: 1
id: noting
name: Noting
triggers: [{ event: matter.created }]
actions:
  - { action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: Opened } }
`;
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

describe.each(databases)('somebody intervenes, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': OPENING, 'noting.yaml': NOTING });
  });
  afterAll(async () => {
    await firm.close();
    await remove();
  });
  beforeEach(async () => {
    await firm.clock.advance(60_000);
    await firm.control.clearFaults();
    firm.control.clearCalls();
  });

  const open = () => firm.play((control) => Number(control.create('matter', opened)['id']));
  const on = (kind: string, matter: number) =>
    firm.control.records(kind).filter((one) => (one['matter'] as { id: number } | null)?.id === matter)
      .length;
  const runOf = async (rule: string, matter: number) =>
    (await firm.runs()).filter((run) => run.rule_id === rule && run.record_id === String(matter)).at(-1)!;

  async function post(path: string, body: object): Promise<Told> {
    const answer = await fetch(`${firm.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  it('and retries what Clio refused, with exactly one effect', async () => {
    firm.control.fault({ on: 'request', method: 'POST', path: '/tasks', kind: 'status', status: 422 });
    const matter = await open();
    const failed = await runOf('opening', matter);
    expect(failed.status).toBe('failed');
    expect(on('task', matter)).toBe(0);
    await firm.control.clearFaults();
    const answers = await Promise.all([1, 2].map(() => post(`runs/${failed.id}/retry`, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    await firm.rest();
    expect((await runOf('opening', matter)).status).toBe('done');
    expect(on('task', matter)).toBe(1);
    expect(on('note', matter)).toBe(1);
  });

  it('and replays an event for new effects, knowingly', async () => {
    const matter = await open();
    const event = (await firm.events()).findLast((one) => one.record_id === String(matter))!;
    const refused = await post(`events/${event.id}/replay`, {});
    expect(refused).toMatchObject({ status: 409, body: { problems: [{}, {}].map(() => expect.anything()) } });
    const made = await post(`events/${event.id}/replay`, { confirm: true, rule: 'opening' });
    expect(made).toMatchObject({
      status: 200,
      body: { replay_of: event.id, acted_before: [{ rule_id: 'opening' }] },
    });
    await firm.rest();
    expect([on('task', matter), on('note', matter)]).toEqual([2, 1]);
    const replay = (await firm.events()).find(({ id }) => id === made.body['event_id']);
    expect(replay).toMatchObject({
      source: 'replay',
      replay_of: event.id,
      type: 'matter.created',
      status: 'matched',
    });
    // The replay has acted too: another one needs a word again, for it and for the first.
    expect((await post(`events/${event.id}/replay`, { rule: 'opening' })).status).toBe(409);
    await post(`events/${String(made.body['event_id'])}/replay`, { confirm: true });
    await firm.rest();
    expect([on('task', matter), on('note', matter)]).toEqual([3, 2]);
    expect((await post(`events/${event.id}/replay`, { rule: 'nobody' })).status).toBe(404);
  });

  it('and replays many that are counted first', async () => {
    const matters = [await open(), await open()];
    const since = (await firm.events()).find((one) => one.record_id === String(matters[0]))!.received_at;
    const asked = { verb: 'replay', where: { type: 'matter.created', since }, rule: 'noting' };
    const counted = await post('events/bulk', asked);
    expect(counted.body).toMatchObject({ count: 2, done: null });
    const unconfirmed = await post('events/bulk', { ...asked, expect: 2 });
    expect(unconfirmed.body).toMatchObject({ done: 0, refused: [{}, {}].map(() => expect.anything()) });
    const done = await post('events/bulk', { ...asked, expect: 2, confirm: true });
    expect(done.body).toMatchObject({ done: 2, refused: [] });
    await firm.rest();
    expect(matters.map((matter) => [on('task', matter), on('note', matter)])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('and stops the engine: every webhook is kept, and all is done once after the start', async () => {
    expect((await post('engine/stop', { reason: 'A flood.' })).status).toBe(200);
    const matters = [await open(), await open(), await open()];
    expect(firm.writes()).toEqual([]);
    expect(await firm.openAlerts()).toContain('engine_stopped engine');
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect(firm.writes()).toEqual([]);
    expect((await post('engine/start', {})).status).toBe(200);
    await firm.rest();
    expect(matters.map((matter) => [on('task', matter), on('note', matter)])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(await firm.openAlerts()).not.toContain('engine_stopped engine');
  });

  it('and does all of it at the command line', async () => {
    const praetorSays = async (...args: string[]) => {
      const { code, out, err } = await praetor([...args, '--json'], { environment: firm.settings });
      return { code, err, told: (out === '' ? null : JSON.parse(out)) as Record<string, unknown> | null };
    };
    firm.control.fault({ on: 'request', method: 'POST', path: '/tasks', kind: 'status', status: 422 });
    const matter = await open();
    const { id, event_id: event } = await runOf('opening', matter);
    const since = (await runOf('opening', matter)).created_at;
    const many = ['runs', 'retry', '--where', 'rule=opening', `since=${since}`];
    expect(await praetorSays(...many)).toMatchObject({ code: 0, told: { count: 1, done: null } });
    expect(await praetorSays(...many, '--expect', '7')).toMatchObject({ code: 1, told: null });
    expect(await praetorSays('runs', 'retry')).toMatchObject({ code: 2 });
    expect(await praetorSays('runs', 'retry', '--where', 'colour=red')).toMatchObject({ code: 2 });
    expect(await praetorSays('runs', 'retry', id)).toMatchObject({ code: 0, told: { run: { id } } });
    await firm.rest();
    expect(await praetorSays('runs', 'retry', id)).toMatchObject({ code: 1, told: null });
    expect(await praetorSays('runs', 'resume', id, '--unknown', 'retry')).toMatchObject({ code: 1 });
    expect(await praetorSays('runs', 'cancel', id, '--reason', 'No.')).toMatchObject({ code: 1 });
    expect(await praetorSays('events', 'replay', event)).toMatchObject({ code: 1 });
    const replay = ['events', 'replay', event, '--confirm', '--rule', 'opening'];
    expect(await praetorSays(...replay)).toMatchObject({ code: 0, told: { replay_of: event } });
    await firm.rest();
    expect([on('task', matter), on('note', matter)]).toEqual([2, 1]);
    const counted = ['events', 'replay', '--where', 'type=matter.created', `since=${since}`];
    expect(await praetorSays(...counted)).toMatchObject({ code: 0, told: { verb: 'replay' } });
    expect(await praetorSays('engine', 'status')).toMatchObject({ code: 0, told: { status: 'running' } });
    expect(await praetorSays('engine', 'stop', '--reason', 'A look.')).toMatchObject({ code: 0 });
    expect(await praetorSays('engine', 'status')).toMatchObject({ code: 1, told: { reason: 'A look.' } });
    expect(await praetorSays('engine', 'start')).toMatchObject({ code: 0, told: { status: 'running' } });
  });

  it('and does it without a server, for the next one to go on with', async () => {
    const matter = await open();
    await firm.stopEngine();
    const says = (...args: string[]) => praetor(args, { environment: firm.settings });
    expect((await says('engine', 'stop', '--reason', 'A move.')).out).toContain('A move.');
    expect((await says('engine', 'status')).code).toBe(1);
    expect((await says('engine', 'start')).out).toContain('not stopped');
    expect((await says('runs', 'retry', 'nothing')).code).toBe(1);
    await firm.startEngine();
    await firm.rest();
    expect([on('task', matter), on('note', matter)]).toEqual([1, 1]);
  });
});
