import { z } from 'zod';
import { defineAction } from './action.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { recordId } from './input-fields.js';
import { changedTask } from './task-fields.js';
import { undoUpdate } from './undo-update.js';

/** Marks a task as complete. */
export const completeTask = defineAction({
  name: 'clio.task.complete',
  summary: 'Marks a task as complete.',
  input: z.strictObject({ task: recordId.describe("The task's id, for example `{{task.id}}`.") }),
  safety: 'repeatable',
  echo: ({ task }) => [changedRecord('task', task)],
  text: {},
  output: updateOutput(changedTask),

  execute: ({ task }, context) =>
    guardedUpdate(
      {
        path: `tasks/${task}`,
        readBack: changedTask,
        compare: ({ status }, changes) => changes.want('status', status, 'complete'),
      },
      context,
    ),

  undo: undoUpdate,
});
