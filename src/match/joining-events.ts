import type { RuleBook } from '../rules/rule-book.js';
import type { Debounce } from '../store/debounce.entity.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { chainRefusal, inputOf } from './match-event.js';
import type { Moment } from './ready-event.js';
import { debounceOf, recordOf } from './run-control.js';

/**
 * Which bursts are not complete, though their time has come: those that one of `events` joins, which came in time and waits
 * itself. Pure.
 */
export function joinedBy(
  events: readonly InboundEvent[],
  book: RuleBook,
  moment: Moment,
): (burst: Pick<Debounce, 'ruleId' | 'key' | 'dueAt'>) => boolean {
  const earliest = new Map<string, number>();
  for (const event of events)
    for (const compiled of book.candidates(...(event.types ?? [event.type]))) {
      if (compiled.rule.debounce === undefined || chainRefusal(event, compiled) !== null) continue;
      const times = debounceOf(compiled, inputOf(event, moment), recordOf(event));
      if (times === null) continue;
      const burst = nameOf({ ruleId: compiled.rule.id, key: times.key });
      earliest.set(burst, Math.min(event.receivedAt, earliest.get(burst) ?? Infinity));
    }
  return (burst) => (earliest.get(nameOf(burst)) ?? Infinity) < burst.dueAt;
}

function nameOf({ ruleId, key }: Pick<Debounce, 'ruleId' | 'key'>): string {
  return `${ruleId} ${key}`;
}
