import type { Action } from './action.js';
import { actionCalls } from './action-calls.js';
import { assignTaskList } from './assign-task-list.action.js';
import { clioRequest } from './clio-request.action.js';
import { closeMatter } from './close-matter.action.js';
import { completeTask } from './complete-task.action.js';
import { createCalendarEntry } from './create-calendar-entry.action.js';
import { createContact } from './create-contact.action.js';
import { createCustomAction } from './create-custom-action.action.js';
import { createExpenseEntry } from './create-expense-entry.action.js';
import { createFolder } from './create-folder.action.js';
import { createMatterDocket } from './create-matter-docket.action.js';
import { createMatter } from './create-matter.action.js';
import { createNote } from './create-note.action.js';
import { createRelationship } from './create-relationship.action.js';
import { createReminder } from './create-reminder.action.js';
import { createTask } from './create-task.action.js';
import { createTimeEntry } from './create-time-entry.action.js';
import { findContact } from './find-contact.action.js';
import { generateDocument } from './generate-document.action.js';
import { httpRequest } from './http-request.action.js';
import { listTasks } from './list-tasks.action.js';
import { logEmail } from './log-email.action.js';
import { logPhoneCall } from './log-phone-call.action.js';
import { removeRelationship } from './remove-relationship.action.js';
import { notifyOwner } from './notify-owner.action.js';
import { previewMatterDocket } from './preview-matter-docket.action.js';
import { sendEmail } from './send-email.action.js';
import { sendMessage } from './send-message.action.js';
import { updateBill } from './update-bill.action.js';
import { updateCalendarEntry } from './update-calendar-entry.action.js';
import { updateContact } from './update-contact.action.js';
import { updateMatter } from './update-matter.action.js';
import { updateNote } from './update-note.action.js';
import { updateTask } from './update-task.action.js';
import { uploadDocument } from './upload-document.action.js';
import { writeLog } from './write-log.action.js';

/** The day's work on a matter: tasks, notes, talks, dates and documents. */
const daily: readonly Action[] = [
  updateTask,
  completeTask,
  listTasks,
  assignTaskList,
  updateNote,
  logPhoneCall,
  logEmail,
  createCalendarEntry,
  updateCalendarEntry,
  createReminder,
  previewMatterDocket,
  createMatterDocket,
  sendMessage,
  uploadDocument,
  generateDocument,
  createFolder,
];

/** Matters and whom they concern, money, and the ways out. */
const office: readonly Action[] = [
  createMatter,
  closeMatter,
  createRelationship,
  removeRelationship,
  createContact,
  updateContact,
  findContact,
  createTimeEntry,
  createExpenseEntry,
  updateBill,
  createCustomAction,
  clioRequest,
  httpRequest,
  sendEmail,
  notifyOwner,
];

/** Every verb a rule may use, by name. */
export const actions: ReadonlyMap<string, Action> = new Map(
  [createTask, createNote, updateMatter, writeLog, ...daily, ...office].map((action) => {
    const calls = actionCalls.get(action.name);
    return [action.name, calls === undefined ? action : { ...action, calls }];
  }),
);
