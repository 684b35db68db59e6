import { z } from 'zod';

const count = z.number().int().min(1);

/** How much a rule may do at most. */
export const limits = z.strictObject({
  max_records: count.max(1000).optional(),
  max_actions: count.optional(),
  runs_per_hour: count.optional(),
  on_exceed: z.enum(['pause', 'stop', 'alert']).optional(),
});
