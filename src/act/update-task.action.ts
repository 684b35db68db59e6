import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext } from './action.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { calendarDate, recordId, textType } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { withMarker } from './marker.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { changedTask } from './task-fields.js';
import type { RecordChanges } from './record-changes.js';
import { undoUpdate } from './undo-update.js';

const input = z
  .strictObject({
    task: recordId.describe("The task's id, for example `{{task.id}}`."),
    name: z.string().min(1).optional().describe('What is to be done.'),
    description: z
      .string()
      .min(1)
      .optional()
      .describe('Replaces the whole description. Ends with the line `Automation ...`.'),
    description_text_type: textType.optional(),
    assignee: assignee
      .optional()
      .describe(
        "Who gets it: a user's id, `{ user: e-mail }`, `{ name: ... }` or `{ role: ... }` on the task's own matter.",
      ),
    due_at: calendarDate.optional().describe('The day it is due.'),
    priority: z.enum(['High', 'Normal', 'Low']).optional().describe('How urgent it is.'),
    status: z
      .enum(['pending', 'in_progress', 'in_review', 'complete'])
      .optional()
      .describe('Clio takes in_progress and in_review only where the firm has Advanced Tasks.'),
    task_type: namedRecord.optional().describe('The type of the task: `{ name: Filing }` or its id.'),
  })
  .refine(({ task: _, description_text_type: _type, ...wanted }) => Object.values(wanted).some(Boolean), {
    path: ['task'],
    message: 'Nothing to update: give at least one field of the task.',
  });
type Input = z.output<typeof input>;

/** Brings a task to the wanted values, against the version just read. */
export const updateTask = defineAction({
  name: 'clio.task.update',
  summary: 'Brings a task to the wanted values.',
  input,
  safety: 'repeatable',
  echo: ({ task }) => [changedRecord('task', task)],
  references: { assignee: 'user', task_type: 'task_type' },
  text: { name: 'plain', description: { htmlWhen: { field: 'description_text_type', is: 'rich_text' } } },
  output: updateOutput(changedTask),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `tasks/${wanted.task}`,
        readBack: changedTask,
        alsoRead: 'description,description_text_type,task_type{id}',
        compare: (current, changes) => compare(current, wanted, changes, context),
      },
      context,
    ),

  undo: undoUpdate,
});

async function compare(current: ClioRecord, wanted: Input, changes: RecordChanges, context: ActionContext) {
  for (const name of ['name', 'priority', 'status', 'due_at'] as const)
    changes.want(name, current[name], wanted[name]);
  if (wanted.description !== undefined) {
    const type = wanted.description_text_type;
    changes.want('description', current.description, withMarker(wanted.description, context.marker, type));
    changes.want('description_text_type', current.description_text_type, type);
  }
  if (wanted.assignee !== undefined) {
    const matter = isObject(current.matter) ? Number(current.matter.id) : undefined;
    const id = await lookupAssignee(wanted.assignee, matter, context);
    changes.want('assignee', participantOf(current.assignee), { id, type: 'User' });
  }
  if (wanted.task_type !== undefined) {
    const id = await resolveNamed('task_type', wanted.task_type, context);
    changes.want('task_type', current.task_type, { id });
  }
}

/** Clio reads Person or Company where it writes Contact. */
function participantOf(assignee: unknown) {
  if (!isObject(assignee)) return null;
  return { id: assignee.id, type: assignee.type === 'User' ? 'User' : 'Contact' };
}
