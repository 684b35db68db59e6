import type { ActionCase } from '../support/action-case.js';

type Control = Parameters<NonNullable<ActionCase['prepare']>>[0];

const TYPES = {
  Urgent: 'checkbox',
  Opponent: 'contact',
  Retainer: 'currency',
  Hearing: 'date',
  Address: 'email',
  Related: 'matter',
  Count: 'numeric',
  Story: 'text_area',
  Judge: 'text_line',
  Hour: 'time',
  Page: 'url',
};

function define(control: Control): void {
  for (const [name, field_type] of Object.entries(TYPES))
    control.create('custom_field', { name, field_type, parent_type: 'Matter' });
}

export const cases: ActionCase[] = [
  {
    action: 'clio.matter.update',
    input: {
      matter: 1,
      custom_fields: {
        Urgent: true,
        Opponent: 1,
        Retainer: 1250.5,
        Hearing: '2026-12-24',
        Address: 'jane@example.com',
        Related: 1,
        Count: 3,
        Story: 'two\nlines',
        Judge: 'Hon. R. Hale',
        Hour: '09:30',
        Page: 'https://example.com',
        'Fee agreement': 'Fixed',
      },
    },
    prepare: define,
  },
  { action: 'clio.task.create', input: { name: 'Call', assignee: { name: 'Paul Marsh' } } },
];
