import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import type { ActionContext } from './action.js';
import { optionalMatter, recordId } from './input-fields.js';
import { noMatch } from './lookup-list.js';
import { namedRecord } from './named-record.js';

/** Where a document or folder goes: to the top of a matter or contact, or into a folder of it. */
export const placeFields = {
  matter: optionalMatter,
  contact: recordId.optional().describe("The contact's id, for what belongs to no matter."),
  folder: namedRecord
    .optional()
    .describe('A folder by id, or by its name among the folders of the matter or contact.'),
};

type Place = z.infer<z.ZodObject<typeof placeFields>>;

/** Exactly one owner, or a folder by id. */
export function isPlace({ matter, contact, folder }: Place): boolean {
  const owners = [matter, contact].filter((owner) => owner !== undefined).length;
  return owners === 1 || (owners === 0 && typeof folder === 'number');
}

export const PLACE_MESSAGE = 'Give a "matter" or a "contact", or a "folder" by its id.';

/** As Clio writes a parent. Throws UpstreamError `clio.no_match` or `clio.ambiguous` for a folder's name. */
export async function lookupParent(
  place: Place,
  context: ActionContext,
): Promise<{ id: number; type: 'Matter' | 'Contact' | 'Folder' }> {
  const { matter, contact, folder } = place;
  if (typeof folder === 'number') return { id: folder, type: 'Folder' };
  if (folder !== undefined) return { id: await lookupFolder(folder.name, place, context), type: 'Folder' };
  return matter === undefined ? { id: Number(contact), type: 'Contact' } : { id: matter, type: 'Matter' };
}

/** The list filters of what lies in a place. */
export function placeFilter({ matter, contact, folder }: Place): Record<string, number> {
  if (matter !== undefined) return { matter_id: matter };
  return contact === undefined ? { parent_id: Number(folder) } : { contact_id: contact };
}

async function lookupFolder(name: string, place: Place, { clio, signal }: ActionContext): Promise<number> {
  const query = { ...placeFilter(place), scope: 'descendants', fields: 'id,name,root' };
  const folders = (await clio.list('folders', query, signal)).filter(({ root }) => root !== true);
  const [found, ...others] = folders.filter((folder) => folder.name === name);
  const owner = place.matter === undefined ? `contact ${place.contact}` : `matter ${place.matter}`;
  if (found === undefined) {
    const names = folders.map((folder) => String(folder.name)).join(', ');
    throw noMatch(`The ${owner} has no folder "${name}". It has: ${names || 'none'}.`, { folder: name });
  }
  if (others.length === 0) return Number(found.id);
  const ids = [found, ...others].map(({ id }) => id);
  throw new UpstreamError(
    'clio.ambiguous',
    `The ${owner} has ${ids.length} folders "${name}" (ids ${ids.join(', ')}). Give the id in the rule, or rename all but one.`,
    { retry: 'never', applied: 'no', details: { folder: name, ids } },
  );
}
