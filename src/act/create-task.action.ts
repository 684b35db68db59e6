import { z } from 'zod';
import { adopt, written } from './adopt.js';
import { defineAction } from './action.js';
import { newRecord } from './expected-echo.js';
import { createMarked, findMarked } from './find-marked.js';
import { calendarDate, nonEmptyText, optionalMatter, textType } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { withMarker } from './marker.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const task = readBack('task', {
  id: true,
  etag: true,
  name: true,
  status: true,
  priority: true,
  due_at: true,
  created_at: true,
  assignee: ['id', 'name'],
  matter: ['id', 'display_number'],
});

const input = z
  .strictObject({
    name: nonEmptyText.describe('What is to be done.'),
    description: z
      .string()
      .optional()
      .describe('More about it; the name when left out. Ends with the line `Automation ...`.'),
    description_text_type: textType.optional(),
    matter: optionalMatter,
    assignee: assignee
      .optional()
      .describe(
        "Who gets it: a user's id, `{ user: e-mail }`, `{ name: ... }` or `{ role: ... }`; the matter's responsible attorney when left out.",
      ),
    due_at: calendarDate.optional().describe('The day it is due.'),
    priority: z
      .enum(['High', 'Normal', 'Low'])
      .optional()
      .describe('How urgent it is; `Normal` when left out.'),
    task_type: namedRecord.optional().describe('The type of the task: `{ name: Filing }` or its id.'),
  })
  .refine((task) => task.assignee !== undefined || task.matter !== undefined, {
    path: ['assignee'],
    message: 'A task needs an assignee, or a matter whose responsible attorney gets it.',
  });

type Input = z.output<typeof input>;

/** Makes one task. The description ends with the step's marker. */
export const createTask = defineAction({
  name: 'clio.task.create',
  summary: 'Makes one task.',
  input,
  safety: 'check-first',
  echo: (wanted) => [
    newRecord('task', { matter: wanted.matter, markedIn: 'description', texts: textsOf(wanted) }),
  ],
  text: { name: 'plain', description: { htmlWhen: { field: 'description_text_type', is: 'rich_text' } } },
  references: { assignee: 'user', task_type: 'task_type' },
  output: task.output,

  async probe(wanted, context) {
    return adopt(await findMarked(markable(wanted), context), task, context);
  },

  async execute(wanted, context) {
    const who = wanted.assignee ?? { role: 'responsible_attorney' };
    const [assigneeId, typeId] = await Promise.all([
      lookupAssignee(who, wanted.matter, context),
      wanted.task_type === undefined ? undefined : resolveNamed('task_type', wanted.task_type, context),
    ]);
    const { description } = textsOf(wanted);
    const data = {
      name: wanted.name,
      description: withMarker(description, context.marker, wanted.description_text_type),
      description_text_type: wanted.description_text_type,
      assignee: { id: assigneeId, type: 'User' },
      matter: wanted.matter === undefined ? undefined : { id: wanted.matter },
      due_at: wanted.due_at,
      priority: wanted.priority,
      task_type: typeId === undefined ? undefined : { id: typeId },
    };
    return written(await createMarked(markable(wanted), data, context), task);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `tasks/${id}`, context),
});

function textsOf({ name, description = name }: Input) {
  return { name, description };
}

function markable(wanted: Input) {
  const { matter } = wanted;
  const parent: Record<string, number> = matter === undefined ? {} : { matter_id: matter };
  const found = { path: 'tasks', textField: 'description', parent, fields: task.fields };
  return { ...found, texts: textsOf(wanted), heading: 'name' };
}
