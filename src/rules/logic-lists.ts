import { placeOf, plainNode, spend, truthOf } from './logic-node.js';
import type { Build, Env, LogicNode } from './logic-node.js';
import { MAX_LIST } from './operators.js';
import { toBlame, Unknown } from './unknown.js';
import { allOf, anyOf } from './verdict.js';
import type { Truth } from './verdict.js';

/** The list, or why there is none. */
function listOf(env: Env, node: LogicNode): readonly unknown[] | Unknown {
  const list = node.value(env);
  if (list instanceof Unknown) return list;
  if (list === null) return new Unknown('empty_value', placeOf(env, node));
  if (!Array.isArray(list)) return new Unknown('wrong_type', placeOf(env, node));
  return list.length > MAX_LIST ? new Unknown('too_large', placeOf(env, node)) : list;
}

type OfResults = (results: readonly unknown[], items: readonly unknown[]) => unknown;

/** Asks the second argument about every item of the first, with the item as its only data. */
function forEach(ofResults: OfResults): Build {
  return ({ name, args, label }) => {
    const [list, body] = args as [LogicNode, LogicNode];
    return plainNode({ label, source: '' }, name, (env) => {
      const items = listOf(env, list);
      if (items instanceof Unknown) return items;
      const place = placeOf(env, list);
      const results = items.map((data, index) => {
        spend(env.budget);
        return body.value({ ...env, data, prefix: place === '' ? '' : `${place}.${index}.` });
      });
      return ofResults(results, items);
    });
  };
}

function firstUnknown(results: readonly unknown[]): Unknown {
  return toBlame(results.filter((result) => result instanceof Unknown)) ?? new Unknown('empty_value', '');
}

const map: OfResults = (results) =>
  results.some((result) => result instanceof Unknown) ? firstUnknown(results) : results;

const filter: OfResults = (results, items) => {
  const truths = results.map(truthOf);
  if (truths.includes('unknown')) return firstUnknown(results);
  return items.filter((_, index) => truths[index] === true);
};

const quantifier =
  (decide: (truths: readonly Truth[]) => Truth): OfResults =>
  (results) => {
    const truth = decide(results.map(truthOf));
    return truth === 'unknown' ? firstUnknown(results) : truth;
  };

const some = quantifier(anyOf);
const every = quantifier(allOf);

/** As in json-logic, `all` of an empty list is false. */
const all: OfResults = (results, items) => items.length > 0 && every(results, items);

const none: OfResults = (results, items) => {
  const found = some(results, items);
  return found instanceof Unknown ? found : found !== true;
};

const reduce: Build = ({ name, args, label }) => {
  const [list, body, start] = args as [LogicNode, LogicNode, LogicNode?];
  return plainNode({ label, source: '' }, name, (env) => {
    const items = listOf(env, list);
    if (items instanceof Unknown) return items;
    let accumulator = start === undefined ? null : start.value(env);
    for (const current of items) {
      spend(env.budget);
      if (accumulator instanceof Unknown) return accumulator;
      accumulator = body.value({ ...env, data: { current, accumulator }, prefix: '' });
    }
    return accumulator;
  });
};

export const listOperators: readonly (readonly [string, Build])[] = [
  ['map', forEach(map)],
  ['filter', forEach(filter)],
  ['all', forEach(all)],
  ['some', forEach(some)],
  ['none', forEach(none)],
  ['reduce', reduce],
];
