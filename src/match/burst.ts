import { counted, wordFor } from '../lib/counted.js';
import { changedPaths } from '../lib/record-diff.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { eventsOf } from '../rules/trigger.js';
import type { Verdict } from '../rules/verdict.js';
import type { Debounce } from '../store/debounce.entity.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { isAnswered } from '../store/join-burst.js';
import type { NewDecision } from '../store/run-settlement.js';

/**
 * The last event of a burst as if it were the only one: compared with the record before the first. A type that follows
 * from a change is kept only if that change is left, and a record that was made in the burst is seen as made. Pure.
 */
export function burstEvent(
  { previous, types, depth }: Debounce,
  last: InboundEvent,
  { rule, derivedPaths }: CompiledRule,
): InboundEvent {
  const changed = previous === null ? last.changed : changedPaths(previous, last.record ?? last.payload);
  const heard = eventsOf(rule);
  const listens = (type: string) => heard.includes(type);
  const isMade = types.some((type) => type.endsWith('.created') && listens(type));
  const kept = types.filter((type) => {
    const paths = derivedPaths?.get(type);
    if (isMade && type.endsWith('.updated')) return false;
    return previous === null || paths === undefined || isAnswered(paths, changed ?? []);
  });
  return { ...last, previous, changed, types: kept, depth };
}

/** A to B to A: a record that was there before, is there still, and looks as it did. */
export function isNoChange({ previous, changed, type, types }: InboundEvent): boolean {
  if (previous === null || changed === null || changed.length > 0) return false;
  return ![type, ...(types ?? [])].some((one) => /\.(created|deleted)$/.test(one));
}

type Decided = Pick<NewDecision, 'outcome' | 'reason' | 'explanation'>;

export function noChange(burst: Debounce): Decided {
  const reason = `${toldEvents(burst)}, and the record is as it was before the first: nothing has changed.`;
  return { outcome: 'not_matched', reason: 'no_change', explanation: controlVerdict('debounce', reason) };
}

/** The rule was taken away while its event waited. */
export function noRuleAnyMore(ruleId: string, what: 'debounce' | 'lookups'): Decided {
  const reason = `The rule ${ruleId} was removed while the event waited for its ${what}.`;
  return { outcome: 'suppressed', reason: 'rule_removed', explanation: controlVerdict(what, reason) };
}

/** The explanation with a line that says what was compared. */
export function withBurst(explanation: object | null, burst: Debounce): object | null {
  if (explanation === null || burst.events === 1) return explanation;
  const { notes = [], ...verdict } = explanation as Verdict;
  const line = `${toldEvents(burst)}: compared with the record before event ${burst.firstEventId}`;
  return { ...verdict, notes: [...notes, line] };
}

function toldEvents({ events, key }: Debounce): string {
  return `${counted(events, 'event')} of "${key}" ${wordFor(events, 'was', 'were')} debounced as one`;
}

function controlVerdict(path: string, reason: string): Verdict {
  return { node: 'control', path, value: false, reason };
}
