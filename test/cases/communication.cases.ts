import type { ActionCase } from '../support/action-case.js';

export const cases: ActionCase[] = [
  {
    action: 'clio.communication.log_phone_call',
    input: {
      subject: 'Intake call',
      body: 'Asked about the fee',
      matter: 1,
      from: [{ contact: { email: 'jane.doe@example.com' } }],
      to: [{ role: 'responsible_attorney' }, { user: 'paul.marsh@praetor-law.example' }],
      received_at: '2026-11-24T09:00:00-05:00',
    },
  },
  {
    action: 'clio.communication.log_email',
    input: { subject: 'Papers', body: 'Sent for signature', from: [{ user: 1 }], to: [{ contact: 1 }] },
  },
  {
    action: 'clio.conversation_message.send',
    input: {
      subject: 'Papers',
      body: 'Please sign',
      receivers: [{ contact: 1 }, { role: 'responsible_attorney' }],
      matter: 1,
      document: 1,
    },
    prepare: (control) =>
      void control.create('document', { name: 'Petition', parent: { id: 1, type: 'Matter' } }),
  },
  {
    action: 'clio.conversation_message.send',
    input: { subject: 'Papers', body: 'Please sign', receivers: [{ user: 2 }], conversation: 1 },
    prepare: (control) => {
      const receivers = [{ id: 2, type: 'User' }];
      control.create('conversation_message', { subject: 'Papers', body: 'Are they here?', receivers });
    },
  },
];
