import type { Action } from './action.js';
import { createNote } from './create-note.action.js';
import { createTask } from './create-task.action.js';
import { updateMatter } from './update-matter.action.js';
import { writeLog } from './write-log.action.js';

/** Every verb a rule may use, by name. */
export const actions: ReadonlyMap<string, Action> = new Map(
  [createTask, createNote, updateMatter, writeLog].map((action) => [action.name, action]),
);
