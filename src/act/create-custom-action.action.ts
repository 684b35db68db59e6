import { z } from 'zod';
import { defineAction } from './action.js';
import { written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const customAction = readBack('custom_action', {
  id: true,
  etag: true,
  label: true,
  target_url: true,
  ui_reference: true,
});

/** Where Clio shows a link, by the record whose page it is. */
const PAGES = {
  matter: 'matters/show',
  contact: 'contacts/show',
  activity: 'activities/show',
  document: 'documents/show',
  folder: 'folders/show',
} as const;

const input = z.strictObject({
  label: z.string().min(1).describe('What the link says.'),
  target_url: z
    .url({ protocol: /^https$/, error: 'must be an https address' })
    .describe('What the link opens; Clio adds who clicked, and where.'),
  page: z
    .enum(['matter', 'contact', 'activity', 'document', 'folder'])
    .describe('Whose page shows the link.'),
});

/** Puts a link on every page of a kind, unless it is there already; so it may run again. */
export const createCustomAction = defineAction({
  name: 'clio.custom_action.create',
  summary: 'Puts a link on the pages of matters, contacts, activities, documents or folders in Clio.',
  input,
  safety: 'repeatable',
  echo: () => [newRecord('custom_action')],
  text: { label: 'plain', target_url: 'plain' },
  output: customAction.output,

  async execute({ label, target_url, page }, context) {
    const data = { label, target_url, ui_reference: PAGES[page] };
    const links = await context.clio.list('custom_actions', { fields: customAction.fields }, context.signal);
    const present = links.find((link) => Object.entries(data).every(([name, value]) => link[name] === value));
    if (present !== undefined) {
      const { output, writes } = written(present, customAction);
      return { output, writes: context.inDoubt ? writes : [], adopted: true };
    }
    const options = { fields: customAction.fields, signal: context.signal };
    return written(await context.clio.create('custom_actions', data, options), customAction);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `custom_actions/${id}`, context),
});
