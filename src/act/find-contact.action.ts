import { z } from 'zod';
import { defineAction } from './action.js';
import { contact } from './contact-fields.js';
import { searchContact, type ContactSearch } from './contact-reference.js';
import { noMatch } from './lookup-list.js';

const input = z
  .strictObject({
    email: z.email().optional().describe('The whole e-mail address, whatever its case.'),
    name: z.string().min(1).optional().describe('The whole name.'),
    required: z
      .boolean()
      .optional()
      .describe('Fail the step when there is no such contact; otherwise `found` tells.'),
  })
  .refine(({ email, name }) => (email === undefined) !== (name === undefined), {
    path: ['email'],
    message: 'Look for an email or for a name.',
  });

/** Finds one contact. Several with the address or name are an error that lists them. */
export const findContact = defineAction({
  name: 'clio.contact.find',
  summary: 'Finds the one contact with an e-mail address or a name.',
  input,
  safety: 'repeatable',
  onlyReads: true,
  text: { email: 'plain', name: 'plain' },
  output: new Map([['found', { type: 'boolean' }], ...contact.output]),

  async execute({ email, name, required }, context) {
    const wanted: ContactSearch = email === undefined ? { name: String(name) } : { email };
    const found = await searchContact(wanted, context);
    if (found === undefined && required === true)
      throw noMatch(
        `Clio shows no contact with the ${email === undefined ? 'name' : 'e-mail address'} ${email ?? String(name)} to this connection. Add it in Clio, or leave out "required".`,
        wanted,
      );
    if (found === undefined)
      return { output: { found: false, ...contact.pick({ id: 0 }), id: null }, writes: [] };
    const record = await context.clio.get(`contacts/${found.id}`, { fields: contact.fields }, context.signal);
    return { output: { found: true, ...contact.pick(record) }, writes: [] };
  },
});
