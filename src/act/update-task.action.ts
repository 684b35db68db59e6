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
    task: recordId,
    name: z.string().min(1).optional(),
    description: z.string().min(1).optional().describe('Replaces the whole description.'),
    description_text_type: textType.optional(),
    assignee: assignee.optional().describe("A role is one on the task's own matter."),
    due_at: calendarDate.optional(),
    priority: z.enum(['High', 'Normal', 'Low']).optional(),
    status: z
      .enum(['pending', 'in_progress', 'in_review', 'complete'])
      .optional()
      .describe('Clio takes in_progress and in_review only where the firm has Advanced Tasks.'),
    task_type: namedRecord.optional(),
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
