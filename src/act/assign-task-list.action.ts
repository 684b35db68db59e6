import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext, type ActionResult, type OutputKind } from './action.js';
import { written } from './adopt.js';
import { afterWrite } from './after-write.js';
import { changedRecord, newRecord } from './expected-echo.js';
import { sinceFirstTry } from './find-marked.js';
import { calendarDate, matterId } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const matter = readBack('matter', { id: true, etag: true, display_number: true });
const task = readBack('task', { id: true, etag: true, name: true, due_at: true, assignee: ['id', 'name'] });

const input = z.strictObject({
  matter: matterId,
  task_template_list: namedRecord.describe('The task list: `{ name: New matter }` or its id.'),
  assignee: assignee.optional().describe('Gets every task of the list; otherwise whom the list names.'),
  due_at: calendarDate.optional().describe('The day from which the due dates of the list are counted.'),
  notify_assignees: z.boolean().optional().describe('Whether Clio tells those who get the tasks.'),
});

/** So long after the first try the tasks of a list that was assigned are there, however slow Clio is. */
const GRACE_MS = 2 * 60_000;

/** Assigns a task list of the firm to a matter. An assignment has no text to mark: its tasks are what a probe looks for. */
export const assignTaskList = defineAction({
  name: 'clio.task_list.assign',
  summary: "Assigns one of the firm's task lists to a matter.",
  input,
  safety: 'check-first',
  echo: ({ matter: id }) => [changedRecord('matter', id), newRecord('task', { matter: id })],
  references: { assignee: 'user', task_template_list: 'task_template_list' },
  text: {},
  output: new Map<string, OutputKind>([
    ['matter', { type: 'object', fields: () => matter.output }],
    ['tasks', { type: 'list', fields: () => task.output }],
    ['count', { type: 'integer' }],
  ]),

  async probe(wanted, context) {
    const { clio, signal } = context;
    const since = Date.parse(sinceFirstTry(context));
    const fields = `${matter.fields},task_template_list_instances{id,created_at}`;
    const record = await clio.get(`matters/${wanted.matter}`, { fields }, signal);
    const instances: unknown[] = Array.isArray(record.task_template_list_instances)
      ? record.task_template_list_instances
      : [];
    const isNew = (one: unknown) => isObject(one) && Date.parse(String(one.created_at)) >= since;
    if (!instances.some(isNew)) return null;
    const listId = await resolveNamed('task_template_list', wanted.task_template_list, context);
    const names = await templateNames(listId, context);
    const tasks = await madeTasks(names, wanted.matter, context);
    if (tasks.length === names.length) return { ...resultOf(record, tasks), adopted: true };
    const isSettled = context.now.getTime() - context.startedAt.getTime() > GRACE_MS;
    if (tasks.length === 0 && isSettled) return null;
    throw undecided(wanted.matter, tasks.length, names.length);
  },

  async execute(wanted, context) {
    const { clio, signal } = context;
    const [listId, assigneeId] = await Promise.all([
      resolveNamed('task_template_list', wanted.task_template_list, context),
      wanted.assignee === undefined ? undefined : lookupAssignee(wanted.assignee, wanted.matter, context),
    ]);
    const path = `matters/${wanted.matter}`;
    const [names, { etag }] = await Promise.all([
      templateNames(listId, context),
      clio.get(path, { fields: 'id,etag' }, signal),
    ]);
    const instance = {
      task_template_list: { id: listId },
      assignee_id: assigneeId,
      due_at: wanted.due_at,
      notify_assignees: wanted.notify_assignees,
    };
    const guard = etag === undefined ? {} : { ifMatch: etag };
    const options = { fields: matter.fields, signal, ...guard };
    const changed = await clio.update(path, { task_template_list_instances: [instance] }, options);
    return resultOf(changed, await afterWrite(() => madeTasks(names, wanted.matter, context)));
  },

  undo: ({ writes }, context) =>
    undoCreated(
      writes.filter(({ model }) => model === 'task'),
      ({ id }) => `tasks/${id}`,
      context,
    ),
});

async function templateNames(listId: number, { clio, signal }: ActionContext): Promise<string[]> {
  const query = { task_template_list_id: listId, fields: 'id,name' };
  const templates = await clio.list('task_templates', query, signal);
  return templates.map(({ name }) => String(name));
}

/** The newest task on the matter for each template, made since the first try. */
async function madeTasks(
  names: readonly string[],
  owner: number,
  context: ActionContext,
): Promise<ClioRecord[]> {
  const query = { matter_id: owner, created_since: sinceFirstTry(context), fields: task.fields };
  const tasks = await context.clio.list('tasks', query, context.signal);
  const newest = tasks.sort((a, b) => Number(b.id) - Number(a.id));
  const made = names.flatMap((name) => {
    const index = newest.findIndex((one) => one.name === name);
    return index < 0 ? [] : newest.splice(index, 1);
  });
  return made.sort((a, b) => Number(a.id) - Number(b.id));
}

/** The tasks' versions count as written, so that what comes back of them is known as our own. */
function resultOf(record: ClioRecord, tasks: readonly ClioRecord[]): ActionResult {
  const parts = [written(record, matter), ...tasks.map((one) => written(one, task))];
  return {
    output: {
      matter: matter.pick(record),
      tasks: tasks.map((one) => task.pick(one)),
      count: tasks.length,
    },
    writes: parts.flatMap(({ writes }) => writes),
  };
}

function undecided(id: number, found: number, wanted: number): UpstreamError {
  return new UpstreamError(
    'clio.ambiguous',
    `A task list was assigned to matter ${id} while the answer to this step was lost, and ${found} of the ${wanted} ` +
      'tasks of the wanted list are there. Look at the matter in Clio, then complete the step or retry it.',
    { retry: 'later', applied: 'no' },
  );
}
