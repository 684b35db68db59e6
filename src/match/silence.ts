import { addDuration } from '../rules/business-days.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { calendarOf } from '../rules/calendar.js';
import { parseDuration, parseMoment } from '../rules/dates.js';
import { renderVerdict } from '../rules/describe-verdict.js';
import { missesOf } from '../rules/nearest-miss.js';
import type { Verdict } from '../rules/verdict.js';
import type { JsonObject } from '../lib/json.js';

const MOST_MISSES = 3;

/** When a rule that expects to match has been silent for too long, in epoch milliseconds; null when it expects nothing. */
export function silentAt({ rule, calendar }: CompiledRule, since: number): number | null {
  const duration = parseDuration(rule.expect_every ?? '');
  const { timezone: zone = 'UTC' } = rule;
  const start = parseMoment(new Date(since).toISOString(), zone);
  if (duration === undefined || start === undefined) return null;
  const facts = calendar === null ? {} : { calendar: calendar as unknown as JsonObject };
  return addDuration(start, duration, { calendar: calendarOf(facts), zone }).at.toMillis();
}

/** What was decided meanwhile, by outcome and reason. */
export interface Told {
  reason: string;
  count: number;
}

/** What to say of a silent rule. `latest` is the explanation of the last refusal. */
export function silenceMessage(
  { rule }: CompiledRule,
  since: number,
  told: readonly Told[],
  latest: Verdict | null,
): string {
  const counts = told.map(({ reason, count }) => `${count} ${reason}`).join(', ');
  const misses = latest === null ? [] : missesOf(latest).flatMap((miss) => renderVerdict(miss).slice(0, 1));
  const shown = misses.slice(0, MOST_MISSES).join('; ');
  const meanwhile = counts === '' ? 'No event that it listens to came' : `Its decisions since: ${counts}`;
  const asks = rule.owner === undefined ? '' : ` It is ${rule.owner}'s.`;
  return (
    `The rule ${rule.id} has not matched since ${new Date(since).toISOString()}, and expects to every ${rule.expect_every ?? ''}. ` +
    `${meanwhile}.${shown === '' ? '' : ` The last refusal: ${shown}.`} ` +
    `Ask "praetor rules explain ${rule.id} RECORD" about a record that it should have matched, or change expect_every.${asks}`
  );
}
