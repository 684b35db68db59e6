import { z } from 'zod';
import { durationProblem } from './durations.js';

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
  older_than?: string | undefined;
  within_next?: string | undefined;
  held_for?: string | undefined;
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
export const name = z.string().min(1).optional();
const aCondition: z.ZodType<Condition> = z.lazy(() => condition);

const duration = z.string().superRefine((text, context) => {
  const message = durationProblem(text);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

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
  older_than: duration,
  within_next: duration,
  held_for: duration,
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
export const conditions = z.union([z.array(aCondition).min(1), aCondition]);
