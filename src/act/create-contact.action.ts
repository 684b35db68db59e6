import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import { defineAction } from './action.js';
import { written } from './adopt.js';
import { contact, contactChanges, contactFields, contactText } from './contact-fields.js';
import { newRecord } from './expected-echo.js';
import { RecordChanges } from './record-changes.js';
import { touched, undoCreated } from './undo-created.js';

const input = z
  .strictObject({
    type: z.enum(['Person', 'Company']).describe('What the contact is.'),
    ...contactFields,
  })
  .refine(
    ({ type, name, first_name, last_name }) =>
      Boolean(name ?? (type === 'Person' && (first_name ?? last_name))),
    {
      path: ['name'],
      message: 'A company needs a name, a person a name or a first_name or last_name.',
    },
  )
  .refine(
    ({ name, first_name, last_name }) => name === undefined || (first_name ?? last_name) === undefined,
    {
      path: ['name'],
      message: 'Give a name, or first_name and last_name, not both.',
    },
  );

/** Makes one contact. A contact has no text of its own for the step's marker, so a lost answer is left to a person. */
export const createContact = defineAction({
  name: 'clio.contact.create',
  summary: 'Makes one contact, a person or a company.',
  input,
  safety: 'once',
  echo: () => [newRecord('contact')],
  references: { custom_fields: 'contact_custom_field' },
  text: contactText,
  output: contact.output,

  async execute(wanted, context) {
    const fields = new RecordChanges('contact');
    await contactChanges(wanted, { id: 0 }, fields, context);
    const data = { type: wanted.type, ...fields.data };
    const options = { fields: contact.fields, signal: context.signal };
    return written(await context.clio.create('contacts', data, options), contact);
  },

  /** What others tie to a contact does not change the contact's own version. */
  async undo({ writes }, context) {
    const { clio, signal } = context;
    for (const write of writes) {
      const [matters, relationships] = await Promise.all([
        clio.list('matters', { client_id: Number(write.id), fields: 'id' }, signal),
        clio.list('relationships', { contact_id: Number(write.id), fields: 'id' }, signal),
      ]);
      if (matters.length + relationships.length > 0) return touched([write]);
    }
    try {
      return await undoCreated(writes, ({ id }) => `contacts/${id}`, context);
    } catch (error) {
      const [write] = writes;
      const isInUse = error instanceof UpstreamError && error.code === 'clio.conflict';
      if (isInUse && write !== undefined) return touched([write]);
      throw error;
    }
  },
});
