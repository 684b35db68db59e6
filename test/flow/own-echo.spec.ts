import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/sandbox/faults.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const rule = (id: string, trigger: string, action: string, input: string, present = 'matter.id') => `
version: 1
id: ${id}
name: ${id}
triggers: [{ event: ${trigger} }]
conditions: { field: ${present}, exists: true }
actions: [{ id: act, action: ${action}, with: ${input} }]
`;
const task = `{ name: Check, description: Now., matter: '{{matter.id}}', assignee: { role: responsible_attorney } }`;
const onTask = rule(
  'on-task',
  'task.created',
  'clio.note.create',
  `{ type: Matter, matter: '{{task.matter.id}}', subject: 'Task {{task.name}}', detail: Made. }`,
  'task.matter',
);
const onTaskChange = rule(
  'on-task-change',
  'task.updated',
  'clio.note.create',
  `{ type: Matter, matter: '{{task.matter.id}}', subject: 'Was {{previous.name}}', detail: Changed. }`,
  'task.matter',
)
  .replace('conditions: ', 'conditions: { all: [{ field: task.name, changed: true }, ')
  .replace(' }\nactions', ' }] }\nactions');
const onMatter = rule(
  'on-matter',
  'matter.updated',
  'clio.note.create',
  `{ type: Matter, matter: '{{matter.id}}', subject: 'Now {{matter.status}}', detail: Changed. }`,
);

const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

describe.each(databases)('our own write comes back as an event, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async (rules: Record<string, string>) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  };
  const fault = (method: string, path: string, kind: object = { kind: 'reset-after' }) =>
    firm.control.fault({ on: 'request', method, path, ...kind } as Fault);
  const open = () => firm.play((control) => Number(control.create('matter', opened)['id']));

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const opening = rule('opening', 'matter.created', 'clio.task.create', task);
  const unmarked = opening.replace('\nactions', '\nmarker: false\nactions');

  it('and is known as ours where the rule puts no reference into it', async () => {
    await start({ 'a.yaml': unmarked, 'b.yaml': onTask });
    fault('POST', '/tasks');
    await open();
    expect(firm.control.records('task')).toMatchObject([{ description: 'Now.' }]);
    expect(firm.control.records('note')).toEqual([]);
    expect((await firm.runs()).map(({ status }) => status)).toEqual(['done']);
  });

  it('and is known by what it says when such a step ended unknown', async () => {
    await start({ 'a.yaml': unmarked, 'b.yaml': onTask });
    fault('POST', '/tasks');
    // The list is read before the task is made, too.
    fault('GET', '/tasks', { kind: 'status', status: 200, body: { data: [] }, count: 1 });
    fault('GET', '/tasks', { kind: 'status', status: 403, count: 1 });
    await open();
    expect((await firm.runs()).map(({ status }) => status)).toEqual(['unknown']);
    expect(firm.control.records('note')).toEqual([]);
    expect(await firm.decisions()).toEqual([
      'matter.created opening matched',
      'task.created on-task suppressed',
    ]);
  });

  it.each<[string, object]>([
    ['the answer is lost after the write', { kind: 'reset-after' }],
    ['half of the answer comes', { kind: 'truncate' }],
    ['the answer comes after all patience', { kind: 'slow', delayMs: 60_000 }],
  ])('and is known as ours when it was a create and %s', async (_, kind) => {
    await start({ 'a.yaml': rule('opening', 'matter.created', 'clio.task.create', task), 'b.yaml': onTask });
    fault('POST', '/tasks', kind);
    await open();
    expect(firm.control.records('task')).toHaveLength(1);
    expect(firm.control.records('note')).toEqual([]);
    expect(await firm.decisions()).toEqual([
      'matter.created opening matched',
      'task.created on-task suppressed',
    ]);
  });

  it('and is known as ours when it was an update and the answer is lost', async () => {
    const update = `{ matter: '{{matter.id}}', status: Pending }`;
    await start({
      'a.yaml': rule('opening', 'matter.created', 'clio.matter.update', update),
      'b.yaml': onMatter,
    });
    fault('PATCH', '/matters');
    await open();
    expect(firm.control.records('note')).toEqual([]);
    const decisions = await firm.decisions();
    expect(decisions).toContain('matter.updated on-matter suppressed');
    expect(decisions).not.toContain('matter.updated on-matter matched');
  });

  it("and a person's task for the same matter in the meantime is a person's", async () => {
    await start({ 'a.yaml': rule('opening', 'matter.created', 'clio.task.create', task), 'b.yaml': onTask });
    fault('POST', '/tasks');
    await firm.play(async (control) => {
      const { id } = control.create('matter', opened);
      await control.settle();
      control.create('task', { name: 'By hand', matter: { id }, assignee: { id: 1, type: 'User' } });
    });
    expect(
      firm.control
        .records('task')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['By hand', 'Check']);
    expect(firm.control.records('note').map(({ subject }) => subject)).toEqual(['Task By hand']);
  });

  it('and is known by its reference when nobody could find out and the step ended unknown', async () => {
    await start({ 'a.yaml': rule('opening', 'matter.created', 'clio.task.create', task), 'b.yaml': onTask });
    fault('POST', '/tasks');
    fault('GET', '/tasks', { kind: 'status', status: 403, count: 1 });
    await open();
    expect((await firm.runs()).map(({ status }) => status)).toEqual(['unknown']);
    expect(firm.control.records('note')).toEqual([]);
    expect(await firm.decisions()).toEqual([
      'matter.created opening matched',
      'task.created on-task suppressed',
    ]);
  });

  it('and is known as ours when its webhook was lost and a person changed it before the sweep came', async () => {
    await start({
      'a.yaml': rule('opening', 'matter.created', 'clio.task.create', task),
      'b.yaml': onTask,
      'c.yaml': onTaskChange,
    });
    await firm.sweep();
    firm.control.fault({ on: 'delivery', kind: 'duplicate' });
    firm.control.fault({ on: 'delivery', kind: 'lost', count: 2 });
    await open();
    const [made] = firm.control.records('task');
    await firm.clock.advance(60_000);
    await firm.play((control) => control.update('task', Number(made?.['id']), { name: 'Check twice' }));
    await firm.clock.advance(21 * 60_000);
    await firm.sweep();
    expect(await firm.decisions()).toEqual([
      'matter.created opening matched',
      'task.created on-task suppressed',
      'task.updated on-task-change matched',
    ]);
    expect(firm.control.records('note').map(({ subject }) => subject)).toEqual(['Was Check']);
    await firm.clock.advance(21 * 60_000);
    await firm.sweep();
    expect(await firm.events()).toHaveLength(3);
  });
});
