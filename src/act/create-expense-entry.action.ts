import { z } from 'zod';
import { defineAction } from './action.js';
import {
  activity,
  activityData,
  activityEcho,
  activityFields,
  createActivity,
  probeActivity,
  undoActivity,
} from './activity.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { associated } from './input-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';

const input = z
  .strictObject({
    ...activityFields,
    type: z
      .enum(['ExpenseEntry', 'HardCostEntry', 'SoftCostEntry'])
      .optional()
      .describe('The kind of expense; `ExpenseEntry` when left out.'),
    price: z.number().describe('The amount, or the amount of one piece.'),
    quantity: z.number().positive().optional().describe('How many pieces; 1 when left out.'),
    expense_category: namedRecord.optional().describe('The category: `{ name: ... }` or its id.'),
    vendor: contactReference.optional(),
    reference: z.string().min(1).optional().describe('The cheque or payment reference of a hard cost.'),
    tax_setting: z
      .enum(['no_tax', 'tax_1_only', 'tax_2_only', 'tax_1_and_tax_2'])
      .optional()
      .describe('Which taxes apply.'),
  })
  .refine(
    ({ type, vendor, reference }) =>
      type === 'HardCostEntry' || (vendor === undefined && reference === undefined),
    { path: ['type'], message: 'Only a HardCostEntry has a vendor and a reference.' },
  )
  .refine(({ type, quantity }) => type !== 'HardCostEntry' || quantity === undefined, {
    path: ['quantity'],
    message: 'A HardCostEntry has no quantity; give the whole amount as its price.',
  });

const typeOf = ({ type = 'ExpenseEntry' }: z.output<typeof input>) => type;

/** Records an expense on a matter, once: the note carries the step's marker. */
export const createExpenseEntry = defineAction({
  name: 'clio.expense_entry.create',
  summary: 'Records an expense on a matter.',
  input,
  safety: 'check-first',
  echo: activityEcho,
  references: { expense_category: 'expense_category', user: 'user' },
  text: { note: 'plain', reference: 'plain' },
  output: activity.output,
  probe: (wanted, context) => probeActivity(typeOf(wanted), wanted, context),

  async execute(wanted, context) {
    const { price, quantity, expense_category: category, vendor, reference, tax_setting } = wanted;
    const [common, categoryId, vendorId] = await Promise.all([
      activityData(wanted, context),
      category === undefined ? undefined : resolveNamed('expense_category', category, context),
      vendor === undefined ? undefined : resolveContact(vendor, context),
    ]);
    const type = typeOf(wanted);
    const data = {
      ...common,
      price,
      quantity: type === 'HardCostEntry' ? undefined : (quantity ?? 1),
      expense_category: associated(categoryId),
      vendor: associated(vendorId),
      reference,
      tax_setting,
    };
    return createActivity(type, wanted, data, context);
  },

  undo: undoActivity,
});
