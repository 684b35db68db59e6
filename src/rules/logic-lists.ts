import { MAX_LIST } from './operators.js';
import { spend, truthOf } from './logic-node.js';
import type { Env, LogicNode } from './logic-node.js';
import { Unknown } from './unknown.js';
import { allOf, anyOf } from './verdict.js';

type ListOperator = (env: Env, args: readonly LogicNode[]) => unknown;

/** The list, or why there is none. */
function listOf(env: Env, node: LogicNode): readonly unknown[] | Unknown {
  const list = node.value(env);
  const source = node.source === '' ? '' : env.prefix + node.source;
  if (list instanceof Unknown) return list;
  if (list === null) return new Unknown('empty_value', source);
  if (!Array.isArray(list)) return new Unknown('wrong_type', source);
  return list.length > MAX_LIST ? new Unknown('too_large', source) : list;
}

/** What `inner` gives for each item, with the item as its only data, or why there is no list. */
function each(env: Env, [outer, inner]: readonly LogicNode[]): { items: readonly unknown[]; results: unknown[] } | Unknown {
  const [list, body] = [outer as LogicNode, inner as LogicNode];
  const items = listOf(env, list);
  if (items instanceof Unknown) return items;
  const place = list.source === '' ? '' : `${env.prefix}${list.source}.`;
  const results = items.map((item, index) => {
    spend(env.budget);
    return body.value({ ...env, data: item, prefix: place === '' ? '' : `${place}${index}.` });
  });
  return { items, results };
}

function firstUnknown(results: readonly unknown[]): Unknown {
  const blamed = results.find((result) => truthOf(result) === 'unknown');
  return blamed instanceof Unknown ? blamed : new Unknown('empty_value', '');
}

const map: ListOperator = (env, args) => {
  const list = each(env, args);
  if (list instanceof Unknown) return list;
  return list.results.find((result) => result instanceof Unknown) ?? list.results;
};

const filter: ListOperator = (env, args) => {
  const list = each(env, args);
  if (list instanceof Unknown) return list;
  const truths = list.results.map(truthOf);
  if (truths.includes('unknown')) return firstUnknown(list.results);
  return list.items.filter((_, index) => truths[index] === true);
};

/** As in json-logic, `all` of an empty list is false. */
function quantified(decide: typeof allOf, onEmpty: boolean, isNegated: boolean): ListOperator {
  return (env, args) => {
    const list = each(env, args);
    if (list instanceof Unknown) return list;
    if (list.results.length === 0) return onEmpty;
    const truth = decide(list.results.map(truthOf));
    return truth === 'unknown' ? firstUnknown(list.results) : truth !== isNegated;
  };
}

const reduce: ListOperator = (env, [outer, body, start]) => {
  const items = listOf(env, outer as LogicNode);
  if (items instanceof Unknown) return items;
  let accumulator = start === undefined ? null : start.value(env);
  for (const current of items) {
    spend(env.budget);
    if (accumulator instanceof Unknown) return accumulator;
    accumulator = (body as LogicNode).value({ ...env, data: { current, accumulator }, prefix: '' });
  }
  return accumulator;
};

/** The operators that ask their second argument about every item of the first. */
export const listOperators: ReadonlyMap<string, ListOperator> = new Map([
  ['map', map],
  ['filter', filter],
  ['reduce', reduce],
  ['all', quantified(allOf, false, false)],
  ['some', quantified(anyOf, false, false)],
  ['none', quantified(anyOf, true, true)],
]);

