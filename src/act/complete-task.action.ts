import { z } from 'zod';
import { defineAction } from './action.js';
import { recordId } from './input-fields.js';
import { changedTask } from './task-fields.js';
import { undoChange, changedOutput, changeRecord } from './change-record.js';

/** Marks a task as complete. */
export const completeTask = defineAction({
  name: 'clio.task.complete',
  summary: 'Marks a task as complete.',
  input: z.strictObject({ task: recordId }),
  safety: 'repeatable',
  text: {},
  output: changedOutput(changedTask),

  execute: ({ task }, context) =>
    changeRecord(
      { path: `tasks/${task}`, readBack: changedTask },
      (current, changes) => changes.want('status', current.status, 'complete'),
      context,
    ),

  undo: (done, context) => undoChange(done, `tasks/${done.input.task}`, context),
});
