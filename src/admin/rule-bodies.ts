import { z } from 'zod';
import { ruleText } from './rule-text.js';
import { waiting } from './waiting-runs.js';

const note = z.string().trim().min(1).max(500).optional().describe('Why; kept with the version.');

export const createBody = z.strictObject({ text: ruleText, note });
export type CreateBody = z.infer<typeof createBody>;

export const replaceBody = z.strictObject({ text: ruleText, note });
export type ReplaceBody = z.infer<typeof replaceBody>;

export const rollbackBody = z.strictObject({
  to: z
    .number()
    .int()
    .min(1)
    .max(1_000_000_000)
    .describe('The number of the version whose text is to be in force again.'),
  note,
});
export type RollbackBody = z.infer<typeof rollbackBody>;

export const approveBody = z.strictObject({
  hash: z.string().describe('Of the version that was read, so that nothing else is approved.'),
});
export type ApproveBody = z.infer<typeof approveBody>;

export const deleteQuery = z.strictObject({ waiting });
export type DeleteQuery = z.infer<typeof deleteQuery>;

export const shadowBody = z.strictObject({
  on: z.boolean().describe('True: the rule decides and records, and sends nothing. False: as its text says.'),
});
export type ShadowBody = z.infer<typeof shadowBody>;
