import type { ClioRecord } from '../clio/clio.client.js';
import type { UndoContext } from './action.js';
import { readBack } from './read-back.js';

export const relationship = readBack('relationship', {
  id: true,
  etag: true,
  description: true,
  matter: ['id', 'display_number'],
  contact: ['id', 'name'],
});

/** The relationships of a contact to a matter, with that description where one is given. */
export async function relationshipsOf(
  wanted: { matter: number; contact: number; description?: string | undefined },
  { clio, signal }: Pick<UndoContext, 'clio' | 'signal'>,
): Promise<ClioRecord[]> {
  const query = { matter_id: wanted.matter, contact_id: wanted.contact, fields: relationship.fields };
  const found = await clio.list('relationships', query, signal);
  return wanted.description === undefined
    ? found
    : found.filter(({ description }) => description === wanted.description);
}
