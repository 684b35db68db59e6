import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { defineAction, type WrittenRecord } from './action.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { changedRecord } from './expected-echo.js';
import { matterId } from './input-fields.js';
import { relationship, relationshipsOf } from './matter-relationships.js';

const input = z.strictObject({
  matter: matterId,
  contact: contactReference,
  description: z
    .string()
    .min(1)
    .optional()
    .describe('Which relationship, where the contact has several to the matter.'),
});

/** Ends one relationship of a contact to a matter. Done when there is none. */
export const removeRelationship = defineAction({
  name: 'clio.relationship.remove',
  summary: 'Ends the relationship of a contact to a matter; sends nothing when there is none.',
  input,
  safety: 'repeatable',
  echo: () => [changedRecord('relationship')],
  text: { description: 'plain' },
  output: new Map([['removed', { type: 'boolean' }], ...relationship.output]),

  async execute({ matter, contact, description }, context) {
    const contactId = await resolveContact(contact, context);
    const found = await relationshipsOf({ matter, contact: contactId, description }, context);
    const [one] = found;
    if (one === undefined) {
      const none = { ...relationship.pick({ id: 0 }), id: null };
      return { output: { removed: false, ...none }, writes: [], adopted: true };
    }
    if (found.length > 1) {
      const list = found.map(({ id, description: text }) => `${id} ("${String(text)}")`).join(', ');
      throw new UpstreamError(
        'clio.ambiguous',
        `Contact ${contactId} has ${found.length} relationships to matter ${matter}: ${list}. Say which by "description" in the rule.`,
        { retry: 'never', applied: 'no' },
      );
    }
    await context.clio.remove(`relationships/${one.id}`, context.signal);
    const gone = { model: 'relationship', id: String(one.id), etag: null, deleted: true } as const;
    return { output: { removed: true, ...relationship.pick(one) }, writes: [gone] };
  },

  async undo({ input: { matter }, output }, context) {
    const { contact, description } = output;
    if (output.removed !== true || !isObject(contact) || typeof description !== 'string')
      return { result: 'gone', writes: [] };
    const again = { matter, contact: Number(contact.id), description };
    const there = await relationshipsOf(again, context);
    if (there.length > 0) return { result: 'undone', writes: context.inDoubt ? there.map(asWritten) : [] };
    const data = { matter: { id: matter }, contact: { id: again.contact }, description };
    const options = { fields: 'id,etag', signal: context.signal };
    return {
      result: 'undone',
      writes: [asWritten(await context.clio.create('relationships', data, options))],
    };
  },
});

function asWritten({ id, etag }: ClioRecord): WrittenRecord {
  return { model: 'relationship', id: String(id), etag: etag ?? null };
}
