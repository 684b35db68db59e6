import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Action, ActionContext, ActionResult } from '../../src/act/action.js';
import { assignTaskList } from '../../src/act/assign-task-list.action.js';
import { completeTask } from '../../src/act/complete-task.action.js';
import { listTasks } from '../../src/act/list-tasks.action.js';
import { updateNote } from '../../src/act/update-note.action.js';
import { updateTask } from '../../src/act/update-task.action.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, noon } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;

let clock: TestClock;
let sandbox: Sandbox;
let context: ActionContext;

beforeEach(async () => {
  clock = new TestClock(noon.getTime());
  sandbox = await startSandbox({ clock, rateLimit: 10_000 });
  sandbox.control.create('matter', { description: 'Dissolution', responsible_attorney: { id: 1 } });
  context = anActionContext(aClioClient(sandbox.origin, sandbox.control.token(), clock));
});
afterEach(() => sandbox.stop());

const execute = (action: Action, input: object) => action.execute(action.input.parse(input), context);
const undo = (action: Action, input: object, { output, writes }: ActionResult) =>
  action.undo?.({ input: action.input.parse(input), output, writes }, context);
const task = (attributes: object = {}) =>
  sandbox.control.create('task', { name: 'File', description: 'It', matter: { id: 1 }, ...attributes });
const patches = () =>
  sandbox.control.calls().flatMap(({ method, body }) => (method === 'PATCH' ? [body] : []));

describe('clio.task.update', () => {
  it('sends only what differs, and gives what it replaced', async () => {
    task({ priority: 'High', due_at: '2026-12-01' });
    const { output, writes } = await execute(updateTask, {
      task: 1,
      name: 'File',
      priority: 'Low',
      due_at: '2026-12-01',
      assignee: { role: 'responsible_attorney' },
    });
    expect(patches()).toEqual([{ data: { priority: 'Low' } }]);
    expect(output).toMatchObject({ priority: 'Low', previous: { priority: 'High' } });
    expect(writes).toEqual([{ model: 'task', id: '1', etag: sandbox.control.record('task', 1)?.['etag'] }]);
  });

  it('is undone by putting back what it replaced, the assignee included', async () => {
    task({ assignee: { id: 1, type: 'Contact' } });
    const input = { task: 1, assignee: { user: 'paul.marsh@praetor-law.example' }, name: 'Serve' };
    const done = await execute(updateTask, input);
    expect(await undo(updateTask, input, done)).toMatchObject({ result: 'undone' });
    expect(sandbox.control.record('task', 1)).toMatchObject({
      name: 'File',
      assignee: { id: 1, type: 'Person' },
    });
  });

  it('ends a description with the reference, and finds it there when it looks again', async () => {
    task();
    const input = { task: 1, description: 'Serve it' };
    await execute(updateTask, input);
    expect(sandbox.control.record('task', 1)).toMatchObject({
      description: `Serve it\n\n${context.marker}`,
    });
    context = { ...context, inDoubt: true, remembered: { path: 'tasks/1', etag: null } };
    expect(await execute(updateTask, input)).toMatchObject({ adopted: true, writes: [{ id: '1' }] });
  });

  it('cannot be undone when its answer was lost: nobody knows what was before', async () => {
    task({ status: 'complete' });
    context = { ...context, inDoubt: true, remembered: { path: 'tasks/1', etag: null } };
    const done = await execute(completeTask, { task: 1 });
    expect(done.output['previous']).toBeNull();
    expect(await undo(completeTask, { task: 1 }, done)).toMatchObject({ result: 'touched' });
  });

  it.each([{}, { description_text_type: 'rich_text' }])('refuses to change nothing: %j', (input) => {
    expect(updateTask.input.safeParse({ task: 1, ...input }).success).toBe(false);
  });

  it('takes the role from the matter of the task, and needs one', async () => {
    sandbox.control.create('task', { name: 'Alone', description: 'It' });
    await expect(
      execute(updateTask, { task: 1, assignee: { role: 'responsible_attorney' } }),
    ).rejects.toMatchObject({ code: 'clio.no_match' });
  });
});

describe('clio.task.complete', () => {
  it('completes a task once, and opens it again as it was', async () => {
    task({ status: 'in_review' });
    const done = await execute(completeTask, { task: 1 });
    expect(done.output).toMatchObject({ status: 'complete', completed_at: expect.any(String) });
    expect(await execute(completeTask, { task: 1 })).toMatchObject({ adopted: true, writes: [] });
    expect(patches()).toHaveLength(1);
    expect(await undo(completeTask, { task: 1 }, done)).toMatchObject({ result: 'undone' });
    expect(sandbox.control.record('task', 1)).toMatchObject({ status: 'in_review', completed_at: null });
  });

  it('has nothing to take back where it changed nothing', async () => {
    task({ status: 'complete' });
    const done = await execute(completeTask, { task: 1 });
    expect(await undo(completeTask, { task: 1 }, done)).toMatchObject({ result: 'undone' });
    expect(patches()).toEqual([]);
  });
});

describe('clio.note.update', () => {
  it('changes the text and its kind, and puts both back', async () => {
    const note = { type: 'Matter', matter: { id: 1 }, subject: 'Call', detail: 'Hello' };
    sandbox.control.create('note', note);
    const input = { note: 1, detail: '<p>Bye</p>', detail_text_type: 'rich_text' };
    const done = await execute(updateNote, input);
    expect(sandbox.control.record('note', 1)).toMatchObject({
      detail: `<p>Bye</p><p>${context.marker}</p>`,
      detail_text_type: 'rich_text',
    });
    expect(await undo(updateNote, input, done)).toMatchObject({ result: 'undone' });
    expect(sandbox.control.record('note', 1)).toMatchObject({
      detail: 'Hello',
      detail_text_type: 'plain_text',
    });
  });
});

describe('clio.task.list', () => {
  it('gives the tasks that fit, and says when there are more', async () => {
    for (const status of ['pending', 'complete', 'pending', 'pending']) task({ status });
    sandbox.control.create('task', { name: 'Alone', description: 'It' });
    const open = { matter: 1, complete: false };
    expect((await execute(listTasks, open)).output).toMatchObject({
      count: 3,
      items: [{ id: 1 }, { id: 3 }, { id: 4 }],
      more: false,
    });
    expect((await execute(listTasks, { ...open, limit: 2 })).output).toMatchObject({ count: 2, more: true });
    expect((await execute(listTasks, { ...open, limit: 3 })).output).toMatchObject({ count: 3, more: false });
  });

  it('reads one page at most', async () => {
    for (let count = 0; count < 450; count++) task();
    sandbox.control.clearCalls();
    expect((await execute(listTasks, {})).output).toMatchObject({ count: 200, more: true });
    expect(sandbox.control.calls()).toHaveLength(1);
  });
});

describe('clio.task_list.assign', () => {
  const input = { matter: 1, task_template_list: { name: 'New matter' }, due_at: '2026-12-01' };
  const probe = () =>
    assignTaskList.probe?.(assignTaskList.input.parse(input), {
      ...context,
      now: clock.now(),
      inDoubt: true,
    });

  it('gives the tasks that the list made, all of them known as ours', async () => {
    const { output, writes } = await execute(assignTaskList, {
      ...input,
      assignee: { user: 'paul.marsh@praetor-law.example' },
    });
    expect(output).toMatchObject({
      matter: { id: 1 },
      count: 2,
      tasks: [
        { name: 'Check for conflicts', due_at: '2026-12-01', assignee: { name: 'Paul Marsh' } },
        { name: 'Send engagement letter' },
      ],
    });
    expect(writes.map(({ model, id }) => `${model} ${id}`)).toEqual(['matter 1', 'task 1', 'task 2']);
  });

  it('may have happened when reading its tasks fails', async () => {
    sandbox.control.fault({ on: 'request', method: 'GET', path: '/tasks', kind: 'status', status: 404 });
    await expect(execute(assignTaskList, input)).rejects.toMatchObject({ applied: 'maybe' });
    expect(await probe()).toMatchObject({ output: { count: 2 }, adopted: true });
  });

  it('is not there when nobody has assigned a list since the first try', async () => {
    await execute(assignTaskList, input);
    await clock.advance(10 * MINUTE);
    context = { ...context, startedAt: clock.now() };
    expect(await probe()).toBeNull();
  });

  it('waits before it believes that an assignment without the tasks was of another list', async () => {
    const other = sandbox.control.create('task_template_list', { name: 'Other', description: 'Steps' });
    const instance = { task_template_list: { id: other['id'] } };
    sandbox.control.update('matter', 1, { task_template_list_instances: [instance] });
    await expect(probe()).rejects.toMatchObject({ code: 'clio.ambiguous', retry: 'later' });
    await clock.advance(3 * MINUTE);
    expect(await probe()).toBeNull();
  });

  it('leaves it to a person when some of the tasks are there', async () => {
    await execute(assignTaskList, input);
    sandbox.control.remove('task', 2);
    await clock.advance(60 * MINUTE);
    await expect(probe()).rejects.toMatchObject({
      code: 'clio.ambiguous',
      message: expect.stringContaining('1 of the 2 tasks') as unknown,
    });
  });

  it('is undone by removing the tasks, unless one was touched', async () => {
    const first = await execute(assignTaskList, input);
    expect(await undo(assignTaskList, input, first)).toMatchObject({ result: 'undone' });
    expect(sandbox.control.records('task')).toEqual([]);
    expect(await undo(assignTaskList, input, first)).toMatchObject({ result: 'gone' });
    const second = await execute(assignTaskList, input);
    sandbox.control.update('task', 4, { status: 'complete' });
    expect(await undo(assignTaskList, input, second)).toMatchObject({ result: 'touched' });
    expect(sandbox.control.record('task', 4)).toMatchObject({ status: 'complete' });
  });
});
