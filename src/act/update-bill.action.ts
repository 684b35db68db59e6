import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import type { JsonValue } from '../lib/json.js';
import { defineAction } from './action.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { calendarDate, recordId } from './input-fields.js';
import { noMatch } from './lookup-list.js';
import { readBack } from './read-back.js';
import type { RecordChanges } from './record-changes.js';
import { undoUpdate } from './undo-update.js';

const bill = readBack('bill', {
  id: true,
  etag: true,
  number: true,
  state: true,
  subject: true,
  memo: true,
  purchase_order: true,
  issued_at: true,
  due_at: true,
  total: true,
  balance: true,
  tax_rate: true,
  secondary_tax_rate: true,
  client: ['id', 'name'],
});

const percentage = z.number().min(0).max(100);
const text = z.string().min(1).optional();

const input = z
  .strictObject({
    bill: recordId.describe("The bill's id, for example `{{bill.id}}`."),
    state: z
      .enum(['draft', 'awaiting_approval', 'awaiting_payment', 'paid', 'void', 'deleted'])
      .optional()
      .describe('The state to go to; Clio allows only some from each state, and the error lists them.'),
    due_at: calendarDate.optional().describe('The day the bill is due.'),
    issued_at: calendarDate.optional().describe('The day the bill was issued.'),
    subject: text.describe('The subject on the bill.'),
    memo: text.describe('The memo on the bill.'),
    purchase_order: text.describe("The client's purchase order."),
    number: text.describe("The bill's number."),
    tax_rate: percentage.optional().describe('The tax, in per cent.'),
    secondary_tax_rate: percentage.optional().describe('The secondary tax, in per cent.'),
    discount: z
      .strictObject({
        rate: z.number().nonnegative(),
        type: z.enum(['percentage', 'money']),
        note: z.string().min(1).optional(),
      })
      .optional()
      .describe('The discount on the bill.'),
    interest: z
      .strictObject({
        rate: percentage,
        type: z.enum(['simple', 'compound']),
        period: z.int().positive().optional(),
      })
      .optional()
      .describe('The interest on the bill: per cent, kind, and how often it is charged.'),
  })
  .refine(
    (wanted) => Object.entries(wanted).some(([name, value]) => name !== 'bill' && value !== undefined),
    {
      path: ['bill'],
      message: 'Nothing to update: give at least one value besides "bill".',
    },
  );
type Input = z.output<typeof input>;

function compare({ bill: _, ...wanted }: Input, current: ClioRecord, changes: RecordChanges): void {
  for (const [name, value] of Object.entries(wanted)) changes.want(name, current[name], value as JsonValue);
  if (wanted.state !== undefined && changes.has('state')) checkTransition(wanted.state, current);
}

function checkTransition(wanted: string, current: ClioRecord): void {
  const { available_state_transitions: listed, state, id } = current;
  const possible = Array.isArray(listed) ? listed.map(String) : [];
  if (possible.includes(wanted)) return;
  const choices = possible.length === 0 ? 'no other state' : possible.join(', ');
  throw noMatch(
    `Bill ${id} is ${String(state)} and cannot become ${wanted}; Clio allows ${choices}. Correct the rule, or test the bill's state in a condition.`,
    { bill: id, state },
  );
}

/** Brings a bill to the wanted values. Clio's API makes no bills and sends none. */
export const updateBill = defineAction({
  name: 'clio.bill.update',
  summary: 'Moves a bill to another state or changes what is on it; sends nothing when it is so.',
  input,
  safety: 'repeatable',
  echo: ({ bill: id }) => [changedRecord('bill', id)],
  text: { subject: 'plain', memo: 'plain', purchase_order: 'plain', number: 'plain', discount: 'plain' },
  output: updateOutput(bill),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `bills/${wanted.bill}`,
        readBack: bill,
        alsoRead: 'available_state_transitions,discount{rate,type,note},interest{rate,type,period}',
        compare: (current, changes) => compare(wanted, current, changes),
      },
      context,
    ),

  undo: undoUpdate,
});
