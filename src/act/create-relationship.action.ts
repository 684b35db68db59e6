import { z } from 'zod';
import { defineAction } from './action.js';
import { written } from './adopt.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { newRecord } from './expected-echo.js';
import { matterId } from './input-fields.js';
import { relationship, relationshipsOf } from './matter-relationships.js';
import { undoCreated } from './undo-created.js';

const input = z.strictObject({
  matter: matterId,
  contact: contactReference,
  description: z
    .string()
    .min(1)
    .describe('What the contact is in the matter: `Opposing counsel`, `Guardian ad litem`.'),
});

/** Relates a contact to a matter, unless it is related with the same description already; so it may run again. */
export const createRelationship = defineAction({
  name: 'clio.relationship.create',
  summary: 'Relates a contact to a matter; sends nothing when it is related in that way already.',
  input,
  safety: 'repeatable',
  echo: ({ matter }) => [newRecord('relationship', { matter })],
  text: { description: 'plain' },
  output: relationship.output,

  async execute({ matter, contact, description }, context) {
    const contactId = await resolveContact(contact, context);
    const [present] = await relationshipsOf({ matter, contact: contactId, description }, context);
    if (present !== undefined) {
      const { output, writes } = written(present, relationship);
      return { output, writes: context.inDoubt ? writes : [], adopted: true };
    }
    const data = { matter: { id: matter }, contact: { id: contactId }, description };
    const options = { fields: relationship.fields, signal: context.signal };
    return written(await context.clio.create('relationships', data, options), relationship);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `relationships/${id}`, context),
});
