import { z } from 'zod';
import { isTimezone, parseDuration, parseMoment } from './dates.js';

export type Scalar = string | number | boolean | null;

/** Raw json-logic: one operator with its arguments. */
export type JsonLogic = Record<string, unknown>;

/** `field` and exactly one operator. */
export interface FieldTest {
  name?: string | undefined;
  field: string;
  is?: Scalar | undefined;
  is_not?: Scalar | undefined;
  in?: Scalar[] | undefined;
  not_in?: Scalar[] | undefined;
  contains?: Exclude<Scalar, null> | undefined;
  starts_with?: string | undefined;
  matches?: string | undefined;
  gt?: string | number | undefined;
  gte?: string | number | undefined;
  lt?: string | number | undefined;
  lte?: string | number | undefined;
  exists?: boolean | undefined;
  changed?: true | undefined;
  changed_to?: Scalar | undefined;
  changed_from?: Scalar | undefined;
}

export type Condition =
  | { all: Condition[]; name?: string | undefined }
  | { any: Condition[]; name?: string | undefined }
  | { not: Condition; name?: string | undefined }
  | { logic: JsonLogic; name?: string | undefined }
  | { trigger: string; name?: string | undefined }
  | FieldTest;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const value = z.union([z.string(), z.number(), z.boolean()]);
const ordered = z.union([z.number(), z.string()]);
const name = z.string().min(1).optional();
const aCondition: z.ZodType<Condition> = z.lazy(() => condition);

/** The operators of a field test, with what each takes. */
const fieldOperatorValues = {
  is: scalar,
  is_not: scalar,
  in: z.array(scalar).min(1),
  not_in: z.array(scalar).min(1),
  contains: value,
  starts_with: z.string(),
  matches: z.string(),
  gt: ordered,
  gte: ordered,
  lt: ordered,
  lte: ordered,
  exists: z.boolean(),
  changed: z.literal(true),
  changed_to: scalar,
  changed_from: scalar,
};
export type FieldOperator = keyof typeof fieldOperatorValues;
export const fieldOperators = Object.keys(fieldOperatorValues) as FieldOperator[];

const operatorOf = (test: object) => fieldOperators.filter((operator) => operator in test);

const fieldTest = z
  .strictObject({ name, field: z.string().min(1), ...z.object(fieldOperatorValues).partial().shape })
  .refine((test) => operatorOf(test).length === 1, {
    message: `A field test takes one operator beside "field": ${fieldOperators.join(', ')}. For two tests, write two conditions.`,
  });

const condition: z.ZodType<Condition> = z.union([
  z.strictObject({ name, all: z.array(aCondition).min(1) }),
  z.strictObject({ name, any: z.array(aCondition).min(1) }),
  z.strictObject({ name, not: aCondition }),
  z.strictObject({ name, logic: z.record(z.string(), z.unknown()) }),
  z.strictObject({ name, trigger: z.string() }),
  fieldTest,
]);

/** A list stands for `all`. */
const conditions = z.union([z.array(aCondition).min(1), aCondition]);

function isDelay(text: string): boolean {
  const duration = parseDuration(text);
  return duration !== undefined && duration.businessDays >= 0 && duration.rest.toMillis() >= 0;
}

const retry = z.strictObject({
  max_attempts: z.int().min(1).max(50).optional(),
  backoff: z.enum(['exponential', 'fixed']).optional(),
  delay: z.string().refine(isDelay, 'A delay is written like "30 seconds", "1 minute" or "PT1M".').optional(),
});

const step = z.strictObject({
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

const trigger = z.strictObject({ id: z.string().min(1).optional(), event: z.string() });

/** The first trigger with the event of a change decides, and gives its id: a second one would never be heard. */
const triggers = z
  .array(trigger)
  .min(1)
  .superRefine((all, context) => {
    for (const [index, { id, event }] of all.entries()) {
      const earlier = all.slice(0, index);
      if (earlier.some((other) => other.event === event))
        context.addIssue({
          code: 'custom',
          path: [index, 'event'],
          message: `"${event}" is a trigger already.`,
        });
      else if (id !== undefined && earlier.some((other) => (other.id ?? other.event) === id))
        context.addIssue({
          code: 'custom',
          path: [index, 'id'],
          message: `Another trigger has the id "${id}".`,
        });
    }
  });

const test = z.strictObject({
  name: z.string().min(1),
  now: z.iso.datetime({ offset: true, local: true }).optional(),
  event: z.string().optional(),
  record: z.record(z.string(), z.unknown()).default({}),
  previous: z.record(z.string(), z.unknown()).nullable().default(null),
  mocks: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  expect: z.strictObject({
    outcome: z.enum(['matched', 'not_matched', 'unknown', 'suppressed']),
    reason: z.string().optional(),
    actions: z
      .array(z.strictObject({ id: z.string(), with: z.record(z.string(), z.unknown()).default({}) }))
      .optional(),
  }),
});
export type RuleTest = z.output<typeof test>;

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
  vars: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.unknown()).default({}),
  triggers,
  evaluation: z.enum(['edge', 'level']).optional(),
  baseline: z.enum(['skip', 'run']).default('skip'),
  conditions: conditions.optional(),
  idempotency_key: z.string().min(1).optional(),
  chain: z.enum(['deny', 'allow']).default('deny'),
  actions: z.array(step).min(1),
  tests: z.array(test).default([]),
});
export type RuleDocument = z.output<typeof ruleSchema>;

/** A step of a rule, as written, with its defaults. */
export type StepSpec = Omit<z.output<typeof step>, 'if'> & { if?: Condition | undefined };

/** A rule with its defaults. A list of conditions has become `{ all }`, no conditions null. */
export type Rule = Omit<RuleDocument, 'actions' | 'conditions' | 'evaluation'> & {
  evaluation: 'edge' | 'level';
  conditions: Condition | null;
  actions: StepSpec[];
};
