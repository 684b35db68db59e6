import type { ActionCase } from '../support/action-case.js';

const DAYS = (call: string) => ({
  [`${call}: /data/start_at must match format "date-time"`]:
    'An all-day entry has no time of day; a time in UTC could land on the day before. Sent as YYYY-MM-DD.',
  [`${call}: /data/end_at must match format "date-time"`]: 'As the start.',
});

const NOT_IN_DOCKET = (attribute: string) => ({
  [`POST /court_rules/matter_dockets.json: /data must NOT have additional properties ${attribute}`]:
    'A docket belongs to a matter and its dates go by the service; the file leaves both out. The action looks whether they were taken.',
});

const anEntry: NonNullable<ActionCase['prepare']> = (control) => {
  control.create('calendar_entry', {
    summary: 'Hearing',
    start_at: '2026-12-01T09:00:00-05:00',
    end_at: '2026-12-01T10:00:00-05:00',
    calendar_owner: { id: 1 },
    matter: { id: 1 },
    attendees: [{ id: 1, type: 'Contact' }],
  });
};

const aTask: NonNullable<ActionCase['prepare']> = (control) =>
  void control.create('task', { name: 'File', description: 'The petition', matter: { id: 1 } });

export const cases: ActionCase[] = [
  {
    action: 'clio.calendar_entry.create',
    input: {
      summary: 'Hearing',
      description: 'Bring the file',
      location: 'Court 4',
      start_at: '2026-12-01T09:00:00-05:00',
      end_at: '2026-12-01T10:00:00-05:00',
      calendar: { name: 'Court dates' },
      matter: 1,
      attendees: [
        { contact: 1 },
        { user: 'paul.marsh@praetor-law.example' },
        { role: 'responsible_attorney' },
        { calendar: { name: 'Paul Marsh' } },
      ],
      send_email_notification: false,
    },
  },
  {
    action: 'clio.calendar_entry.create',
    input: { summary: 'Limitation', start_at: '2026-12-01', matter: 1 },
    exceptions: DAYS('POST /calendar_entries.json'),
  },
  {
    action: 'clio.calendar_entry.create',
    input: {
      summary: 'Review',
      start_at: '2026-12-01T09:00:00Z',
      end_at: '2026-12-01T09:30:00Z',
      calendar: { user: 'paul.marsh@praetor-law.example' },
    },
  },
  {
    action: 'clio.calendar_entry.update',
    input: {
      calendar_entry: '1',
      summary: 'Hearing (moved)',
      description: 'Bring the file',
      location: 'Court 5',
      start_at: '2026-12-02T09:00:00-05:00',
      calendar: { name: 'Court dates' },
      add_attendees: [{ user: 2 }],
      remove_attendees: [{ contact: 1 }],
      send_email_notification: true,
    },
    prepare: anEntry,
  },
  {
    action: 'clio.calendar_entry.update',
    input: { calendar_entry: 1, start_at: '2026-12-02', end_at: '2026-12-03' },
    prepare: anEntry,
    exceptions: DAYS('PATCH /calendar_entries/{id}.json'),
  },
  {
    action: 'clio.reminder.create',
    input: { task: 1, duration_value: 2, duration_unit: 'days' },
    prepare: aTask,
  },
  {
    action: 'clio.reminder.create',
    input: {
      calendar_entry: '1',
      duration_value: 30,
      duration_unit: 'minutes',
      method: 'Popup',
      user: { role: 'responsible_attorney' },
    },
    prepare: anEntry,
  },
  {
    action: 'clio.reminder.create',
    input: {
      calendar_entry: 1,
      duration_value: 1,
      duration_unit: 'hours',
      user: { user: 'paul.marsh@praetor-law.example' },
    },
    prepare: anEntry,
  },
  {
    action: 'clio.matter_docket.preview',
    input: {
      jurisdiction: { name: 'New York Supreme Court' },
      trigger: { name: 'Complaint Served' },
      service_type: { name: 'Personal/hand' },
      start_date: '2026-12-01',
      start_time: '2026-12-01T09:00:00-05:00',
      event_prefix: '00001-Doe',
    },
    exceptions: {
      'GET /court_rules/matter_dockets/preview.json: no header x-api-version':
        'The file lists no header here; Clio takes the version with every call.',
    },
  },
  {
    action: 'clio.matter_docket.create',
    input: {
      matter: 1,
      jurisdiction: { name: 'New York Supreme Court' },
      trigger: { name: 'Complaint Served' },
      service_type: { name: 'Regular mail' },
      start_date: '2026-12-01',
      start_time: '2026-12-01T09:00:00-05:00',
      name: 'Complaint served',
    },
    exceptions: {
      ...NOT_IN_DOCKET('matter'),
      ...NOT_IN_DOCKET('service_type'),
    },
  },
  {
    action: 'clio.matter_docket.create',
    input: { matter: 1, jurisdiction: 1, trigger: 2, start_date: '2026-12-01', name: 'Appeal' },
    exceptions: NOT_IN_DOCKET('matter'),
  },
];
