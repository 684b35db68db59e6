import type { ActionCase } from '../support/action-case.js';

const DUE_AT = {
  'PATCH /tasks/{id}.json: /data/due_at must match format "date-time"':
    'Clio shows the due date of a task as a day; a time in UTC could land on the day before (conflict 18 of facts.md).',
};

const aTask: NonNullable<ActionCase['prepare']> = (control) =>
  void control.create('task', { name: 'File', description: 'The petition', matter: { id: 1 } });

const aNote: NonNullable<ActionCase['prepare']> = (control) =>
  void control.create('note', { type: 'Matter', matter: { id: 1 }, subject: 'Call', detail: 'Said hello' });

export const cases: ActionCase[] = [
  {
    action: 'clio.task.update',
    input: {
      task: 1,
      name: 'File now',
      description: '<p>The petition</p>',
      description_text_type: 'rich_text',
      assignee: { user: 'paul.marsh@praetor-law.example' },
      due_at: '2026-12-01',
      priority: 'High',
      status: 'in_progress',
      task_type: { name: 'Filing' },
    },
    prepare: aTask,
    exceptions: DUE_AT,
  },
  {
    action: 'clio.task.update',
    input: { task: 1, assignee: { role: 'responsible_attorney' }, priority: 'Low' },
    prepare: aTask,
  },
  { action: 'clio.task.complete', input: { task: 1 }, prepare: aTask },
  {
    action: 'clio.task.list',
    input: {
      matter: 1,
      assignee: { user: 'alexandra.reed@praetor-law.example' },
      task_type: { name: 'Filing' },
      status: 'pending',
      complete: false,
      due_from: '2026-01-01',
      due_to: '2026-12-31',
      created_since: '2026-11-24T10:00:00-05:00',
      query: 'File',
      limit: 50,
    },
    prepare: aTask,
  },
  { action: 'clio.task.list', input: {}, prepare: aTask },
  {
    action: 'clio.task_list.assign',
    input: {
      matter: 1,
      task_template_list: { name: 'New matter' },
      assignee: { role: 'responsible_attorney' },
      due_at: '2026-12-01',
      notify_assignees: true,
    },
  },
  { action: 'clio.task_list.assign', input: { matter: 1, task_template_list: 1 } },
  {
    action: 'clio.note.update',
    input: {
      note: 1,
      subject: 'Call with client',
      detail: '<p>Said hello</p>',
      detail_text_type: 'rich_text',
      date: '2026-11-23',
    },
    prepare: aNote,
  },
  { action: 'clio.note.update', input: { note: 1, detail: 'Said goodbye' }, prepare: aNote },
];
