import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import { defineAction } from './action.js';
import { calendarDate, matterId } from './input-fields.js';
import { touched } from './undo-created.js';
import { updateMatter } from './update-matter.action.js';

const input = z.strictObject({
  matter: matterId,
  close_date: calendarDate.optional().describe('The day the matter was closed; left to Clio when left out.'),
});

const asUpdate = ({ matter, close_date }: z.output<typeof input>) => ({
  matter,
  status: 'closed',
  ...(close_date === undefined ? {} : { close_date }),
});

/** Closes a matter, as an update of its state does. `previous_status` is what it is opened again to. */
export const closeMatter = defineAction({
  name: 'clio.matter.close',
  summary: 'Closes a matter; sends nothing when it is closed.',
  input,
  safety: updateMatter.safety,
  text: {},
  output: new Map([...updateMatter.output, ['previous_status', { type: 'text' }]]),

  async execute(wanted, context) {
    const path = `matters/${wanted.matter}`;
    const { status } = await context.clio.get(path, { fields: 'id,status' }, context.signal);
    const done = await updateMatter.execute(asUpdate(wanted), context);
    return { ...done, output: { ...done.output, previous_status: String(status) } };
  },

  async undo({ input: { matter }, output, writes }, { clio, signal }) {
    const [write] = writes;
    if (write === undefined) return { result: 'gone' };
    const { previous_status: shown } = output;
    const previous = typeof shown === 'string' ? shown.toLowerCase() : '';
    if (!['open', 'pending'].includes(previous) || write.etag === null) {
      const message = `What state matter ${matter} had before this step is not known. Open it again in Clio by hand if that is wanted.`;
      return { result: 'touched', message };
    }
    try {
      const options = { fields: 'id,etag', ifMatch: write.etag, signal };
      await clio.update(`matters/${matter}`, { status: previous }, options);
      return { result: 'undone' };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (error.code === 'clio.precondition_failed') return touched(write);
      if (error.code === 'clio.not_found') return { result: 'gone' };
      throw error;
    }
  },
});
