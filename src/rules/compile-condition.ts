import { readPath } from '../lib/json.js';
import { compileFieldTest } from './field-test.js';
import { compileLogic, Meter } from './logic.js';
import { envOf, truthOf } from './logic-node.js';
import type { Condition } from './condition.js';
import type { Scope } from './scope.js';
import { allOf, anyOf, causesOf, negate } from './verdict.js';
import type { Cause, Truth, Verdict } from './verdict.js';

/** A condition as a function. Pure: the same scope gives the same verdict. */
export interface CompiledCondition {
  (scope: Scope): Verdict;
  /** The value that the verdict would have, without the tree. */
  truth: (scope: Scope) => Truth;
  /** What causesOf the verdict would say; for a condition that is unknown. */
  causes: (scope: Scope) => Cause[];
  /** Whether an evaluation can end with an error; then it must not be skipped, or the decision would be another. */
  canFail: boolean;
}

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
    const verdict = (scope: Scope): Verdict => {
      const child = part(scope);
      return { node: 'not', ...named, path, value: negate(child.value), children: [child] };
    };
    const { causes, canFail } = part;
    return compiled(verdict, { truth: (scope) => negate(part.truth(scope)), causes, canFail });
  }
  if ('logic' in condition) {
    const node = compileLogic(condition.logic, `${path}/logic`, meter, depth);
    const verdict = (scope: Scope): Verdict => {
      const child = node.verdict(envOf(scope, scope.facts), `${path}/logic`);
      return { node: 'logic', ...named, path, value: child.value, children: [child] };
    };
    // What goes through lists has a bound on its work, which the tree comes to sooner.
    const canFail = goesThroughLists(condition.logic);
    const truth = canFail
      ? (scope: Scope) => verdict(scope).value
      : (scope: Scope) => truthOf(node.value(envOf(scope, scope.facts)));
    return compiled(verdict, { truth, causes: (scope) => causesOf(verdict(scope)), canFail });
  }
  if ('trigger' in condition) {
    const facts = { node: 'trigger', ...named, path, expected: condition.trigger };
    const actualIn = (scope: Scope) => readPath(scope.facts, 'trigger.id');
    const verdict = (scope: Scope): Verdict => {
      const actual = actualIn(scope);
      return { ...facts, actual, value: actual === condition.trigger };
    };
    const truth = (scope: Scope) => actualIn(scope) === condition.trigger;
    return compiled(verdict, { truth, causes: () => [], canFail: false });
  }
  const { verdict, ...plain } = compileFieldTest(condition, path);
  return compiled(verdict, { ...plain, canFail: false });
}

function compiled(
  verdict: (scope: Scope) => Verdict,
  plain: Pick<CompiledCondition, 'truth' | 'causes' | 'canFail'>,
): CompiledCondition {
  return Object.assign((scope: Scope) => verdict(scope), plain);
}

/** Every part is evaluated, also when the first decides: the explanation shows all that was seen. */
function combined(
  facts: Pick<Verdict, 'node' | 'name' | 'path'>,
  parts: readonly CompiledCondition[],
  decide: (values: readonly Truth[]) => Truth,
): CompiledCondition {
  const decisive = facts.node === 'any';
  const verdict = (scope: Scope): Verdict => {
    const children = parts.map((part) => part(scope));
    return { ...facts, value: decide(children.map(({ value }) => value)), children };
  };
  const truth = (scope: Scope): Truth => {
    let value: Truth = !decisive;
    for (const part of parts) {
      if (value === decisive && !part.canFail) continue;
      const next = part.truth(scope);
      if (next === decisive || (next === 'unknown' && value !== decisive)) value = next;
    }
    return value;
  };
  const causes = (scope: Scope) =>
    parts.flatMap((part) => (part.truth(scope) === 'unknown' ? part.causes(scope) : []));
  return compiled(verdict, { truth, causes, canFail: parts.some(({ canFail }) => canFail) });
}

const LISTS = /"(?:map|filter|reduce|all|some|none)":/;

function goesThroughLists(logic: unknown): boolean {
  return LISTS.test(JSON.stringify(logic));
}
