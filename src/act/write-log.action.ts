import { z } from 'zod';
import { defineAction } from './action.js';
import { nonEmptyText } from './input-fields.js';

/** Writes a line to the engine's own log. Touches nothing at Clio; for trying a rule out. */
export const writeLog = defineAction({
  name: 'log.write',
  summary: "Writes a line to the engine's own log.",
  input: z.strictObject({ text: nonEmptyText.describe('The line.') }),
  safety: 'repeatable',
  onlyReads: true,
  text: { text: 'plain' },
  output: new Map([['text', { type: 'text' }]]),
  async execute({ text }, { log }) {
    log(text);
    return { output: { text }, writes: [] };
  },
});
