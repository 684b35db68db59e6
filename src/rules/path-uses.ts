import { isObject } from '../lib/json.js';
import { findLogicUses, type PathTest } from './logic-uses.js';
import type { Condition } from './condition.js';
import { KEYED } from './control.js';
import type { Rule } from './rule.js';
import { fieldOperators } from './condition.js';
import { analyseTemplate } from './template.js';
import type { TemplateAnalysis } from './template-syntax.js';
import type { Place } from './place.js';
import { conditionsIn, stepsOf } from './step-tree.js';

/** A path that the rule reads, and where it says so. */
export interface PathUse {
  path: string;
  place: Place;
  /** Set when the path is tested or compared, with the values it is compared to. */
  test?: PathTest;
  /** True for the second note of a path, of what an operator asks of it. */
  isOperand?: boolean;
  source: 'condition' | 'template';
  /** True where a text has an answer to a missing value. */
  guarded?: boolean;
  /** True when the text is one expression and nothing else. */
  isSole?: boolean;
  /** The step it stands in, by its index in `stepsOf`. */
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
  /** Every text that may hold paths, as it is written. */
  plain: { text: string; place: Place }[];
  /** The trigger ids that conditions name. */
  triggers: { id: string; place: Place }[];
  /** Logic that can never be meant. */
  misfits: { code: 'R010' | 'R012'; message: string; place: Place }[];
}

export function usesOf(rule: Rule): Uses {
  const finder = new Finder();
  if (rule.conditions !== null) finder.condition(rule.conditions, ['conditions']);
  for (const [name, { id = '', filter = {} }] of Object.entries(rule.lookups)) {
    finder.value(id, ['lookups', name, 'id']);
    finder.value(filter, ['lookups', name, 'filter']);
  }
  for (const [name, value] of Object.entries(rule.vars)) finder.value(value, ['vars', name]);
  if (rule.idempotency_key !== undefined) finder.value(rule.idempotency_key, ['idempotency_key']);
  for (const word of KEYED) {
    const key = rule[word]?.key;
    if (key !== undefined) finder.value(key, [word, 'key']);
  }
  const tests = conditionsIn(rule);
  for (const { spec, index, place } of stepsOf(rule)) {
    finder.step = index;
    for (const one of tests) if (one.step.index === index) finder.condition(one.condition, one.place);
    if ('action' in spec) finder.value(spec.with, [...place, 'with']);
    if ('stop' in spec) finder.value(spec.stop, [...place, 'stop']);
    if ('wait' in spec && spec.wait.until !== undefined)
      finder.value(spec.wait.until, [...place, 'wait', 'until']);
    if ('for_each' in spec) finder.list(spec.for_each, [...place, 'for_each']);
  }
  return finder.uses;
}

/** The dotted paths that a condition reads. */
export function pathsOfCondition(condition: Condition): string[] {
  const finder = new Finder();
  finder.condition(condition, []);
  return finder.uses.paths.map(({ path }) => path);
}

/** The dotted paths that a value reads: its texts, logic and dates. */
export function pathsOfValue(value: unknown): string[] {
  const finder = new Finder();
  finder.value(value, []);
  return finder.uses.paths.map(({ path }) => path);
}

class Finder {
  readonly uses: Uses = { paths: [], texts: [], plain: [], triggers: [], misfits: [] };
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

  /** A path to a list that is gone through. */
  list(path: string, place: Place): void {
    this.add({
      path,
      place,
      source: 'condition',
      test: { operator: 'list', called: 'for_each', values: [] },
    });
  }

  private text(text: string, place: Place): void {
    this.uses.plain.push({ text, place });
    if (!text.includes('{{')) return;
    const analysis = analyseTemplate(text);
    this.uses.texts.push({ analysis, place, ...this.inStep() });
    const { isSole } = analysis;
    for (const { path, guarded, test } of analysis.paths)
      this.add({ path: path.join('.'), place, source: 'template', guarded, isSole, ...(test && { test }) });
  }

  private logic(logic: unknown, place: Place): void {
    findLogicUses(logic, place, {
      path: (path, at, test) => {
        this.add({ path, place: at, source: 'condition', ...(test === undefined ? {} : { test }) });
      },
      operand: (path, at, test) => {
        this.add({ path, place: at, source: 'condition', test, isOperand: true });
      },
      misfit: (code, message, at) => this.uses.misfits.push({ code, message, place: at }),
    });
  }

  private add(use: PathUse): void {
    this.uses.paths.push({ ...use, ...this.inStep() });
  }

  private inStep(): { step: number } | object {
    return this.step === undefined ? {} : { step: this.step };
  }
}
