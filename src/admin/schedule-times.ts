import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Schedule } from '../store/schedule.entity.js';
import { isoTime, moment } from './answer-fields.js';

export const scheduleTimes = z.object({ next_at: moment.nullable(), last_at: moment.nullable() });
export type ScheduleTimes = z.infer<typeof scheduleTimes>;

/** When a rule goes by the clock next, and did last, on any connection; null when it never does. */
export async function scheduleTimesOf(database: Database, ruleId: string): Promise<ScheduleTimes | null> {
  const rows = await database.repo(Schedule).findBy({ ruleId });
  if (rows.length === 0) return null;
  const next = rows.flatMap(({ nextAt }) => nextAt ?? []);
  const last = rows.flatMap(({ lastAt }) => lastAt ?? []);
  return {
    next_at: next.length === 0 ? null : isoTime(Math.min(...next)),
    last_at: last.length === 0 ? null : isoTime(Math.max(...last)),
  };
}
