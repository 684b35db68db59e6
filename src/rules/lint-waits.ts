import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Vocabulary } from './rule-vocabulary.js';
import type { Rule } from './rule.js';
import { daysIn, type RuleStep } from './step.js';
import { armsOf } from './step-tree.js';

/** In days: what may happen meanwhile must be told to longer ones. */
export const LONGEST_BLIND_WAIT = 30;

/**
 * R051: a wait that nothing ends is an error where it is too long by itself, and a warning where several are that come one
 * after the other, with the time that approvals give. Without a record there is no event that could end it.
 */
export function lintWaits(
  rule: Rule,
  models: readonly string[],
  vocabulary: Vocabulary,
  report: Report,
): void {
  const [model] = models;
  if (rule.cancel_when !== undefined || model === undefined) return;
  const waits = new Waits(exampleFor(model, vocabulary), report);
  waits.through(rule.actions, ['actions'], 0);
  waits.through(rule.on_failure ?? [], ['on_failure'], 0);
}

/** An event that makes a wait for a record pointless. */
function exampleFor(model: string, { models }: Vocabulary): string {
  const words = models.get(model);
  const isOfMatter = model === 'matter' || words?.fields.has('matter') === true;
  const own = ['completed', 'paid', 'deleted'].find((what) => words?.events.includes(what));
  return isOfMatter || own === undefined ? 'matter.closed' : `${model}.${own}`;
}

class Waits {
  constructor(
    private readonly example: string,
    private readonly report: Report,
  ) {}

  /**
   * The days that a run may have waited behind these steps, when it has waited `before` of them; null where they end it.
   * Nobody knows whether an `if` holds, and a run goes on behind one that is unknown.
   */
  through(steps: readonly RuleStep[], place: Place, before: number): number | null {
    let days = before;
    for (const [index, step] of steps.entries()) {
      const at = [...place, index];
      if ('stop' in step) return null;
      if ('wait' in step) days = this.wait(step.wait.for, [...at, 'wait', 'for'], days);
      if ('approval' in step) days = this.answer(step.approval.timeout, [...at, 'approval', 'timeout'], days);
      const ways = armsOf(step).map((arm) => this.through(arm.steps, [...at, ...arm.at], days) ?? days);
      const longest = Math.max(days, ...ways);
      days = 'for_each' in step ? this.turns(longest - days, step.max ?? 1, at, days) : longest;
    }
    return days;
  }

  private wait(time: string | undefined, place: Place, before: number): number {
    const own = time === undefined ? 0 : daysIn(time);
    const days = before + own;
    if (own > LONGEST_BLIND_WAIT)
      this.report(
        'R051',
        `A wait of more than ${LONGEST_BLIND_WAIT} days needs "cancel_when": the events that make it pointless, such as { event: ${this.example} }.`,
        place,
      );
    else if (isTooMuch(before, days))
      this.together(`With this wait a run may wait ${shown(days)} days`, place);
    return days;
  }

  /** People may let all of the time pass that an approval gives them. */
  private answer(timeout: string | undefined, place: Place, before: number): number {
    const days = before + (timeout === undefined ? 0 : daysIn(timeout));
    if (isTooMuch(before, days))
      this.together(`With this approval a run may wait ${shown(days)} days`, place);
    return days;
  }

  /** The entries of a list have their turns one after the other. */
  private turns(each: number, most: number, place: Place, before: number): number {
    const days = before + each * most;
    if (isTooMuch(before + each, days))
      this.together(`For ${most} entries, one after the other, a run may wait ${shown(days)} days`, [
        ...place,
        'for_each',
      ]);
    return days;
  }

  private together(what: string, place: Place): void {
    this.report(
      'R051',
      `${what} in all, and more than ${LONGEST_BLIND_WAIT} need "cancel_when": the events that make it pointless, such as { event: ${this.example} }.`,
      place,
      'warning',
    );
  }
}

/** Told once on each way. */
function isTooMuch(before: number, days: number): boolean {
  return before <= LONGEST_BLIND_WAIT && days > LONGEST_BLIND_WAIT;
}

function shown(days: number): string {
  return String(Math.ceil(days));
}
