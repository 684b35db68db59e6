import { readPath } from '../lib/json.js';
import { compileFieldTest } from './field-test.js';
import { compileLogic, Meter } from './logic.js';
import { envOf } from './logic-node.js';
import type { Condition } from './condition.js';
import type { Scope } from './scope.js';
import { allOf, anyOf, negate } from './verdict.js';
import type { Truth, Verdict } from './verdict.js';

/** A condition as a function. Pure: the same scope gives the same verdict. */
export type CompiledCondition = (scope: Scope) => Verdict;

/**
 * Compiles a condition once. `path` is where it stands in the rule. Throws RuleError `rule.invalid` when a part of it
 * can never be evaluated: an unknown operator, a pattern that is none, more than 500 parts or 20 levels.
 */
export function compileCondition(condition: Condition, path = 'conditions'): CompiledCondition {
  return compile(condition, path, new Meter(), 1);
}

function compile(condition: Condition, path: string, meter: Meter, depth: number): CompiledCondition {
  meter.enter(depth, path);
  const named = condition.name === undefined ? {} : { name: condition.name };
  const inner = (parts: readonly Condition[], at: string) =>
    parts.map((part, index) => compile(part, `${path}/${at}/${index}`, meter, depth + 1));
  if ('all' in condition)
    return combined({ node: 'all', ...named, path }, inner(condition.all, 'all'), allOf);
  if ('any' in condition)
    return combined({ node: 'any', ...named, path }, inner(condition.any, 'any'), anyOf);
  if ('not' in condition) {
    const part = compile(condition.not, `${path}/not`, meter, depth + 1);
    return (scope) => {
      const child = part(scope);
      return { node: 'not', ...named, path, value: negate(child.value), children: [child] };
    };
  }
  if ('logic' in condition) {
    const node = compileLogic(condition.logic, `${path}/logic`, meter, depth);
    return (scope) => {
      const child = node.verdict(envOf(scope, scope.facts), `${path}/logic`);
      return { node: 'logic', ...named, path, value: child.value, children: [child] };
    };
  }
  if ('trigger' in condition) {
    const facts = { node: 'trigger', ...named, path, expected: condition.trigger };
    return (scope) => {
      const actual = readPath(scope.facts, 'trigger.id');
      return { ...facts, actual, value: actual === condition.trigger };
    };
  }
  return compileFieldTest(condition, path);
}

/** Every part is evaluated, also when the first decides: the explanation shows all that was seen. */
function combined(
  facts: Pick<Verdict, 'node' | 'name' | 'path'>,
  parts: readonly CompiledCondition[],
  decide: (values: readonly Truth[]) => Truth,
): CompiledCondition {
  return (scope) => {
    const children = parts.map((part) => part(scope));
    return { ...facts, value: decide(children.map(({ value }) => value)), children };
  };
}
