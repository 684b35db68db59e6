import type { CompiledRule } from './compiled-rule.js';
import { isExact, isImpossible } from './field-domain.js';
import { usesOf } from './path-uses.js';
import { limitsIn } from './placed-limits.js';
import { stepsOf } from './step-tree.js';
import type { ActionEffect, Vocabulary } from './rule-vocabulary.js';
import { eventsOf } from './trigger.js';

/** What one rule's action does that another rule, or the same, looks at. */
export interface Link {
  from: CompiledRule;
  to: CompiledRule;
  /** `clio.task.create causes task.created`. */
  because: string;
  /** Whether nothing in the rule that is started can stop it. */
  isCertain: boolean;
}

/** The ways that lead from rules back to themselves, each once, the shortest through its first rule. */
export function loopsOf(rules: readonly CompiledRule[], vocabulary: Vocabulary): Link[][] {
  const links = linksOf(rules, vocabulary);
  const loops = new Map<string, Link[]>();
  for (const rule of rules) {
    const loop = shortestLoop(rule, links);
    const members = loop?.map(({ from }) => from.rule.id).sort();
    if (loop !== undefined && members !== undefined && !loops.has(members.join()))
      loops.set(members.join(), loop);
  }
  return [...loops.values()];
}

function shortestLoop(start: CompiledRule, links: readonly Link[]): Link[] | undefined {
  const seen = new Set<CompiledRule>();
  let trails: Link[][] = links.filter(({ from }) => from === start).map((link) => [link]);
  while (trails.length > 0) {
    const closed = trails.find((trail) => trail.at(-1)?.to === start);
    if (closed !== undefined) return closed;
    trails = trails.flatMap((trail) => {
      const end = trail.at(-1)?.to;
      if (end === undefined || seen.has(end)) return [];
      seen.add(end);
      return links.filter(({ from }) => from === end).map((link) => [...trail, link]);
    });
  }
  return undefined;
}

/** Our own changes start only rules with `chain: allow`; a rule that sends nothing starts none. */
function linksOf(rules: readonly CompiledRule[], vocabulary: Vocabulary): Link[] {
  const awake = rules.filter(({ rule }) => rule.enabled && rule.mode === 'active');
  const listening = awake.filter(({ rule }) => rule.chain === 'allow');
  return awake.flatMap((from) =>
    listening.flatMap((to) => {
      for (const { action, with: given } of from.steps.map(({ spec }) => spec))
        for (const effect of vocabulary.effects?.get(action) ?? []) {
          const written = effect.fields ?? Object.keys(given);
          const isHeard = hears(to, effect, written, vocabulary) && !isRuledOut(to, effect, given);
          const because = `${action} causes ${effect.model}.${effect.what}`;
          if (isHeard) return [{ from, to, because, isCertain: from === to && isUnstoppable(to, effect) }];
        }
      return [];
    }),
  );
}

function hears(
  { rule }: CompiledRule,
  { model, what }: ActionEffect,
  written: readonly string[],
  vocabulary: Vocabulary,
): boolean {
  const asked = usesOf({ ...rule, actions: [], on_failure: undefined, vars: {} }).paths.filter(
    ({ source }) => source === 'condition',
  );
  const read = asked.map(({ path }) => path.split('.')[1] ?? '');
  return eventsOf(rule).some((event) => {
    const [name = '', happened = ''] = event.split('.');
    const words = vocabulary.models.get(name);
    const derived = happened === what ? undefined : words?.derived?.get(happened);
    if ((words?.model ?? name) !== model) return false;
    if (what !== 'updated') return happened === what || derived?.events.includes(what) === true;
    const touches = (fields: readonly string[]) =>
      written.some((field) => fields.some((one) => one === field || one.endsWith(`_${field}`)));
    if (derived !== undefined) return touches(derived.paths.map((path) => path.split('.')[0] ?? ''));
    if (happened !== what) return false;
    return rule.evaluation === 'level' || rule.conditions === null || touches(read);
  });
}

/** Whether a change writes, as it stands there, what the conditions of the rule rule out: it ends there by itself. */
function isRuledOut(
  { rule }: CompiledRule,
  { model, what }: ActionEffect,
  given: Readonly<Record<string, unknown>>,
): boolean {
  if (what !== 'updated') return false;
  const limits = limitsIn(rule.conditions, ['conditions']);
  const domain = { zone: rule.timezone ?? 'UTC' };
  return Object.entries(given).some(([name, value]) => {
    const own = limits.filter(({ field }) => field === `${model}.${name}`);
    const values = typeof value === 'string' ? [value, capital(value)] : [value];
    return isWord(value) && isImpossible([...own, { operator: 'in', values }], domain);
  });
}

/** What Clio keeps as it is written; a text may also stand for a number or a date there. */
function isWord(value: unknown): boolean {
  if (typeof value !== 'string') return typeof value === 'number' || typeof value === 'boolean';
  return isExact(value) && !value.includes('{{') && !/^[-\d.]+$|^true$|^false$/.test(value);
}

/** Clio reads "Open" where it is written "open". */
function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A new record is new for every key that names it; a changed one meets conditions, or a key that it has met before. */
function isUnstoppable({ rule }: CompiledRule, { what }: ActionEffect): boolean {
  const { conditions, idempotency_key: key } = rule;
  const isOnceForAll =
    key !== undefined && !/\.(id|record_id|updated_at|etag)\b|\bnow\b/.test(key.replaceAll('rule.id', ''));
  return (
    what === 'created' &&
    conditions === null &&
    !isOnceForAll &&
    stepsOf(rule).every(({ spec }) => 'action' in spec && spec.if === undefined)
  );
}
