import { z } from 'zod';
import { conditions, name, type Condition } from './condition.js';
import { parseDuration } from './dates.js';

const MOST_DAYS = 366;

function isDelay(text: string): boolean {
  const duration = parseDuration(text);
  return duration !== undefined && duration.businessDays >= 0 && duration.rest.toMillis() >= 0;
}

/** Business days count as days here: it is a limit against slips, no deadline. */
export function isWithinAYear(text: string): boolean {
  return daysIn(text) <= MOST_DAYS;
}

/** About how many days a duration has; business days count as seven for five. */
export function daysIn(text: string): number {
  const { businessDays = 0, rest } = parseDuration(text) ?? {};
  return (businessDays * 7) / 5 + (rest?.as('days') ?? 0);
}

const delay = z.string().refine(isDelay, 'A delay is written like "30 seconds", "1 minute" or "PT1M".');
export const length = z
  .string()
  .refine(isDelay, 'Write it like "2 days", "5 business_days" or "PT4H".')
  .refine((text) => !isDelay(text) || isWithinAYear(text), `It may be ${MOST_DAYS} days at most.`);

const retry = z.strictObject({
  max_attempts: z.int().min(1).max(50).optional(),
  backoff: z.enum(['exponential', 'fixed']).optional(),
  delay: delay.optional(),
});

const id = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*$/,
    'A step id has small letters, digits and underscores, and starts with a letter.',
  )
  .optional();

const head = { id, name };
const approver = z
  .string()
  .regex(
    /^(role:[a-z_]+|group:\S.*|(user:)?\S+@\S+)$/,
    'Write role:responsible_attorney, group:Partners, or user:ann@firm.example.',
  );

/** The kinds of steps in the order of the schema's branches, each with the key that only it has. */
export const stepKeys = ['action', 'then', 'choose', 'for_each', 'wait', 'approval', 'stop'] as const;

const someSteps: z.ZodType<WrittenStep[]> = z.lazy(() => z.array(step).min(1));

const wait = z
  .strictObject({
    for: length.optional(),
    until: z.string().min(1).optional(),
    recheck: z.boolean().default(true),
  })
  .refine(
    ({ for: time, until }) => (time === undefined) !== (until === undefined),
    'A wait takes either "for" (a time such as 5 business_days) or "until" (a date, a time, or a template).',
  );

const approval = z.strictObject({
  by: z.union([z.array(approver).min(1), approver]),
  timeout: length.optional(),
  on_timeout: z.enum(['reject', 'approve', 'escalate']).default('reject'),
});

const actionStep = z.strictObject({
  ...head,
  if: conditions.optional(),
  action: z.string(),
  with: z.record(z.string(), z.unknown()).default({}),
  omit_null: z.boolean().default(false),
  continue_on_error: z.boolean().default(false),
  retry: retry.optional(),
});
export const actionStepKeys = Object.keys(actionStep.shape);

export const step: z.ZodType<WrittenStep> = z.union([
  actionStep,
  z.strictObject({ ...head, if: conditions, then: someSteps, else: someSteps.optional() }),
  z.strictObject({
    ...head,
    choose: z.array(z.strictObject({ name, if: conditions, then: someSteps })).min(1),
    else: someSteps.optional(),
  }),
  z.strictObject({
    ...head,
    for_each: z.string().min(1),
    as: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/, 'A name has small letters, digits and underscores.')
      .default('item'),
    max: z.int().min(1).max(1_000).optional(),
    actions: someSteps,
  }),
  z.strictObject({ ...head, wait }),
  z.strictObject({ ...head, if: conditions.optional(), approval }),
  z.strictObject({ ...head, stop: z.string().min(1) }),
]);

interface Head {
  id?: string | undefined;
  name?: string | undefined;
}

/** A step that does something at Clio or elsewhere. */
interface ActionOf<Test> extends Head {
  if?: Test | undefined;
  action: string;
  with: Record<string, unknown>;
  omit_null: boolean;
  continue_on_error: boolean;
  retry?: z.output<typeof retry> | undefined;
}

export interface IfOf<Test> extends Head {
  if: Test;
  then: StepOf<Test>[];
  else?: StepOf<Test>[] | undefined;
}

export interface ChooseOf<Test> extends Head {
  choose: { name?: string | undefined; if: Test; then: StepOf<Test>[] }[];
  else?: StepOf<Test>[] | undefined;
}

export interface ForEachOf<Test> extends Head {
  /** A path to a list. */
  for_each: string;
  as: string;
  /** Left out by mistake only, which R040 tells. */
  max?: number | undefined;
  actions: StepOf<Test>[];
}

export interface WaitStep extends Head {
  wait: z.output<typeof wait>;
}

export interface ApprovalOf<Test> extends Head {
  if?: Test | undefined;
  approval: z.output<typeof approval>;
}

/** Who decided, and why, where nobody did and the time was over. */
export const [NOBODY, NO_ANSWER] = ['nobody (time-out)', 'Nobody answered in time.'];

export interface StopStep extends Head {
  /** The reason: a text, which may have templates. */
  stop: string;
}

type StepOf<Test> =
  ActionOf<Test> | IfOf<Test> | ChooseOf<Test> | ForEachOf<Test> | WaitStep | ApprovalOf<Test> | StopStep;

/** A step as written: a list of conditions stands for `all`. */
export type WrittenStep = StepOf<Condition | Condition[]>;
/** A step of a rule, with its defaults. */
export type RuleStep = StepOf<Condition>;
/** The same where it is an action. */
export type StepSpec = ActionOf<Condition>;
