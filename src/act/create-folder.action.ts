import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import { defineAction, type UndoContext, type UndoResult } from './action.js';
import { adopt, written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { findByProperty, markerProperty } from './external-marker.js';
import { isPlace, lookupParent, PLACE_MESSAGE, placeFields, placeFilter } from './folder-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const folder = readBack('folder', {
  id: true,
  etag: true,
  name: true,
  created_at: true,
  parent: ['id', 'name'],
  matter: ['id', 'display_number'],
});

const input = z
  .strictObject({
    name: z.string().min(1).describe('The name of the folder.'),
    ...placeFields,
    document_category: namedRecord.optional().describe('The category: `{ name: ... }` or its id.'),
  })
  .refine(isPlace, { path: ['matter'], message: PLACE_MESSAGE });

/** Makes a folder. It carries the step's reference as an external property. */
export const createFolder = defineAction({
  name: 'clio.folder.create',
  summary: 'Makes a folder on a matter, on a contact or in another folder.',
  input,
  safety: 'check-first',
  echo: ({ matter }) => [newRecord('folder', { matter })],
  references: { document_category: 'document_category' },
  text: { name: 'plain' },
  output: folder.output,

  async probe(wanted, context) {
    const parent = { ...placeFilter(wanted), scope: 'descendants' };
    const what = { path: 'folders', parent, fields: folder.fields };
    return adopt(await findByProperty(what, context), folder, context);
  },

  async execute(wanted, context) {
    const [parent, category] = await Promise.all([
      lookupParent(wanted, context),
      wanted.document_category && resolveNamed('document_category', wanted.document_category, context),
    ]);
    const data = {
      name: wanted.name,
      parent,
      document_category: category === undefined ? undefined : { id: category },
      external_properties: [markerProperty(context)],
    };
    const options = { fields: folder.fields, signal: context.signal };
    return written(await context.clio.create('folders', data, options), folder);
  },

  async undo({ writes }, context) {
    for (const { id } of writes) if (await isUsed(id, context)) return used(id);
    return undoCreated(writes, ({ id }) => `folders/${id}`, context);
  },
});

/** What people put into a folder leaves the folder's own version as it is, and would go to the trash with it. */
async function isUsed(id: string, { clio, signal }: UndoContext): Promise<boolean> {
  try {
    for (const path of ['documents', 'folders']) {
      const query = { parent_id: id, fields: 'id', limit: 1 };
      if ((await clio.page(path, query, null, signal)).records.length > 0) return true;
    }
  } catch (error) {
    // The folder itself is not there any more.
    if (!(error instanceof UpstreamError) || error.code !== 'clio.not_found') throw error;
  }
  return false;
}

function used(id: string): UndoResult {
  const message = `There is something in folder ${id} by now, so it was left alone. Undo it in Clio by hand if that is wanted.`;
  return { result: 'touched', message, writes: [] };
}
