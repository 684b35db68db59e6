import { z } from 'zod';
import { parseDuration } from './dates.js';
import { limits } from './limits.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const LONGEST_THROTTLE_MS = 31 * DAY_MS;
/** A debounce without `timeout` waits so many periods at most. */
const PERIODS = 10;

/** A stretch of time that is the same for every calendar, in milliseconds; null for business days and what is no duration. */
export function fixedMs(text: string): number | null {
  const duration = parseDuration(text);
  return duration === undefined || duration.businessDays !== 0 ? null : duration.rest.toMillis();
}

function stretch(longestMs: number, longest: string) {
  const isWithin = (text: string) => {
    const ms = fixedMs(text);
    return ms !== null && ms >= SECOND_MS && ms <= longestMs;
  };
  return z
    .string()
    .refine(
      isWithin,
      `write a time from 1 second to ${longest}, such as "2 minutes"; business days do not fit.`,
    );
}

const key = z.string().min(1);

const debounce = z
  .strictObject({
    key: key.optional(),
    period: stretch(DAY_MS, '1 day'),
    timeout: stretch(DAY_MS, '1 day').optional(),
  })
  .refine(
    ({ period, timeout }) => timeout === undefined || (fixedMs(timeout) ?? 0) >= (fixedMs(period) ?? 0),
    { path: ['timeout'], message: 'it ends before the period does; make it at least as long as the period.' },
  );

const concurrency = z
  .strictObject({
    key: key.optional(),
    mode: z.enum(['single', 'restart', 'queued', 'parallel']).default('queued'),
    max: z.int().min(1).max(1_000).optional(),
  })
  .refine(({ mode, max }) => max === undefined || mode === 'queued' || mode === 'parallel', {
    path: ['max'],
    message: 'only "queued" (how many wait) and "parallel" (how many at once) have a "max".',
  });

const throttle = z.strictObject({
  limit: z.int().min(1).max(10_000),
  period: stretch(LONGEST_THROTTLE_MS, '31 days'),
  key: key.optional(),
});

function isExpectation(text: string): boolean {
  const duration = parseDuration(text);
  return duration !== undefined && duration.businessDays + Math.sign(duration.rest.toMillis()) > 0;
}

/** How often and in which order a rule acts. */
export const controlShape = {
  debounce: debounce.optional(),
  concurrency: concurrency.optional(),
  throttle: throttle.optional(),
  priority: z.enum(['deadline', 'normal', 'bulk']).optional(),
  limits: limits.optional(),
  expect_every: z
    .string()
    .refine(isExpectation, 'write how long it may be silent, such as "10 business_days" or "2 weeks".')
    .optional(),
};

export type Debounce = z.output<typeof debounce>;

/** How long a burst waits for the next event, and how long in all, in milliseconds. */
export function debounceTimes({ period, timeout }: Debounce): { periodMs: number; timeoutMs: number } {
  const periodMs = fixedMs(period) ?? SECOND_MS;
  const given = timeout === undefined ? null : fixedMs(timeout);
  return { periodMs, timeoutMs: given ?? Math.min(PERIODS * periodMs, DAY_MS) };
}

/** The words that have a key. */
export const KEYED = ['debounce', 'concurrency', 'throttle'] as const;
