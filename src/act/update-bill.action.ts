import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext } from './action.js';
import { calendarDate, recordId } from './input-fields.js';
import { noMatch } from './lookup-list.js';
import { readBack } from './read-back.js';
import { previousOutput, probeUpdate, undoUpdate, updateRecord, type RecordUpdate } from './update-record.js';

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

function updateOf(wanted: Input): RecordUpdate {
  return {
    path: `bills/${wanted.bill}`,
    readBack: bill,
    extraFields: 'available_state_transitions,discount{rate,type,note},interest{rate,type,period}',
    changes: async (current) => changesOf(wanted, current),
  };
}

function changesOf({ bill: _, ...wanted }: Input, current: ClioRecord): Record<string, unknown> {
  const differing = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && !holds(current[name], value),
  );
  const changes = Object.fromEntries(differing);
  if (wanted.state !== undefined && 'state' in changes) checkTransition(wanted.state, current);
  return changes;
}

function holds(held: unknown, value: unknown): boolean {
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return isObject(held) && entries.every(([name, inner]) => holds(held[name], inner));
  }
  return typeof value === 'number' ? held !== null && Number(held) === value : held === value;
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
  safety: 'check-first',
  text: { subject: 'plain', memo: 'plain', purchase_order: 'plain', number: 'plain', discount: 'plain' },
  output: new Map([...bill.output, previousOutput]),
  probe: (wanted, context: ActionContext) => probeUpdate(updateOf(wanted), context),
  execute: (wanted, context) => updateRecord(updateOf(wanted), context),
  undo: (done, context) => undoUpdate(done, 'bills', context),
});
