import { z } from 'zod';
import { defineAction } from './action.js';
import { contact, contactChanges, contactFields, contactLists, contactText } from './contact-fields.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { reasonOfRefusal } from './custom-field-changes.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { undoUpdate } from './undo-update.js';

const input = z
  .strictObject({ contact: contactReference, ...contactFields })
  .refine(
    (wanted) => Object.entries(wanted).some(([name, value]) => name !== 'contact' && value !== undefined),
    {
      path: ['contact'],
      message: 'Nothing to update: give at least one value besides "contact".',
    },
  );

/** Brings a contact to the wanted values. Entries of lists that are not named stay. */
export const updateContact = defineAction({
  name: 'clio.contact.update',
  summary: 'Brings a contact to the wanted values; sends nothing when it has them.',
  input,
  safety: 'repeatable',
  echo: ({ contact: id }) => [changedRecord('contact', id)],
  references: { custom_fields: 'contact_custom_field' },
  text: contactText,
  output: updateOutput(contact),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: async () => `contacts/${await resolveContact(wanted.contact, context)}`,
        readBack: contact,
        alsoRead: contactLists(wanted),
        compare: (current, changes) => contactChanges(wanted, current, changes, context),
        reasonOf: (refused, current) =>
          reasonOfRefusal(refused, wanted.custom_fields ?? {}, current, context, 'contact'),
      },
      context,
    ),

  undo: undoUpdate,
});
