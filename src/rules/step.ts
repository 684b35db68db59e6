import { z } from 'zod';
import { conditions, name, type Condition } from './condition.js';
import { parseDuration } from './dates.js';

function isDelay(text: string): boolean {
  const duration = parseDuration(text);
  return duration !== undefined && duration.businessDays >= 0 && duration.rest.toMillis() >= 0;
}

const retry = z.strictObject({
  max_attempts: z.int().min(1).max(50).optional(),
  backoff: z.enum(['exponential', 'fixed']).optional(),
  delay: z.string().refine(isDelay, 'A delay is written like "30 seconds", "1 minute" or "PT1M".').optional(),
});

export const step = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z][a-z0-9_]*$/,
      'A step id has small letters, digits and underscores, and starts with a letter.',
    )
    .optional(),
  name,
  if: conditions.optional(),
  action: z.string(),
  with: z.record(z.string(), z.unknown()).default({}),
  omit_null: z.boolean().default(false),
  continue_on_error: z.boolean().default(false),
  retry: retry.optional(),
});

/** A step of a rule, as written, with its defaults. */
export type StepSpec = Omit<z.output<typeof step>, 'if'> & { if?: Condition | undefined };
