import { z } from 'zod';
import type { UploadTarget } from '../clio/put-text.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { unreadableError } from '../clio/clio.errors.js';
import { UpstreamError } from '../lib/errors.js';
import { defineAction, type ActionContext, type ActionResult } from './action.js';
import { adopt, written } from './adopt.js';
import { afterWrite } from './after-write.js';
import { grownRecord } from './expected-echo.js';
import { findByProperty, markerProperty } from './external-marker.js';
import { isPlace, lookupParent, PLACE_MESSAGE, placeFields, placeFilter } from './folder-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const document = readBack('document', {
  id: true,
  etag: true,
  name: true,
  filename: true,
  created_at: true,
  matter: ['id', 'display_number'],
  parent: ['id', 'name'],
  latest_document_version: ['id', 'fully_uploaded'],
});

const CONTENT_TYPES = {
  txt: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
} as const;

const input = z
  .strictObject({
    name: z.string().min(1).describe('The name of the document; the ending is added when it is missing.'),
    text: z.string().min(1).describe('The whole content.'),
    format: z
      .enum(['txt', 'html', 'csv', 'md'])
      .default('txt')
      .describe('What the text is; `html` escapes the values in it.'),
    ...placeFields,
    document_category: namedRecord.optional().describe('The category: `{ name: ... }` or its id.'),
  })
  .refine(isPlace, { path: ['matter'], message: PLACE_MESSAGE });
type Input = z.output<typeof input>;

/**
 * Uploads a text as a document: the record, the bytes to the address that Clio names, and word that they are there. A
 * try that was cut short goes on with the record it finds. It carries the step's reference as an external property.
 */
export const uploadDocument = defineAction({
  name: 'clio.document.upload',
  summary: 'Uploads a text as a new document.',
  input,
  safety: 'check-first',
  echo: ({ matter }) => [grownRecord('document', { matter })],
  references: { document_category: 'document_category' },
  text: { name: 'plain', text: { htmlWhen: { field: 'format', is: 'html' } } },
  output: document.output,

  async probe(wanted, context) {
    const found = await findDocuments(wanted, document.fields, context);
    return adopt(found.filter(isComplete), document, context);
  },

  async execute(wanted, context) {
    const begun = context.inDoubt ? await findDocuments(wanted, UPLOAD_FIELDS, context) : [];
    const unfinished = begun.find((one) => !isComplete(one));
    if (unfinished !== undefined && (await isTaken(unfinished, wanted.text, context)))
      return finish(unfinished, context);
    const created = await create(wanted, context);
    return afterWrite(async () => {
      await context.clio.upload(targetOf(created), wanted.text, context.signal);
      return finish(created, context);
    });
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `documents/${id}`, context),
});

const UPLOAD_FIELDS = 'id,etag,latest_document_version{uuid,put_url,put_headers,fully_uploaded}';

function findDocuments(wanted: Input, fields: string, context: ActionContext): Promise<ClioRecord[]> {
  const parent = { ...placeFilter(wanted), scope: 'descendants', show_uncompleted: true };
  return findByProperty({ path: 'documents', parent, fields }, context);
}

const versionOf = (record: ClioRecord) => (record.latest_document_version ?? {}) as Record<string, unknown>;
const isComplete = (record: ClioRecord) => versionOf(record).fully_uploaded === true;

/** Whether the address of an earlier try still works. Where it has expired, the record without content is removed. */
async function isTaken(record: ClioRecord, text: string, { clio, signal }: ActionContext): Promise<boolean> {
  try {
    await clio.upload(targetOf(record), text, signal);
    return true;
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.code !== 'clio.upload_refused') throw error;
    await clio.remove(`documents/${record.id}`, signal);
    return false;
  }
}

async function create(wanted: Input, context: ActionContext): Promise<ClioRecord> {
  const { format } = wanted;
  const [parent, category] = await Promise.all([
    lookupParent(wanted, context),
    wanted.document_category && resolveNamed('document_category', wanted.document_category, context),
  ]);
  const ending = `.${format}`;
  const name = wanted.name.toLowerCase().endsWith(ending) ? wanted.name : `${wanted.name}${ending}`;
  const data = {
    name,
    filename: name,
    content_type: CONTENT_TYPES[format],
    parent,
    document_category: category === undefined ? undefined : { id: category },
    external_properties: [markerProperty(context)],
  };
  return context.clio.create('documents', data, { fields: UPLOAD_FIELDS, signal: context.signal });
}

const target = z.object({
  put_url: z.url(),
  put_headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});

function targetOf(record: ClioRecord): UploadTarget {
  const parsed = target.safeParse(versionOf(record));
  if (parsed.success) return { url: parsed.data.put_url, headers: parsed.data.put_headers };
  throw unreadableError({ method: 'POST', path: 'documents' }, 201);
}

/** Both versions are ours: the one without content comes back as an event of its own. */
async function finish(record: ClioRecord, { clio, signal }: ActionContext): Promise<ActionResult> {
  const data = { uuid: versionOf(record).uuid, fully_uploaded: true };
  const options = { fields: document.fields, signal };
  const { output, writes } = written(await clio.update(`documents/${record.id}`, data, options), document);
  return { output, writes: [...written(record, document).writes, ...writes] };
}
