import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext, type ActionResult } from './action.js';
import { grownRecord, newRecord } from './expected-echo.js';
import { sinceFirstTry } from './find-marked.js';
import { matterId } from './input-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { notReady } from './not-ready.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const automation = readBack('document_automation', {
  id: true,
  state: true,
  filename: true,
  created_at: true,
  matter: ['id', 'display_number'],
  document_template: ['id', 'filename'],
  documents: ['id', 'etag', 'name'],
});

const input = z.strictObject({
  matter: matterId,
  document_template: namedRecord.describe("By id, or by the template's file name as it stands in Clio."),
  filename: z.string().min(1).describe('The name of the new document, without an ending.'),
  formats: z
    .array(z.enum(['pdf', 'original']))
    .min(1)
    .default(['original'])
    .describe("`original` is the template's own format."),
});
type Input = z.output<typeof input>;

/**
 * Makes a document from a template of the firm. Clio works on it for a while: until it is done each try ends with
 * `clio.not_ready` and the next one finds the automation again.
 */
export const generateDocument = defineAction({
  name: 'clio.document.generate',
  summary: 'Makes a document from a template in Clio and waits until it is done.',
  input,
  safety: 'check-first',
  echo: ({ matter }) => [newRecord('document_automation', { matter }), grownRecord('document', { matter })],
  references: { document_template: 'document_template' },
  text: { filename: 'plain' },
  output: automation.output,

  async probe(wanted, context) {
    const found = await findAutomation(wanted, context);
    // One that has failed is for `execute` to report: there is no effect that could be in doubt.
    if (found === undefined || hasFailed(found)) return null;
    return resultOf(found, context);
  },

  async execute(wanted, context) {
    const found = context.inDoubt ? await findAutomation(wanted, context) : undefined;
    const current = found ?? (await create(wanted, context));
    if (hasFailed(current)) throw failed(current, wanted);
    return resultOf(current, context);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `documents/${id}`, context),
});

async function create(wanted: Input, context: ActionContext): Promise<ClioRecord> {
  const { matter, filename, formats } = wanted;
  const template = await resolveNamed('document_template', wanted.document_template, context);
  const data = { matter: { id: matter }, document_template: { id: template }, filename, formats };
  const options = { fields: automation.fields, signal: context.signal };
  return context.clio.create('document_automations', data, options);
}

/**
 * An automation has no text that a reader of the document would not see, so it is known by matter, template and file
 * name: the first since this step began, or else, should the clocks differ, the last before.
 */
async function findAutomation(wanted: Input, context: ActionContext): Promise<ClioRecord | undefined> {
  const template = await resolveNamed('document_template', wanted.document_template, context);
  const query = { created_since: sinceFirstTry(context), fields: automation.fields };
  const all = await context.clio.list('document_automations', query, context.signal);
  const ours = all
    .filter((one) => isSame(one.matter, wanted.matter) && isSame(one.document_template, template))
    .filter(({ filename }) => filename === wanted.filename)
    .sort((a, b) => Number(a.id) - Number(b.id));
  // Clio's times are in whole seconds.
  const began = Math.floor(context.startedAt.getTime() / 1000) * 1000;
  return ours.find((one) => Date.parse(String(one.created_at)) >= began) ?? ours.at(-1);
}

const isSame = (record: unknown, id: number) => isObject(record) && record.id === id;
const hasFailed = ({ state }: ClioRecord) => state === 'failed' || state === 'empty';

/** @throws UpstreamError `clio.not_ready` while Clio is at work, `clio.timeout` when that never ends. */
function resultOf(record: ClioRecord, context: ActionContext): ActionResult {
  if (record.state !== 'completed') {
    const what = `Clio has not finished document automation ${record.id}, which is ${String(record.state)}`;
    throw notReady(what, 'Look for the document in Clio', context);
  }
  const documents = (Array.isArray(record.documents) ? record.documents : []).filter(isObject);
  const writes = documents.map(({ id, etag }) => ({
    model: 'document',
    id: String(id),
    etag: typeof etag === 'string' ? etag : null,
  }));
  return { output: automation.pick(record), writes };
}

function failed({ id, state }: ClioRecord, { filename, matter }: Input): UpstreamError {
  return new UpstreamError(
    'clio.invalid',
    `Clio could not make "${filename}" for matter ${matter}: document automation ${id} is ${String(state)}. ` +
      "Check the template and the matter's data in Clio, then retry the run.",
    { retry: 'never', applied: 'no', details: { document_automation: id } },
  );
}
