import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { JsonObject } from '../lib/json.js';
import { branchOperators } from './logic-branches.js';
import { listOperators } from './logic-lists.js';
import { constantNode, envOf, plainNode } from './logic-node.js';
import type { Build, LogicNode } from './logic-node.js';
import { pathOperators } from './logic-paths.js';
import { valueBuilds } from './logic-values.js';
import { logicOperators, MAX_LIST } from './operators.js';
import type { Arity } from './operators.js';
import { below } from './place.js';
import type { Scope } from './scope.js';
import { Unknown } from './unknown.js';

const MAX_DEPTH = 20;
const MAX_NODES = 500;

const builds: ReadonlyMap<string, Build> = new Map([
  ...branchOperators,
  ...listOperators,
  ...pathOperators,
  ...valueBuilds,
]);

/** `at` is the exact place of the problem, below the node at `path`. */
function invalid(path: string, problem: string, at = path): RuleError {
  const sentence = /[.?]$/.test(problem) ? problem : `${problem}.`;
  return new RuleError('rule.invalid', `${path}: ${sentence} Correct the condition.`, {
    details: { path: at },
  });
}

/** Counts the nodes of one condition, so that none grows beyond what can be explained. */
export class Meter {
  private nodes = 0;

  /** Throws RuleError `rule.invalid` when the condition is too deep or too large. */
  enter(depth: number, path: string): void {
    this.nodes += 1;
    if (depth > MAX_DEPTH) throw invalid(path, `it is nested more than ${MAX_DEPTH} levels deep`);
    if (this.nodes > MAX_NODES) throw invalid(path, `it has more than ${MAX_NODES} parts`);
  }
}

/**
 * Compiles json-logic into closures. Throws RuleError `rule.invalid` for an unknown operator, a wrong number of
 * arguments, an object without exactly one operator, and anything beyond the bounds.
 */
export function compileLogic(logic: unknown, path: string, meter = new Meter(), depth = 1): LogicNode {
  meter.enter(depth, path);
  const compileAll = (parts: readonly unknown[], at: string) =>
    parts.map((part, index) => compileLogic(part, `${at}/${index}`, meter, depth + 1));
  if (Array.isArray(logic)) {
    if (logic.length > MAX_LIST) throw invalid(path, `a list has more than ${MAX_LIST} items`);
    return logic.some((item) => typeof item === 'object')
      ? listNode(compileAll(logic, path))
      : constantNode(logic);
  }
  if (!isObject(logic)) return constantNode(logic);
  const name = operatorName(logic, path);
  const parts: unknown[] = Array.isArray(logic[name]) ? logic[name] : [logic[name]];
  const build = operatorOf(name, parts.length, path);
  const args = compileAll(parts, below(path, name));
  return build({ name, args, path, label: `${name}(${args.map(({ label }) => label).join(', ')})` });
}

function operatorName(logic: object, path: string): string {
  const [name, ...others] = Object.keys(logic);
  if (name !== undefined && others.length === 0) return name;
  const keys = Object.keys(logic).length;
  throw invalid(
    path,
    `an object holds exactly one operator here, and this one has ${keys} keys`,
    others[0] === undefined ? path : below(path, others[0]),
  );
}

function operatorOf(name: string, count: number, path: string): Build {
  const build = builds.get(name);
  if (build === undefined)
    throw invalid(path, `there is no operator "${name}".${meant(name)}`, below(path, name));
  const { min, max } = logicOperators.get(name) as Arity;
  if (count >= min && count <= max) return build;
  const range = { [min]: `${min}`, [Number.POSITIVE_INFINITY]: `${min} or more` }[max] ?? `${min} to ${max}`;
  throw invalid(path, `"${name}" takes ${range} arguments, and gets ${count}`, below(path, name));
}

/** A list in which every item may be computed. */
function listNode(items: readonly LogicNode[]): LogicNode {
  const label = `[${items.map((item) => item.label).join(', ')}]`;
  return plainNode({ label, source: '' }, 'value', (env) => {
    const values = items.map((item) => item.value(env));
    return values.find((value) => value instanceof Unknown) ?? values;
  });
}

/** The value of json-logic over any JSON data; null when it is unknown. Throws as compileLogic does. */
export function evaluateLogic(logic: unknown, data: unknown): unknown {
  const facts: JsonObject = isObject(data) ? (data as JsonObject) : {};
  const scope: Scope = { facts, model: '', previous: null, changes: 'real' };
  const value = compileLogic(logic, 'logic').value(envOf(scope, data));
  return value instanceof Unknown ? null : value;
}

/** Operators of other languages, with ours: too far from them in letters to be found as a slip. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['=>', '>='],
  ['=<', '<='],
  ['=', '=='],
  ['<>', '!='],
  ['&&', 'and'],
  ['||', 'or'],
  ['equals', '=='],
]);

function meant(name: string): string {
  const ours = ELSEWHERE.get(name);
  return ours === undefined ? didYouMean(name, builds.keys()) : ` Did you mean "${ours}"?`;
}
