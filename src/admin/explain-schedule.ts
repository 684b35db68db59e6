import { In, IsNull, Like } from 'typeorm';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { Alert } from '../store/alert.entity.js';
import type { Database } from '../store/database.js';
import type { Cause } from './explain-views.js';
import type { RuleDetail } from './rule-views.js';

/** When a rule that goes by the clock was and will be due: without a look at the record nothing else starts it. */
export function causeOfTime({ schedule }: RuleDetail, compiled: CompiledRule | undefined): Cause[] {
  if (compiled === undefined || compiled.schedules.length === 0) return [];
  const last = schedule?.last_at ?? null;
  const next = schedule?.next_at ?? null;
  const wanted = compiled.schedules.some(({ query }) => query !== null)
    ? ' It is asked about the records that its query finds then.'
    : '';
  const message = `The rule goes by the clock: ${last === null ? 'it was not due yet' : `last at ${last}`}, ${next === null ? 'and nothing is planned' : `next at ${next}`}.${wanted}`;
  return [{ code: 'goes_by_the_clock', message }];
}

/** What kept the rule, at the last of its times, from being asked about any record at all. */
export async function causesOfQueries(database: Database, ruleId: string): Promise<Cause[]> {
  const kinds = ['too_many_records', 'schedule_failed'] as const;
  const open = await database.repo(Alert).find({
    where: { kind: In([...kinds]), subject: Like(`${ruleId} %`), closedAt: IsNull() },
    order: { id: 'ASC' },
  });
  return open.flatMap(({ kind, message }) => {
    const code = kinds.find((one) => one === kind);
    return code === undefined ? [] : [{ code, message }];
  });
}
