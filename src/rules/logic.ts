import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { changeNode } from './logic-changes.js';
import { comparisonVerdict } from './logic-comparisons.js';
import { chainNode, ifNode, notNode } from './logic-branches.js';
import { listOperators } from './logic-lists.js';
import { envOf, testOf } from './logic-node.js';
import type { Env, LogicNode } from './logic-node.js';
import { existsNode, missingNode, missingSomeNode, varNode } from './logic-paths.js';
import { logicOperators, MAX_LIST, valueOperators } from './operators.js';
import type { Operator } from './operators.js';
import type { Scope } from './scope.js';
import { compilePattern } from './text-pattern.js';
import { Unknown } from './unknown.js';
import { leafVerdict } from './verdict.js';

const MAX_DEPTH = 20;
const MAX_NODES = 500;

/** Counts the nodes of one condition, so that none grows beyond what can be explained. */
export class Meter {
  private nodes = 0;

  /** Throws RuleError `rule.invalid` when the condition is too deep or too large. */
  enter(depth: number, path: string): void {
    this.nodes += 1;
    if (depth > MAX_DEPTH) throw invalid(path, `the condition is nested more than ${MAX_DEPTH} levels deep`);
    if (this.nodes > MAX_NODES) throw invalid(path, `the condition has more than ${MAX_NODES} parts`);
  }
}

function invalid(path: string, problem: string): RuleError {
  return new RuleError('rule.invalid', `${path}: ${problem}. Correct the condition.`, { details: { path } });
}

/**
 * Compiles json-logic into closures. Throws RuleError `rule.invalid` for an unknown operator, a wrong number of
 * arguments, an object without exactly one operator, and anything beyond the bounds.
 */
export function compileLogic(logic: unknown, path: string, meter = new Meter(), depth = 1): LogicNode {
  meter.enter(depth, path);
  const inner = (part: unknown, step: string) => compileLogic(part, `${path}/${step}`, meter, depth + 1);
  if (Array.isArray(logic)) return listNode(logic, path, inner);
  if (!isObject(logic)) return constantNode(logic);
  const [name, ...others] = Object.keys(logic);
  if (name === undefined || others.length > 0) {
    throw invalid(path, `an object must hold exactly one operator, and this holds ${Object.keys(logic).length}`);
  }
  const given = logic[name];
  const parts: unknown[] = Array.isArray(given) ? given : [given];
  const arity = logicOperators.get(name);
  if (arity === undefined) {
    throw invalid(path, `there is no operator "${name}".${didYouMean(name, logicOperators.keys())}`);
  }
  if (parts.length < arity.min || parts.length > arity.max) {
    throw invalid(path, `"${name}" takes ${arityText(arity)}, and gets ${parts.length}`);
  }
  return operatorNode(name, parts, path, inner);
}

function arityText({ min, max }: { min: number; max: number }): string {
  if (max === Number.POSITIVE_INFINITY) return `${min} or more arguments`;
  return min === max ? `${min} argument${min === 1 ? '' : 's'}` : `${min} to ${max} arguments`;
}

type Inner = (part: unknown, step: string) => LogicNode;

function operatorNode(name: string, parts: unknown[], path: string, inner: Inner): LogicNode {
  const literal = (what: unknown) => literalText(what, name, path);
  switch (name) {
    case 'changed':
    case 'changed_to':
    case 'changed_from':
      return changeNode(name, literal(parts[0]), parts[1] === undefined ? undefined : inner(parts[1], `${name}/1`));
    case 'exists':
      return existsNode(literal(parts[0]));
    default: {
      const args = parts.map((part, index) => inner(part, `${name}/${index}`));
      if (name === 'matches') return matchesNode(args, literal(parts[1]), path);
      return valueOperators.has(name) ? valueNode(name, args) : walkedNode(name, args);
    }
  }
}

function walkedNode(name: string, args: LogicNode[]): LogicNode {
  const label = labelOf(name, args);
  const list = listOperators.get(name);
  if (list !== undefined) return plainNode(name, label, args[0]?.source ?? '', (env) => list(env, args));
  const walked: Record<string, () => LogicNode> = {
    and: () => chainNode('all', label, args),
    or: () => chainNode('any', label, args),
    '!': () => notNode(label, args),
    '!!': () => notNode(label, [notNode(label, args)]),
    '??': () => plainNode(name, label, '', (env) => firstKnown(env, args)),
    var: () => varNode(label, args),
    missing: () => missingNode(label, args),
    missing_some: () => missingSomeNode(label, args),
  };
  return (walked[name] ?? (() => ifNode(label, args)))();
}
