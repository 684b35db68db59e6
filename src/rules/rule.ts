import { z } from 'zod';
import { conditions, type Condition } from './condition.js';
import { controlShape } from './control.js';
import { isTimezone, parseMoment } from './dates.js';
import { lookupsSchema } from './lookup.js';
import { ruleInput } from './rule-inputs.js';
import { length, step, type RuleStep } from './step.js';
import { triggers } from './trigger.js';

const test = z.strictObject({
  name: z.string().min(1),
  now: z.iso
    .datetime({ offset: true, local: true, error: 'Write a time like "2026-03-06T15:50:00".' })
    .optional(),
  event: z.string().optional(),
  trigger: z.string().optional(),
  record: z.record(z.string(), z.unknown()).default({}),
  previous: z.record(z.string(), z.unknown()).nullable().default(null),
  mocks: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Steps that fail although they could be carried out, by step id, as if Clio had said no. */
  failures: z
    .record(
      z.string(),
      z.strictObject({
        code: z
          .string()
          .regex(
            /^[a-z]+\.[a-z_]+$/,
            'Write a code as "praetor runs show" has them, such as clio.not_found.',
          ),
        message: z.string().min(1).default('The test says that it fails.'),
      }),
    )
    .default({}),
  /** How far the clock is moved on: what waits for longer is not done. Without it every wait comes to its end. */
  advance: length.optional(),
  /** What becomes of approvals, by step id; what is left out is approved. */
  approvals: z.record(z.string(), z.enum(['approve', 'reject', 'timeout'])).default({}),
  expect: z.strictObject({
    outcome: z.enum(['matched', 'not_matched', 'unknown', 'suppressed']),
    reason: z.string().optional(),
    /** The step that the run fails at, after which `on_failure` is done. */
    failure: z.string().optional(),
    actions: z
      .array(z.strictObject({ id: z.string(), with: z.record(z.string(), z.unknown()).default({}) }))
      .optional(),
  }),
});
export type RuleTest = z.output<typeof test>;

const MOST_NAMED = 100;

/** Values with names that paths are made of. */
function named<T extends z.ZodType>(what: string, value: T) {
  return z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/), value)
    .refine((all) => Object.keys(all).length <= MOST_NAMED, {
      message: `A rule has ${MOST_NAMED} ${what} at most; make two rules of it.`,
    });
}

/** The rule as it is written in a file; `schema/rule.json` is made from it. */
export const ruleSchema = z.strictObject({
  version: z.literal(1),
  id: z
    .string()
    .max(80)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'An id has small letters and digits in words joined by hyphens.'),
  name: z.string().min(3).max(120),
  description: z.string().optional(),
  owner: z.string().optional(),
  labels: z.array(z.string()).optional(),
  enabled: z.boolean().default(true),
  mode: z.enum(['active', 'shadow']).default('active'),
  paused: z
    .strictObject({
      reason: z.string().min(1),
      until: z
        .string()
        .refine(
          (text) => parseMoment(text, 'UTC') !== undefined,
          'A pause ends at a date such as "2026-04-01", or a time such as "2026-04-01T09:00:00".',
        )
        .optional(),
    })
    .optional(),
  timezone: z
    .string()
    .refine(isTimezone, 'There is no such time zone; write one like "America/New_York".')
    .optional(),
  calendar: z.string().min(1).optional(),
  inputs: named('inputs', ruleInput).default({}),
  lookups: lookupsSchema.default({}),
  vars: named('vars', z.unknown()).default({}),
  triggers,
  evaluation: z.enum(['edge', 'level']).optional(),
  baseline: z.enum(['skip', 'run']).default('skip'),
  conditions: conditions.optional(),
  idempotency_key: z.string().min(1).optional(),
  chain: z.enum(['deny', 'allow']).default('deny'),
  marker: z.boolean().default(true),
  ...controlShape,
  cancel_when: z
    .array(z.strictObject({ event: z.string(), conditions: conditions.optional() }))
    .min(1)
    .max(20)
    .optional(),
  actions: z.array(step).min(1),
  on_failure: z.array(step).min(1).optional(),
  tests: z.array(test).default([]),
});
export type RuleDocument = z.output<typeof ruleSchema>;

/** A rule with its defaults. A list of conditions has become `{ all }`, no conditions null. */
export type Rule = Omit<
  RuleDocument,
  'actions' | 'cancel_when' | 'conditions' | 'evaluation' | 'on_failure'
> & {
  evaluation: 'edge' | 'level';
  conditions: Condition | null;
  actions: RuleStep[];
  on_failure?: RuleStep[] | undefined;
  cancel_when?: CancelSpec[] | undefined;
};

/** An event that ends what a run still has before it. */
export interface CancelSpec {
  event: string;
  conditions: Condition | null;
}
