import { z } from 'zod';
import { defineAction, type ActionContext } from './action.js';
import { contact, contactChanges, contactFields, contactLists, contactText } from './contact-fields.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { previousOutput, probeUpdate, undoUpdate, updateRecord, type RecordUpdate } from './update-record.js';

const input = z
  .strictObject({ contact: contactReference, ...contactFields })
  .refine(
    (wanted) => Object.entries(wanted).some(([name, value]) => name !== 'contact' && value !== undefined),
    {
      path: ['contact'],
      message: 'Nothing to update: give at least one value besides "contact".',
    },
  );
type Input = z.output<typeof input>;

async function updateOf(wanted: Input, context: ActionContext): Promise<RecordUpdate> {
  return {
    path: `contacts/${await resolveContact(wanted.contact, context)}`,
    readBack: contact,
    extraFields: contactLists(wanted),
    changes: (current) => contactChanges(wanted, current, context),
  };
}

/** Brings a contact to the wanted values. Entries of lists that are not named stay. */
export const updateContact = defineAction({
  name: 'clio.contact.update',
  summary: 'Brings a contact to the wanted values; sends nothing when it has them.',
  input,
  safety: 'check-first',
  text: contactText,
  output: new Map([...contact.output, previousOutput]),
  probe: async (wanted, context) => probeUpdate(await updateOf(wanted, context), context),
  execute: async (wanted, context) => updateRecord(await updateOf(wanted, context), context),
  undo: (done, context) => undoUpdate(done, 'contacts', context),
});
