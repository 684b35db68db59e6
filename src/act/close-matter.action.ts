import { z } from 'zod';
import { defineAction } from './action.js';
import { changedRecord } from './expected-echo.js';
import { calendarDate, matterId } from './input-fields.js';
import { undoUpdate } from './undo-update.js';
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

/** Closes a matter, as an update of its state does. */
export const closeMatter = defineAction({
  name: 'clio.matter.close',
  summary: 'Closes a matter; sends nothing when it is closed.',
  input,
  safety: updateMatter.safety,
  echo: ({ matter }) => [changedRecord('matter', matter)],
  text: {},
  output: updateMatter.output,
  execute: (wanted, context) => updateMatter.execute(asUpdate(wanted), context),
  undo: undoUpdate,
});
