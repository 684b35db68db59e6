import { RuleError } from '../lib/errors.js';
import { isObject, readPath } from '../lib/json.js';
import type { JsonObject } from '../lib/json.js';
import { addDuration, countingOf } from './business-days.js';
import { dayText, isByTheClock, momentText, parseDuration, parseMoment } from './dates.js';
import { compileLogic } from './logic.js';
import { envOf } from './logic-node.js';
import type { LogicNode } from './logic-node.js';
import { inputMeant } from './rule-inputs.js';
import type { Scope } from './scope.js';
import { below } from './place.js';
import { readRoot } from './scope.js';
import { compileTemplate } from './template.js';
import type { CompiledTemplate } from './template.js';
import { MissingValue, Unknown } from './unknown.js';

/** A value of a rule in which texts are templates and `{ logic }` and `{ add, to }` are computed. */
export interface CompiledValue {
  /** True when a missing value below it means that the whole value is missing: one expression, logic, or a date. */
  isSole: boolean;
  /**
   * JSON. Throws MissingValue when something it needs is missing or null, RuleError `rule.template_failed` when it
   * cannot be made.
   */
  render(scope: Scope): unknown;
}

/** How the texts at a path are escaped. */
export type TextModeAt = (path: string) => 'plain' | 'html';

/** Compiles a value once. Throws RuleError `rule.invalid` for a text, logic or duration that cannot be read. */
export function compileValue(node: unknown, path: string, textMode: TextModeAt): CompiledValue {
  if (typeof node === 'string')
    return textValue(compileTemplate(node, { html: textMode(path) === 'html', path }), path);
  if (Array.isArray(node)) {
    const items = node.map((item, index) => compileValue(item, `${path}/${index}`, textMode));
    return { isSole: false, render: (scope) => items.map((item) => item.render(scope)) };
  }
  if (!isObject(node)) return { isSole: false, render: () => node };
  const keys = Object.keys(node).sort().join();
  if (keys === 'logic') return logicValue(compileLogic(node.logic, `${path}/logic`), path);
  if (keys === 'add,to') {
    refuseNoStart(node.to, path);
    return dateValue(
      node.add,
      compileValue(node.to, `${path}/to`, () => 'plain'),
      path,
    );
  }
  const entries = Object.entries(node).map(
    ([key, value]) => [key, compileValue(value, below(path, key), textMode)] as const,
  );
  const render = (scope: Scope) =>
    Object.fromEntries(entries.map(([key, value]) => [key, value.render(scope)]));
  return { isSole: false, render };
}

function textValue(template: CompiledTemplate, path: string): CompiledValue {
  return {
    isSole: template.isSole,
    render(scope) {
      if (scope.changes === 'none' || scope.facts['lookups'] !== undefined)
        refuseUnread(template, scope, path);
      return template.render(scope.facts, scope.notes);
    },
  };
}

/** A `default` or a test in a text must not take for empty what was not read of the record as it was, or not looked up. */
function refuseUnread({ paths }: CompiledTemplate, scope: Scope, where: string): void {
  for (const { path } of paths) {
    const value = readRoot(scope, path.join('.'));
    if (!(value instanceof Unknown)) continue;
    const { reason } = value;
    if (reason === 'not_looked_up' || (reason === 'no_baseline' && scope.changes === 'none'))
      throw new MissingValue(value, where);
  }
}

function logicValue(node: LogicNode, path: string): CompiledValue {
  return {
    isSole: true,
    render(scope) {
      const value = node.value(envOf(scope, scope.facts));
      if (value instanceof Unknown) throw new MissingValue(value, path);
      return value;
    },
  };
}

/** A scope for conditions that stand in a run's facts. */
export function scopeOf(facts: JsonObject): Scope {
  const [model = ''] = String(readPath(facts, 'event.type')).split('.');
  const previous = isObject(facts.previous) ? facts.previous : null;
  return { facts, model, previous, changes: 'real' };
}

/** A start that is written out and is no date: a path without its braces, most often. */
function refuseNoStart(to: unknown, path: string): void {
  if (isObject(to) || (typeof to === 'string' && (to.includes('{{') || parseMoment(to, 'UTC') !== undefined)))
    return;
  const meant = typeof to === 'string' && /^[a-z_]+(\.\w+)*$/.test(to) ? to : 'now';
  throw new RuleError(
    'rule.invalid',
    `${path}: ${JSON.stringify(to)} is no date to count from. Write to: "{{${meant}}}", or a date like "2026-04-01".`,
    { details: { path: below(path, 'to') } },
  );
}

/** `{ add: 3 business_days, to: "{{now}}" }`: the calendar day, or a date-time when hours or less are added. */
function dateValue(add: unknown, to: CompiledValue, path: string): CompiledValue {
  const duration = parseDuration(String(add));
  if (duration === undefined) {
    const input = inputMeant(String(add));
    const remedy =
      input === undefined ? 'it like "3 days", "2 business_days" or "P3D"' : `add: { input: ${input} }`;
    throw new RuleError('rule.invalid', `${path}: "${String(add)}" is no duration. Write ${remedy}.`, {
      details: { path: below(path, 'add') },
    });
  }
  return {
    isSole: true,
    render(scope) {
      const [start, counting] = [to.render(scope), countingOf(scope)];
      const moment = typeof start === 'string' ? parseMoment(start, counting.zone) : undefined;
      if (moment !== undefined) {
        const sum = addDuration(moment, duration, counting);
        return isByTheClock(duration) ? momentText(sum) : dayText(sum);
      }
      throw new RuleError(
        'rule.template_failed',
        `${path}: "to" must give a date such as 2026-04-01, and gives ${JSON.stringify(start)}. Give it a date field.`,
      );
    },
  };
}
