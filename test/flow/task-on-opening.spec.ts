import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { Fault } from '../../src/sandbox/faults.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const OPENING = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - id: check
    action: clio.task.create
    with:
      name: 'Conflict check {{matter.display_number}}'
      description: 'For {{matter.client.name}}.'
      matter: '{{matter.id}}'
      assignee: { role: responsible_attorney }
      priority: High
      due_at: { add: 1 business_day, to: '{{now}}' }
`;

const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

describe.each(databases)('a matter is opened, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': OPENING });
  });

  afterAll(async () => {
    await firm.close();
    await remove();
  });

  beforeEach(async () => {
    // A fresh minute has a fresh budget of calls.
    await firm.clock.advance(60_000);
    await firm.control.clearFaults();
    firm.control.clearCalls();
  });

  const open = () => firm.play((control) => Number(control.create('matter', opened)['id']));
  const tasksOf = (matter: number) =>
    firm.control.records('task').filter((task) => (task['matter'] as { id: number }).id === matter);
  const lastRun = async () => (await firm.runs()).at(-1);

  it('and gets its task with one write and no read that the payload makes needless', async () => {
    const matter = await open();
    expect(firm.calls()).toEqual(['GET /api/v4/matters.json 200', 'POST /api/v4/tasks.json 201']);
    expect(tasksOf(matter)).toMatchObject([
      {
        name: `Conflict check ${firm.control.record('matter', matter)?.['display_number'] as string}`,
        priority: 'High',
        assignee: { id: 1 },
        due_at: '2026-11-25',
      },
    ]);
    expect(firm.control.warnings()).toEqual([]);
    expect(await lastRun()).toMatchObject({
      status: 'done',
      steps: [{ attempts: [{ result: 'done' }] }],
    });
  });

  it('and the same delivery ten times more changes nothing', async () => {
    const matter = await open();
    const [webhook] = firm.control.records('webhook');
    const { id, shared_secret: secret } = webhook as { id: number; shared_secret: string };
    const data = firm.control.record('matter', matter);
    const body = { data, meta: { event: 'created', webhook_id: id } };
    const signature = createHmac('sha256', secret).update(JSON.stringify(body)).digest('hex');
    const before = (await firm.events()).length;
    const answers = await firm.play((control) =>
      Promise.all(Array.from({ length: 10 }, () => control.forge(String(id), body, signature))),
    );
    expect(answers).toEqual(Array(10).fill(200));
    expect((await firm.events()).length).toBe(before);
    expect(tasksOf(matter)).toHaveLength(1);
  });

  it.each<[string, Fault, (number | string)[]]>([
    ['is delivered twice', { on: 'delivery', kind: 'duplicate' }, [201]],
    ['is delivered late', { on: 'delivery', kind: 'late', delayMs: 60_000 }, [201]],
    ['loses the answer after the write', fault({ kind: 'reset-after' }), ['cut']],
    ['finds nobody at home', { on: 'connection', kind: 'refuse', delayMs: 20_000 }, [201]],
    ['loses the connection before the write', fault({ kind: 'reset-before' }), ['cut', 201]],
    ['gets half an answer', fault({ kind: 'truncate' }), [201]],
    ['gets a page in place of an answer', fault({ kind: 'html', status: 502 }), [502, 201]],
    ['meets an error at Clio', fault({ kind: 'status', status: 500 }), [500, 201]],
    ['calls too often', fault({ kind: 'status', status: 429, headers: { 'Retry-After': '30' } }), [429, 201]],
    ['waits for a slow answer', fault({ kind: 'slow', delayMs: 5_000 }), [201]],
    ['waits for an answer beyond all patience', fault({ kind: 'slow', delayMs: 60_000 }), [201]],
  ])('and gets exactly one task when it %s', async (_, trouble, posts) => {
    firm.control.fault(trouble);
    const matter = await open();
    await firm.clock.advance(60_000);
    await firm.rest();
    expect(tasksOf(matter)).toHaveLength(1);
    const asked = firm.control.calls().filter(({ method }) => method === 'POST');
    expect(asked.map(({ status }) => status ?? 'cut')).toEqual(posts);
    expect((await lastRun())?.status).toBe('done');
  });

  it('and gets its task with a fresh token when the old one has expired', async () => {
    firm.control.expireTokens();
    const matter = await open();
    expect(tasksOf(matter)).toHaveLength(1);
    expect(firm.writes()).toContain('POST /oauth/token 200');
  });

  it.each([403, 404, 409, 422])(
    'and Clio refuses the task with %d: said once, tried as the policy says',
    async (status) => {
      firm.control.fault({
        on: 'request',
        method: 'POST',
        path: '/tasks',
        kind: 'status',
        status,
        count: 20,
      });
      const matter = await open();
      expect(tasksOf(matter)).toEqual([]);
      const run = await lastRun();
      expect(run?.status).toBe('failed');
      expect(run?.steps[0]?.error).toMatchObject({
        code: expect.stringMatching(/^clio\./) as unknown as string,
      });
    },
  );
});

function fault(kind: object): Fault {
  return { on: 'request', method: 'POST', path: '/tasks', ...kind } as Fault;
}
