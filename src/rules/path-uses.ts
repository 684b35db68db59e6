import { isObject } from '../lib/json.js';
import type { Condition, Rule } from './rule.js';
import { fieldOperators, type FieldOperator } from './rule.js';
import { analyseTemplate } from './template.js';
import type { TemplateAnalysis } from './template-syntax.js';
import type { Place } from './read-documents.js';

/** A path that the rule reads, and where it says so. */
export interface PathUse {
  path: string;
  place: Place;
  /** Set when the path is tested or compared, with the values it is compared to. */
  test?: { operator: FieldOperator | 'compare' | 'list'; values: readonly unknown[] };
  source: 'condition' | 'template';
  /** The step it stands in; outputs of earlier steps only can be read. */
  step?: number;
}

export interface TextUse {
  analysis: TemplateAnalysis;
  place: Place;
  step?: number;
}

/** Everything that a rule reads, found without evaluating anything. */
export interface Uses {
  paths: PathUse[];
  texts: TextUse[];
  /** The trigger ids that conditions name. */
  triggers: { id: string; place: Place }[];
  /** Logic that can never be meant. */
  misfits: { message: string; place: Place }[];
}

export function usesOf(rule: Rule): Uses {
  const finder = new Finder();
  if (rule.conditions !== null) finder.condition(rule.conditions, ['conditions']);
  for (const [name, value] of Object.entries(rule.vars)) finder.value(value, ['vars', name]);
  if (rule.idempotency_key !== undefined) finder.value(rule.idempotency_key, ['idempotency_key']);
  for (const [index, step] of rule.actions.entries()) {
    finder.step = index;
    if (step.if !== undefined) finder.condition(step.if, ['actions', index, 'if']);
    finder.value(step.with, ['actions', index, 'with']);
  }
  return finder.uses;
}

/** Operators that evaluate their second argument once per item, with the item as data. */
const ITEM_OPERATORS = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none']);
const PATH_OPERATORS = new Set(['var', 'exists', 'changed', 'changed_to', 'changed_from']);

class Finder {
  readonly uses: Uses = { paths: [], texts: [], triggers: [], misfits: [] };
  step: number | undefined;

  condition(condition: Condition, place: Place): void {
    if ('all' in condition)
      for (const [index, part] of condition.all.entries()) this.condition(part, [...place, 'all', index]);
    else if ('any' in condition)
      for (const [index, part] of condition.any.entries()) this.condition(part, [...place, 'any', index]);
    else if ('not' in condition) this.condition(condition.not, [...place, 'not']);
    else if ('logic' in condition) this.logic(condition.logic, [...place, 'logic']);
    else if ('trigger' in condition)
      this.uses.triggers.push({ id: condition.trigger, place: [...place, 'trigger'] });
    else this.fieldTest(condition, place);
  }

  private fieldTest(test: Extract<Condition, { field: string }>, place: Place): void {
    const operator = fieldOperators.find((name) => test[name] !== undefined) ?? 'exists';
    const given: unknown = test[operator];
    const values = Array.isArray(given) ? (given as unknown[]) : [given];
    this.add({
      path: test.field,
      place: [...place, 'field'],
      source: 'condition',
      test: { operator, values },
    });
  }

  value(value: unknown, place: Place): void {
    if (typeof value === 'string') this.text(value, place);
    else if (Array.isArray(value))
      for (const [index, item] of value.entries()) this.value(item, [...place, index]);
    else if (isObject(value) && Object.keys(value).join() === 'logic')
      this.logic(value['logic'], [...place, 'logic']);
    else if (isObject(value))
      for (const [key, item] of Object.entries(value)) this.value(item, [...place, key]);
  }

  private text(text: string, place: Place): void {
    if (!text.includes('{{')) return;
    const analysis = analyseTemplate(text);
    this.uses.texts.push({ analysis, place, ...this.inStep() });
    for (const { path } of analysis.paths) this.add({ path: path.join('.'), place, source: 'template' });
  }

  private logic(logic: unknown, place: Place): void {
    if (Array.isArray(logic))
      for (const [index, item] of logic.entries()) this.logic(item, [...place, index]);
    if (!isObject(logic)) return;
    for (const [operator, given] of Object.entries(logic)) {
      const args = Array.isArray(given) ? (given as unknown[]) : [given];
      if (PATH_OPERATORS.has(operator)) this.pathOperator(operator, args, place);
      else if (operator === 'missing') this.names(args.flat(), place);
      else if (operator === 'missing_some') this.names(args.slice(1).flat(), place);
      else this.operands(operator, args, [...place, operator]);
    }
  }

  private pathOperator(operator: string, [path, ...rest]: unknown[], place: Place): void {
    if (typeof path !== 'string' || path === '') return;
    const test = operator.startsWith('changed')
      ? { test: { operator: operator as FieldOperator, values: rest } }
      : {};
    this.add({ path, place: [...place, operator], source: 'condition', ...test });
  }

  private operands(operator: string, args: readonly unknown[], place: Place): void {
    const [first, ...rest] = args;
    const compared = pathOf(first);
    if (compared !== undefined && ['==', '===', '!=', '!==', 'in'].includes(operator)) {
      const values = rest.flat().filter((value) => typeof value !== 'object' || value === null);
      this.add({ path: compared, place, source: 'condition', test: { operator: 'compare', values } });
    }
    if (operator === 'in') this.list(rest[0], place);
    const seen = ITEM_OPERATORS.has(operator) ? [first, ...args.slice(2)] : args;
    for (const [index, item] of seen.entries()) this.logic(item, [...place, index]);
  }

  private list(list: unknown, place: Place): void {
    const path = pathOf(list);
    if (path !== undefined)
      this.add({ path, place, source: 'condition', test: { operator: 'list', values: [] } });
    else if (typeof list !== 'object')
      this.uses.misfits.push({
        message: '"in" looks for a value in a list; for a part of a text use "contains".',
        place,
      });
  }

  private names(names: readonly unknown[], place: Place): void {
    for (const name of names)
      if (typeof name === 'string') this.add({ path: name, place, source: 'condition' });
  }

  private add(use: PathUse): void {
    this.uses.paths.push({ ...use, ...this.inStep() });
  }

  private inStep(): { step: number } | object {
    return this.step === undefined ? {} : { step: this.step };
  }
}

function pathOf(node: unknown): string | undefined {
  const path = isObject(node) ? node['var'] : undefined;
  return typeof path === 'string' ? path : undefined;
}
