import type { JsonObject } from '../lib/json.js';
import { debounceTimes, fixedMs } from '../rules/control.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { keyFacts, type EvaluationInput } from '../rules/evaluate-rule.js';
import { runsPerHour } from '../rules/limits.js';
import { compileTemplate } from '../rules/template.js';
import { BULK, DEADLINE, NORMAL, type RunControl } from '../store/run-control.js';

const PRIORITIES = { deadline: DEADLINE, normal: NORMAL, bulk: BULK } as const;

/** `matter/123`. */
export function recordOf({ model, recordId }: { model: string; recordId: string }): string {
  return `${model}/${recordId}`;
}

/** How a matched rule's run may be started, with the keys filled in from its facts; a key that says nothing is the record. */
export function controlOf({ rule }: CompiledRule, facts: JsonObject, record: string): RunControl {
  const { concurrency, throttle, priority = 'normal', limits, owner = null } = rule;
  const keyOf = (word: string, key: string | undefined) => renderKey(word, key, facts) ?? record;
  return {
    priority: PRIORITIES[priority],
    concurrency:
      concurrency === undefined
        ? null
        : {
            key: keyOf('concurrency', concurrency.key),
            mode: concurrency.mode,
            max: concurrency.max ?? null,
          },
    throttle:
      throttle === undefined
        ? null
        : {
            // Without a key the whole rule shares the throttle: it is there to spare Clio and people.
            key: throttle.key === undefined ? '' : keyOf('throttle', throttle.key),
            limit: throttle.limit,
            periodMs: fixedMs(throttle.period) ?? 0,
          },
    limit: { runsPerHour: runsPerHour(rule), onExceed: limits?.on_exceed ?? 'pause' },
    owner,
  };
}

/** What a rule's debounce makes of an event; null when the rule decides it at once. */
export function debounceOf(
  compiled: CompiledRule,
  input: EvaluationInput,
  record: string,
): { key: string; periodMs: number; timeoutMs: number } | null {
  const { debounce } = compiled.rule;
  if (debounce === undefined) return null;
  const facts = factsOrNull(compiled, input);
  if (facts === null) return null;
  return { key: renderKey('debounce', debounce.key, facts) ?? record, ...debounceTimes(debounce) };
}

/** A rule that breaks here breaks again when it decides, and says so there. */
function factsOrNull(compiled: CompiledRule, input: EvaluationInput): JsonObject | null {
  try {
    return keyFacts(compiled, input);
  } catch {
    return null;
  }
}

/** Null without a key, and where it cannot be filled in: then the record stands in, so that nothing is lost over it. */
function renderKey(word: string, key: string | undefined, facts: JsonObject): string | null {
  if (key === undefined) return null;
  try {
    return compileTemplate(key, { html: false, path: `${word}/key` }).render(facts);
  } catch {
    return null;
  }
}
