import { textOf } from '../lib/json.js';
import { changeOf } from './changes.js';
import type { Change, ChangeOperator } from './changes.js';
import { literalText, placeOf, plainNode } from './logic-node.js';
import type { Build, Env, LogicNode } from './logic-node.js';
import { readFact, readRoot } from './scope.js';
import { Unknown } from './unknown.js';
import { leafVerdict } from './verdict.js';

function read(env: Env, path: string): unknown {
  if (env.data === env.scope.facts) return readRoot(env.scope, path);
  const value = readFact(env.data, path);
  return value instanceof Unknown ? new Unknown(value.reason, env.prefix + value.path) : value;
}

const isAbsent = (value: unknown) => value === null || value instanceof Unknown;

/** A path as json-logic lets one write it: text, a place in a list, or nothing for all the data. */
function pathText(value: unknown): string {
  return value === null || value === undefined ? '' : textOf(value);
}

const variable: Build = ({ name, args: [path, fallback], label }) => {
  const source = path?.literal === undefined ? '' : pathText(path.literal.value);
  return plainNode({ label: source === '' ? label : source, source }, name, (env) => {
    const wanted = path === undefined ? null : path.value(env);
    const value = wanted instanceof Unknown ? wanted : read(env, pathText(wanted));
    return fallback !== undefined && isAbsent(value) ? fallback.value(env) : value;
  });
};

const exists: Build = (call) => {
  const path = literalText(call, 0, 'a path');
  const value = (env: Env) => !isAbsent(read(env, path));
  return {
    label: call.label,
    source: '',
    value,
    verdict: (env, at) => {
      const seen = read(env, path);
      const actual = seen instanceof Unknown ? {} : { actual: seen };
      return { node: 'exists', path: at, field: path, expected: true, ...actual, value: value(env) };
    },
  };
};

/** Of the paths, those where there is nothing, null or an empty text. */
function absentOf(env: Env, paths: readonly unknown[]): unknown[] {
  return paths.filter((path) => {
    const value = read(env, pathText(path));
    return isAbsent(value) || value === '';
  });
}

const missing: Build = ({ name, args, label }) =>
  plainNode({ label, source: '' }, name, (env) => {
    const given = args.map((arg) => arg.value(env));
    const paths = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
    return given.find((value) => value instanceof Unknown) ?? absentOf(env, paths);
  });

/** Nothing when at least so many of the paths have a value, else those that have none. */
const missingSome: Build = ({ name, args, label }) => {
  const [needed, options] = args as [LogicNode, LogicNode];
  return plainNode({ label, source: '' }, name, (env) => {
    const [count, paths] = [needed.value(env), options.value(env)];
    if (typeof count !== 'number' || !Array.isArray(paths))
      return new Unknown('wrong_type', placeOf(env, options));
    const absent = absentOf(env, paths);
    return paths.length - absent.length >= count ? [] : absent;
  });
};

function change(operator: ChangeOperator): Build {
  return (call) => {
    const field = literalText(call, 0, 'a path');
    const [, target] = call.args;
    const look = (env: Env): Change & { expected?: unknown } => {
      const expected = target?.value(env);
      if (expected instanceof Unknown) return { value: expected };
      const seen = changeOf(operator, field, expected, env.scope);
      return target === undefined ? seen : { ...seen, expected };
    };
    return {
      label: call.label,
      source: '',
      value: (env) => look(env).value,
      verdict(env, path) {
        const { value, ...seen } = look(env);
        return leafVerdict({ node: operator, path, field, ...seen }, value);
      },
    };
  };
}

export const pathOperators: readonly (readonly [string, Build])[] = [
  ['var', variable],
  ['exists', exists],
  ['missing', missing],
  ['missing_some', missingSome],
  ['changed', change('changed')],
  ['changed_to', change('changed_to')],
  ['changed_from', change('changed_from')],
];
