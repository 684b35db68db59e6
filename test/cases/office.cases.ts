import type { SandboxControl } from '../../src/sandbox/control.js';
import type { ActionCase } from '../support/action-case.js';
import { httpOutside, mailOutside } from '../support/outside.js';

const NAME_IN_PARTS = {
  "POST /contacts.json: /data must have required property 'name'":
    'The file requires the whole name; its own text prefers the parts of it for a person (conflict 16 of facts.md).',
};
const HOLDER = { email: 'jane.doe@example.com' };

export const cases: ActionCase[] = [
  {
    action: 'clio.matter.create',
    input: {
      client: HOLDER,
      description: 'Adoption',
      status: 'pending',
      practice_area: { name: 'Family' },
      stage: 'Filing',
      responsible_attorney: { user: 'alexandra.reed@praetor-law.example' },
      responsible_staff: 2,
      client_reference: 'JD-1',
      location: 'Albany',
      billable: false,
      open_date: '2026-11-20',
      custom_fields: { 'Court file number': 'A 1', 'Fee agreement': 'Hourly' },
    },
  },
  { action: 'clio.matter.create', input: { client: { name: 'Jane Doe' }, description: 'Will' } },
  { action: 'clio.matter.close', input: { matter: 1 } },
  { action: 'clio.matter.close', input: { matter: 1, close_date: '2026-11-23' } },
  {
    action: 'clio.matter.update',
    input: {
      matter: 1,
      practice_area: { name: 'Litigation' },
      stage: 'Discovery',
      originating_attorney: { role: 'responsible_attorney' },
      responsible_staff: { user: 'paul.marsh@praetor-law.example' },
      client_reference: 'JD-1',
      location: 'Albany',
      billable: false,
      open_date: '2026-11-20',
    },
  },
  {
    action: 'clio.relationship.create',
    input: { matter: 1, contact: HOLDER, description: 'Guardian ad litem' },
  },
  {
    action: 'clio.relationship.remove',
    input: { matter: 1, contact: { name: 'Jane Doe' } },
    prepare: related,
  },
  {
    action: 'clio.contact.create',
    input: {
      type: 'Person',
      first_name: 'Ann',
      last_name: 'Lee',
      title: 'Engineer',
      date_of_birth: '1980-02-29',
      company: { name: 'Acme' },
      email_addresses: [{ name: 'Work', address: 'ann@example.com', default_email: true }],
      phone_numbers: [{ name: 'Mobile', number: '+1 555 0100', default_number: true }],
      addresses: [{ name: 'Home', street: '1 Main St', city: 'Albany', country: 'US' }],
    },
    prepare: (control) => void control.create('contact', { type: 'Company', name: 'Acme' }),
    exceptions: NAME_IN_PARTS,
  },
  { action: 'clio.contact.create', input: { type: 'Company', name: 'Acme' } },
  {
    action: 'clio.contact.update',
    input: {
      contact: HOLDER,
      title: 'Dr',
      email_addresses: [{ name: 'Work', address: 'JANE.DOE@example.com' }, { address: 'jd@example.com' }],
      phone_numbers: [{ name: 'Work', number: '555 0199', default_number: true }],
      custom_fields: { Referral: 'Radio' },
    },
    prepare: (control) =>
      void control.create('custom_field', {
        name: 'Referral',
        parent_type: 'Contact',
        field_type: 'text_line',
      }),
  },
  { action: 'clio.contact.find', input: { email: 'Jane.Doe@example.com' } },
  { action: 'clio.contact.find', input: { name: 'Nobody At All' } },
  {
    action: 'clio.time_entry.create',
    input: {
      matter: 1,
      date: '2026-11-24',
      duration: '1h 30m',
      note: 'Call with the client',
      user: { role: 'responsible_attorney' },
      activity_description: { name: 'Conference' },
      price: 250,
      non_billable: true,
    },
    prepare: (control) => void control.create('activity_description', { name: 'Conference' }),
  },
  {
    action: 'clio.time_entry.create',
    input: { matter: 1, date: '2026-11-24', duration: 'PT6M', no_charge: true, task: 1 },
    prepare: (control) => void control.create('task', { name: 'Call', description: 'Them' }),
  },
  {
    action: 'clio.expense_entry.create',
    input: {
      matter: 1,
      date: '2026-11-24',
      price: 45.5,
      expense_category: { name: 'Filing fees' },
      note: 'Court',
    },
    prepare: (control) => void control.create('expense_category', { name: 'Filing fees' }),
  },
  {
    action: 'clio.expense_entry.create',
    input: {
      matter: 1,
      date: '2026-11-24',
      type: 'HardCostEntry',
      price: 400,
      vendor: { name: 'Jane Doe' },
      reference: 'Cheque 12',
    },
  },
  {
    action: 'clio.bill.update',
    input: {
      bill: 1,
      state: 'awaiting_payment',
      due_at: '2026-12-24',
      memo: 'Thank you',
      tax_rate: 8.5,
      discount: { rate: 10, type: 'percentage', note: 'Early' },
    },
    prepare: billed,
  },
  { action: 'clio.bill.update', input: { bill: 1, state: 'void' }, prepare: issued },
  {
    action: 'clio.custom_action.create',
    input: { label: 'Why did it happen?', target_url: 'https://praetor.example/why', page: 'matter' },
  },
  {
    action: 'clio.request',
    input: {
      method: 'POST',
      resource: 'practice_area',
      attributes: { name: 'Immigration', code: 'IMM' },
      fields: 'id,etag,name',
    },
  },
  {
    action: 'clio.request',
    input: { method: 'GET', resource: 'matter', filters: { status: 'open', ids: [1] } },
  },
  {
    action: 'clio.request',
    input: { method: 'GET', resource: 'contact', id: 1, fields: 'id,name,company{id}' },
  },
  {
    action: 'clio.request',
    input: {
      method: 'PATCH',
      resource: 'contact',
      id: 1,
      attributes: { prefix: 'Dr', company: { id: '2' } },
    },
    prepare: (control) => void control.create('contact', { type: 'Company', name: 'Acme' }),
  },
  { action: 'clio.request', input: { method: 'DELETE', resource: 'relationship', id: 1 }, prepare: related },
  {
    action: 'clio.request',
    input: {
      method: 'POST',
      resource: 'text_snippet',
      attributes: { snippet: 'ooc', phrase: 'out of court', whole_word: true },
    },
  },
  {
    action: 'http.request',
    input: { url: 'http://receiver.example/hooks/1', json: { matter: '00001-Doe', opened: true } },
    outside: httpOutside,
  },
  {
    action: 'http.request',
    input: {
      url: 'http://receiver.example/hooks/2',
      method: 'PUT',
      headers: { 'X-Source': 'Praetor' },
      text: 'Opened',
      receiver_deduplicates: true,
    },
    outside: httpOutside,
    mayRepeat: true,
  },
  {
    action: 'email.send',
    input: {
      to: ['paul.marsh@praetor-law.example'],
      cc: ['alexandra.reed@praetor-law.example'],
      subject: 'Matter opened',
      text: 'Matter 00001-Doe was opened.',
      html: '<p>Matter 00001-Doe was opened.</p>',
    },
    outside: mailOutside,
  },
  {
    action: 'notify.owner',
    input: { subject: 'The note failed', body: 'Look at the run.' },
    outside: mailOutside,
  },
];

function related(control: SandboxControl): void {
  control.create('relationship', { matter: { id: 1 }, contact: { id: 1 }, description: 'Guardian' });
}

function billed(control: SandboxControl): void {
  control.create('bill', { matters: [{ id: 1 }], total: 100 });
}

function issued(control: SandboxControl): void {
  billed(control);
  control.update('bill', 1, { state: 'awaiting_payment' });
}
