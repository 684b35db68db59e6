import { isObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import type { Diagnostic } from './diagnostic.js';
import { MOST_DAYS, momentNamed } from './due-time.js';
import { isPaused } from './evaluate-rule.js';
import { LONGEST_BLIND_WAIT } from './lint-waits.js';
import type { Place } from './place.js';
import { readDocuments } from './read-documents.js';
import { stepsOf } from './step-tree.js';

const DAY_MS = 86_400_000;

interface Remark {
  code: 'R005' | 'R051';
  message: string;
  place: Place;
}

/**
 * R005 and R051: the times that stand in rules as they are, seen from `now`. Warnings, since a rule that was sound
 * yesterday does not break overnight.
 */
export function lintTimes(rules: readonly CompiledRule[], now: Date): Diagnostic[] {
  return rules.flatMap((compiled) => {
    const remarks = [...waitsOf(compiled, now), ...pauseOf(compiled, now)];
    if (remarks.length === 0) return [];
    const { file, source, idAt, rule } = compiled;
    const own = readDocuments(file, source).find(({ value }) => isObject(value) && value['id'] === rule.id);
    return remarks.map(({ place, ...remark }) => ({
      ...{ ...remark, severity: 'warning' as const, file, path: place.join('/') },
      ...(own?.position(place) ?? idAt),
    }));
  });
}

function waitsOf({ rule }: CompiledRule, now: Date): Remark[] {
  return stepsOf(rule).flatMap(({ spec, place }): Remark[] => {
    const until = 'wait' in spec ? spec.wait.until : undefined;
    // A time of day is today's, whichever day that is.
    const at = until === undefined ? undefined : momentNamed(until, rule.timezone ?? 'UTC');
    if (at === undefined) return [];
    const days = (at - now.getTime()) / DAY_MS;
    const here = { place: [...place, 'wait', 'until'] };
    if (days <= 0)
      return [
        {
          code: 'R005',
          message: `"${until}" is past: the run would not wait at all. Write a time to come, or the field that has it, such as "{{matter.close_date}}".`,
          ...here,
        },
      ];
    if (days > MOST_DAYS)
      return [
        {
          code: 'R005',
          message: `"${until}" is more than ${MOST_DAYS} days away, and a run waits no longer than that: the step would fail.`,
          ...here,
        },
      ];
    if (days <= LONGEST_BLIND_WAIT || rule.cancel_when !== undefined) return [];
    return [
      {
        code: 'R051',
        message: `Until "${until}" it is more than ${LONGEST_BLIND_WAIT} days; add "cancel_when": the events that make the wait pointless, such as { event: matter.closed }.`,
        ...here,
      },
    ];
  });
}

function pauseOf(compiled: CompiledRule, now: Date): Remark[] {
  const { paused, timezone = 'UTC' } = compiled.rule;
  if (paused?.until === undefined || isPaused(compiled, now, timezone)) return [];
  return [
    {
      code: 'R005',
      message: `The pause was over on ${paused.until}, and the rule acts again; take "paused" out, or write a time to come.`,
      place: ['paused', 'until'],
    },
  ];
}
