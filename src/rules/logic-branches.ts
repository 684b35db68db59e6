import { constantNode, isGap, placeOf, plainNode, testOf, truthOf } from './logic-node.js';
import type { Build, Env, LogicNode } from './logic-node.js';
import { toBlame, Unknown } from './unknown.js';
import { allOf, anyOf, negate } from './verdict.js';
import type { Verdict } from './verdict.js';

/** and, or: the value that decides, as in json-logic; an unknown only when no other argument decides. */
function chain(node: 'all' | 'any'): Build {
  const decisive = node === 'any';
  return ({ name, args, label }) => ({
    label,
    source: '',
    value(env) {
      const unknowns: Unknown[] = [];
      let last: unknown;
      for (const arg of args) {
        last = arg.value(env);
        const test = testOf(last, placeOf(env, arg));
        if (test === decisive) return last;
        if (test instanceof Unknown) unknowns.push(test);
      }
      return toBlame(unknowns) ?? last;
    },
    verdict(env, path) {
      const children = args.map((arg, index) => arg.verdict(env, `${path}/${name}/${index}`));
      const decide = decisive ? anyOf : allOf;
      return { node, path, value: decide(children.map(({ value }) => value)), children };
    },
  });
}

const not: Build = ({ name, args, label }) => {
  const [arg] = args as [LogicNode];
  return {
    label,
    source: '',
    value(env) {
      const test = testOf(arg.value(env), placeOf(env, arg));
      return test instanceof Unknown ? test : !test;
    },
    verdict(env, path) {
      const child = arg.verdict(env, `${path}/${name}/0`);
      return { node: 'not', path, value: negate(child.value), children: [child] };
    },
  };
};

const isTruthy: Build = ({ args, label }) => {
  const [arg] = args as [LogicNode];
  return {
    label,
    source: '',
    value: (env) => testOf(arg.value(env), placeOf(env, arg)),
    verdict: (env, path) => arg.verdict(env, `${path}/!!/0`),
  };
};

/** What an `if` without an else comes to. */
const nothing = constantNode(null);

/** The tests that `if` went through, and the argument it came to: an Unknown when a test on the way has no answer. */
function choose(env: Env, args: readonly LogicNode[]): { tested: number; chosen: LogicNode | Unknown } {
  let index = 0;
  for (; index + 1 < args.length; index += 2) {
    const [test, result] = [args[index] as LogicNode, args[index + 1] as LogicNode];
    const answer = testOf(test.value(env), placeOf(env, test));
    if (answer instanceof Unknown) return { tested: index, chosen: answer };
    if (answer) return { tested: index, chosen: result };
  }
  return { tested: index, chosen: args[index] ?? nothing };
}

const ifElse: Build = ({ name, args, label }) => {
  const value = (env: Env) => {
    const { chosen } = choose(env, args);
    return chosen instanceof Unknown ? chosen : chosen.value(env);
  };
  return {
    label,
    source: '',
    value,
    verdict(env, path) {
      const { tested, chosen } = choose(env, args);
      const at = (index: number) => `${path}/${name}/${index}`;
      const tests = args
        .slice(0, tested + 1)
        .flatMap((arg, index) => (index % 2 === 0 && arg !== chosen ? [arg.verdict(env, at(index))] : []));
      const result: Verdict[] =
        chosen instanceof Unknown ? [] : [chosen.verdict(env, at(args.indexOf(chosen)))];
      return { node: 'if', path, value: truthOf(value(env)), children: [...tests, ...result] };
    },
  };
};

/** The first argument that is there and not null; what the last one gives when there is none. */
const firstKnown: Build = ({ name, args, label }) =>
  plainNode({ label, source: '' }, name, (env) => {
    let value: unknown;
    for (const arg of args) {
      value = arg.value(env);
      if (!isGap(value)) return value;
    }
    return value;
  });

export const branchOperators: readonly (readonly [string, Build])[] = [
  ['and', chain('all')],
  ['or', chain('any')],
  ['!', not],
  ['!!', isTruthy],
  ['if', ifElse],
  ['?:', ifElse],
  ['??', firstKnown],
];
