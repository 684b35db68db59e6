import type { ModelNeeds } from './compiled-rule.js';
import { groundedPaths } from './ground-path.js';
import { heldPaths } from './held-since.js';
import type { Uses } from './path-uses.js';
import { modelNamesOf } from './rule-models.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { eventsOf } from './trigger.js';

/** The fields that `held_for` asks about. */
export function heldFields({ paths }: Uses): string[] {
  return [...new Set(paths.flatMap(({ path, test }) => (test?.operator === 'held_for' ? path : [])))];
}

/** What the webhooks and reads must bring: events and paths by model. */
export function needsOf(rule: Rule, uses: Uses, vocabulary: Vocabulary): ReadonlyMap<string, ModelNeeds> {
  const needs = new Map<string, ModelNeeds>();
  const needOf = (model: string): ModelNeeds => {
    const need = needs.get(model) ?? { events: new Set<string>(), paths: new Set<string>() };
    needs.set(model, need);
    return need;
  };
  for (const name of modelNamesOf(rule, vocabulary)) needOf(vocabulary.models.get(name)?.model ?? name);
  for (const event of eventsOf(rule)) {
    const [name = '', what = ''] = event.split('.');
    const words = vocabulary.models.get(name);
    const known = needOf(words?.model ?? name);
    const source = words?.derived?.get(what) ?? { events: [what], paths: [] };
    for (const one of source.events) known.events.add(one);
    for (const path of source.paths) known.paths.add(path);
  }
  for (const path of groundedPaths(rule, uses.paths)) {
    const [root = '', ...rest] = path.split('.');
    if (rest.length === 0) continue;
    const readers = root === 'previous' ? [...needs.values()] : [needs.get(root)];
    for (const reader of readers) reader?.paths.add(rest.join('.'));
  }
  for (const path of heldFields(uses)) {
    const need = needs.get(path.split('.')[0] ?? '');
    const paths = heldPaths(path);
    for (const one of paths) need?.paths.add(one);
    // Where Clio does not say since when it is so, only who hears of every change knows.
    if (paths.length === 1) need?.events.add('updated');
  }
  return needs;
}
