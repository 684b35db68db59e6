import { z } from 'zod';
import type { ActionContext } from './action.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { recordId } from './input-fields.js';
import { lookupAssignee, matterRole } from './lookup-assignee.js';

/** Somebody at the firm or one of its contacts. */
export const participant = z.union([
  z.strictObject({ contact: contactReference }),
  z.strictObject({ user: z.union([recordId, z.email()]) }),
  z.strictObject({ role: matterRole }),
]);
export type Participant = z.infer<typeof participant>;

/** As Clio writes a participant. Throws UpstreamError as `lookupAssignee` and `resolveContact`. */
export async function lookupParticipant(
  wanted: Participant,
  matterId: number | undefined,
  context: ActionContext,
): Promise<{ id: number; type: 'Contact' | 'User' }> {
  if ('contact' in wanted) return { id: await resolveContact(wanted.contact, context), type: 'Contact' };
  const who =
    'role' in wanted ? wanted : typeof wanted.user === 'number' ? wanted.user : { user: wanted.user };
  return { id: await lookupAssignee(who, matterId, context), type: 'User' };
}
