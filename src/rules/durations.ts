import { parseDuration } from './dates.js';

/** What is wrong with the duration of such a test, for people; null when it can be meant. */
export function durationProblem(text: string): string | null {
  const duration = parseDuration(text);
  if (duration === undefined)
    return `"${text}" is no length of time; write one like "3 days", "2 business_days" or "PT2H".`;
  const { businessDays, rest } = duration;
  return businessDays + rest.toMillis() > 0 ? null : `"${text}" is no time at all; write one like "3 days".`;
}
