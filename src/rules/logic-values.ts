import { countingOf } from './business-days.js';
import { literalText, placeOf, testOf } from './logic-node.js';
import type { Build, Call, Env, LogicNode } from './logic-node.js';
import { valueOperators } from './operators.js';
import type { Operator } from './operators.js';
import { below } from './place.js';
import { compilePattern } from './text-pattern.js';
import { Unknown } from './unknown.js';
import { leafVerdict } from './verdict.js';

/** What the comparisons are called in a field test, as they stand and with their sides swapped. */
const comparisons: Readonly<Record<string, readonly [word: string, swapped?: string]>> = {
  '==': ['is', 'is'],
  '===': ['is', 'is'],
  '!=': ['is_not', 'is_not'],
  '!==': ['is_not', 'is_not'],
  '>': ['gt', 'lt'],
  '>=': ['gte', 'lte'],
  '<': ['lt', 'gt'],
  '<=': ['lte', 'gte'],
  in: ['in'],
  any_of: ['any_of'],
  starts_with: ['starts_with'],
  matches: ['matches'],
};

/** The values of the arguments, or the first that is not known. Null is no value to compare or to count with. */
function valuesOf(env: Env, args: readonly LogicNode[]): unknown[] | Unknown {
  const values: unknown[] = [];
  for (const arg of args) {
    const value = arg.value(env);
    if (value instanceof Unknown) return value;
    if (value === null) return new Unknown('empty_value', placeOf(env, arg));
    values.push(value);
  }
  return values;
}

function apply(env: Env, { operate }: Operator, args: readonly LogicNode[]): unknown {
  const values = valuesOf(env, args);
  if (values instanceof Unknown) return values;
  return operate({
    values,
    labels: args.map((arg) => placeOf(env, arg)),
    ...countingOf(env.scope),
  });
}

/** What two sides of a comparison were: the side that is no literal comes first, as in a field test. */
function seenOf(env: Env, name: string, args: readonly LogicNode[]): object {
  const words = comparisons[name];
  const [a, b] = args as [LogicNode, LogicNode];
  if (words === undefined || args.length !== 2) return { node: name, field: `${name}(${labels(args)})` };
  const [word, swapped] = words;
  const isSwapped = swapped !== undefined && a.literal !== undefined && b.literal === undefined;
  const [left, right] = isSwapped ? [b, a] : [a, b];
  return {
    node: isSwapped ? swapped : word,
    field: left.label,
    ...known('actual', left.value(env)),
    ...known('expected', right.value(env)),
    ...(right.literal === undefined ? { expectedField: right.label } : {}),
  };
}

const labels = (args: readonly LogicNode[]) => args.map(({ label }) => label).join(', ');
const known = (key: string, value: unknown) => (value instanceof Unknown ? {} : { [key]: value });

/** A test whose verdict names both sides. */
function testNode({ name, args, label }: Call, value: LogicNode['value']): LogicNode {
  return {
    label,
    source: '',
    value,
    verdict: (env, path) =>
      leafVerdict({ node: name, path, ...seenOf(env, name, args) }, testOf(value(env), '')),
  };
}

function valueNode(operator: Operator): Build {
  return (call) => testNode(call, (env) => apply(env, operator, call.args));
}

/** `==` and `!=` against a null that stands in the rule: the spelling of `is: null` in json-logic. */
function orNullTest(name: string, build: Build): Build {
  const isNegated = name.startsWith('!');
  return (call) => {
    const [a, b] = call.args as [LogicNode, LogicNode];
    if (a.literal?.value !== null && b.literal?.value !== null) return build(call);
    const tested = a.literal?.value === null ? b : a;
    return testNode(call, (env) => {
      const value = tested.value(env);
      if (value instanceof Unknown && !value.isGap) return value;
      return (value === null || value instanceof Unknown) !== isNegated;
    });
  };
}

const matches: Build = (call) => {
  const [text] = call.args as [LogicNode];
  const pattern = literalText(call, 1, 'a pattern');
  const isMatch = compilePattern(pattern, below(call.path, call.name, 1));
  return testNode(call, (env) => {
    const values = valuesOf(env, [text]);
    if (values instanceof Unknown) return values;
    const [value] = values;
    return typeof value === 'string' ? isMatch(value) : new Unknown('wrong_type', placeOf(env, text));
  });
};

export const valueBuilds: readonly (readonly [string, Build])[] = [
  ...[...valueOperators].map(([name, operator]) => {
    const build = valueNode(operator);
    return [name, /^[!=]==?$/.test(name) ? orNullTest(name, build) : build] as const;
  }),
  ['matches', matches],
];
