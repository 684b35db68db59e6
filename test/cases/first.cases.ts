import type { ActionCase } from '../support/action-case.js';

const DUE_AT = {
  'POST /tasks.json: /data/due_at must match format "date-time"':
    'Clio shows the due date of a task as a day and has no time of day for it; a time in UTC could land on the day ' +
    'before. Sent as YYYY-MM-DD (conflict 18 of facts.md).',
};
const ONE_PARENT = (left: string) => ({
  [`POST /notes.json: /data must have required property '${left}'`]:
    'The file requires both parents; the texts of the two say that only the one that `type` names is (conflict 15).',
});

export const cases: ActionCase[] = [
  {
    action: 'clio.task.create',
    input: {
      name: 'File',
      description: '<p>The petition</p>',
      description_text_type: 'rich_text',
      matter: 1,
      assignee: { role: 'responsible_attorney' },
      due_at: '2026-12-01',
      priority: 'High',
      task_type: { name: 'Filing' },
    },
    exceptions: DUE_AT,
  },
  {
    action: 'clio.task.create',
    input: { name: 'Call', assignee: { user: 'paul.marsh@praetor-law.example' } },
  },
  { action: 'clio.task.create', input: { name: 'Review', matter: 1, task_type: 3, priority: 'Low' } },
  {
    action: 'clio.note.create',
    input: {
      type: 'Matter',
      matter: 1,
      subject: 'Opened',
      detail: '<p>By rule</p>',
      detail_text_type: 'rich_text',
      date: '2026-11-24',
    },
    exceptions: ONE_PARENT('contact'),
  },
  {
    action: 'clio.note.create',
    input: { type: 'Contact', contact: 1, subject: 'Opened', detail: 'By rule' },
    exceptions: ONE_PARENT('matter'),
  },
  {
    action: 'clio.matter.update',
    input: {
      matter: 1,
      status: 'Pending',
      stage: 'Filing',
      description: 'Dissolution, contested',
      custom_fields: { 'Court file number': 'A 1', 'Fee agreement': 'Hourly' },
    },
  },
  {
    action: 'clio.matter.update',
    input: { matter: 1, custom_fields: { 'Court file number': 'A 2' } },
    prepare: withFileNumber,
  },
  {
    action: 'clio.matter.update',
    input: { matter: 1, status: 'closed', custom_fields: { 'Court file number': null } },
    prepare: withFileNumber,
  },
  { action: 'log.write', input: { text: 'Nothing for Clio' } },
];

function withFileNumber(control: Parameters<NonNullable<ActionCase['prepare']>>[0]): void {
  control.update('matter', 1, { custom_field_values: [{ custom_field: { id: 1 }, value: 'A 1' }] });
}
