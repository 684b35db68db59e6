import { z } from 'zod';
import { defineAction } from './action.js';
import { calendarDate, instant, optionalMatter } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';

const task = readBack('task', {
  id: true,
  name: true,
  status: true,
  priority: true,
  due_at: true,
  created_at: true,
  completed_at: true,
  assignee: ['id', 'name'],
  matter: ['id', 'display_number'],
});

/** Clio's largest page. */
const PAGE = 200;

const input = z.strictObject({
  matter: optionalMatter,
  assignee: assignee
    .optional()
    .describe(
      "Whose tasks: a user's id, `{ user: e-mail }`, `{ name: ... }` or `{ role: ... }` on the matter.",
    ),
  task_type: namedRecord.optional().describe('Only tasks of this type: `{ name: Filing }` or its id.'),
  status: z
    .enum(['pending', 'in_progress', 'in_review', 'complete'])
    .optional()
    .describe('Only tasks in this state.'),
  complete: z.boolean().optional().describe('Only tasks that are complete, or only those that are not.'),
  due_from: calendarDate.optional().describe('Tasks due on this day or later.'),
  due_to: calendarDate.optional().describe('Tasks due on this day or earlier.'),
  created_since: instant.optional().describe('Only tasks made at this time or later.'),
  query: z.string().min(1).optional().describe('Words in the name or description.'),
  limit: z.int().min(1).max(PAGE).default(PAGE).describe('Reads at most so many tasks.'),
});

/** Reads the tasks that fit, oldest first. Changes nothing. */
export const listTasks = defineAction({
  name: 'clio.task.list',
  summary: 'Reads the tasks that fit, for later steps.',
  input,
  safety: 'repeatable',
  onlyReads: true,
  references: { assignee: 'user', task_type: 'task_type' },
  text: { query: 'plain' },
  output: new Map([
    ['count', { type: 'integer' as const }],
    ['items', { type: 'list' as const, fields: () => task.output }],
    ['more', { type: 'boolean' as const }],
  ]),

  async execute(wanted, context) {
    const { matter, status, complete, created_since, query, limit } = wanted;
    const [assigneeId, typeId] = await Promise.all([
      wanted.assignee === undefined ? undefined : lookupAssignee(wanted.assignee, matter, context),
      wanted.task_type === undefined ? undefined : resolveNamed('task_type', wanted.task_type, context),
    ]);
    const filters = {
      matter_id: matter,
      assignee_id: assigneeId,
      assignee_type: assigneeId === undefined ? undefined : 'user',
      task_type_id: typeId,
      status,
      complete,
      due_at_from: wanted.due_from,
      due_at_to: wanted.due_to,
      created_since,
      query,
    };
    const paging = { fields: task.fields, limit };
    const { clio, signal } = context;
    const { records, next } = await clio.page('tasks', { ...filters, ...paging }, null, signal);
    const items = records.map((record) => task.pick(record));
    return { output: { count: items.length, items, more: next !== null }, writes: [] };
  },
});
