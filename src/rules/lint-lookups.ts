import { didYouMean } from '../lib/did-you-mean.js';
import type { Diagnostic } from './diagnostic.js';
import type { KnownPaths } from './known-paths.js';
import { isComputed, lintQuery } from './lint-query.js';
import type { LookupWords } from './lookup.js';
import type { PathUse } from './path-uses.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { typeNames, type ModelVocabulary, type Vocabulary } from './rule-vocabulary.js';
import { stepsOf } from './step-tree.js';

/** Roots that are the same on both sides of a change. */
const SAME_BEFORE = new Set(['lookups', 'vars', 'inputs', 'rule', 'trigger', 'now']);

/** Roots that are filled in after the lookups. */
const LATER = new Set(['lookups', 'vars', 'outputs', 'run']);

/** R010 to R012 and R040: what is looked up. R010 and R022: what is read before it is there. */
export function lintLookups(
  rule: Rule,
  uses: readonly PathUse[],
  { vocabulary, known }: { vocabulary: Vocabulary; known: KnownPaths },
  report: Report,
): void {
  for (const [name, lookup] of Object.entries(rule.lookups)) {
    const place: Place = ['lookups', name];
    const { resource, filter } = lookup;
    const given = { resource, filter: filter ?? {} };
    const words = lintQuery(given, vocabulary, place, report, {
      isById: lookup.id !== undefined,
      isLookup: true,
    });
    if (words === null) continue;
    lintFields(lookup, words, place, report);
    if (typeof lookup.id === 'string' && !isComputed(lookup.id) && !/^\d+$/.test(lookup.id))
      report(
        'R012',
        `No record has the id "${lookup.id}": an id is a number; name where it stands, such as id: "{{matter.client.id}}".`,
        [...place, 'id'],
      );
    if (filter !== undefined && !Object.values(filter).some(isComputed))
      report(
        'R040',
        `Nothing in the filter comes from the record, so every event finds the same; name what it belongs to, such as matter_id: "{{matter.id}}".`,
        [...place, 'filter'],
        'warning',
      );
    if (stepsOf(rule).some(({ spec }) => spec.id === name))
      report(
        'R005',
        `A step has the id "${name}" as well, and a test could not tell what it gives them; call one of them otherwise.`,
        place,
      );
  }
  lintOrder(uses, report);
  lintAsked(uses, known, report);
  for (const use of uses) lintTests(use, rule, report);
  if (Object.keys(rule.lookups).length > 0) lintEdge(rule, uses, report);
}

/** R014: what is looked up is the same before and after a change, so that it alone never becomes true by one. */
function lintEdge(rule: Rule, uses: readonly PathUse[], report: Report): void {
  const isEdge =
    rule.evaluation === 'edge' &&
    rule.triggers.every((trigger) => 'event' in trigger && trigger.event.endsWith('.updated'));
  if (!isEdge || rule.conditions === null) return;
  const asked = uses.filter(({ place }) => place[0] === 'conditions' || place[0] === 'vars');
  const isSame = (path: string) => SAME_BEFORE.has(path.split('.')[0] ?? '');
  if (asked.length > 0 && asked.every(({ path }) => isSame(path)))
    report(
      'R014',
      'These conditions never hold: what is looked up counts as it is now, before the change as well, and only what becomes true acts. Ask for the change beside it, such as { field: matter.status, changed: true }, or write evaluation: level and an idempotency_key.',
      ['conditions'],
    );
}

function lintFields(
  { fields = [] }: LookupWords,
  { model, fields: known }: ModelVocabulary,
  place: Place,
  report: Report,
): void {
  for (const [index, field] of fields.entries()) {
    const [first = '', second] = field.split('.');
    const kind = known.get(first);
    const inner = kind?.fields?.();
    const isKnown = second === undefined || kind?.open === true || inner?.has(second) === true;
    if (kind !== undefined && isKnown) continue;
    const hint =
      kind === undefined ? didYouMean(first, known.keys()) : didYouMean(second ?? '', inner?.keys() ?? []);
    report('R010', `There is no "${field}" of a ${model}.${hint}`, [...place, 'fields', index]);
  }
}

function lintOrder(uses: readonly PathUse[], report: Report): void {
  for (const { path, place, source, isOperand = false } of uses) {
    const [root = ''] = path.split('.');
    const [where, what] = place;
    const isEarly = where === 'lookups' ? LATER.has(root) : where === 'debounce' && root === 'lookups';
    if (isOperand || !isEarly) continue;
    const reader = where === 'lookups' ? `the lookup "${String(what)}"` : 'the key of "debounce"';
    report(
      source === 'template' ? 'R022' : 'R010',
      `"${path}" is not there yet when ${reader} is made; use what the event brings.`,
      place,
    );
  }
}

/** R012: a record where its id is asked for. */
function lintAsked(uses: readonly PathUse[], known: KnownPaths, report: Report): void {
  for (const { path, place, isSole, source } of uses) {
    if (place[0] !== 'lookups' || source !== 'template' || isSole !== true) continue;
    const found = known.find(path, undefined);
    if (!('kind' in found) || !['object', 'list'].includes(found.kind.type)) continue;
    const one = found.kind.type === 'list' ? `${path}.0` : path;
    report(
      'R012',
      `"${path}" is ${typeNames[found.kind.type]}, by which nothing can be looked up; write "{{${one}.id}}".`,
      place,
    );
  }
}

const CHANGES = new Set(['changed', 'changed_to', 'changed_from']);

/** R014: tests of what was found that come out the same whatever is. */
function lintTests({ path, place, test, isOperand = false }: PathUse, rule: Rule, report: Report): void {
  const [root, name = '', ...rest] = path.split('.');
  const lookup = root === 'lookups' && Object.hasOwn(rule.lookups, name) ? rule.lookups[name] : undefined;
  if (lookup === undefined || test === undefined || isOperand) return;
  const part = rest.join('.');
  const isAboutNothing = test.operator === 'exists' || isNull(test.values);
  if (CHANGES.has(test.operator))
    report(
      'R014',
      `"${path}" never changes: what is looked up counts as it is now, before the change as well. Ask what it is, such as { field: lookups.${name}.count, is: 0 }, and for a change of the record.`,
      place,
    );
  else if (isAboutNothing && ['', 'items', 'count', 'more'].includes(part))
    report(
      'R014',
      `"${path}" is there even where nothing is found; ask for { field: lookups.${name}.count, is: 0 }, or gte: 1.`,
      place,
    );
  const most = lookup.id === undefined ? lookup.max : 1;
  const asked = test.values.filter((value) => typeof value === 'number');
  const isBeyond = asked.every((value) => (test.operator === 'gt' ? value >= most : value > most));
  if (part === 'count' && asked.length > 0 && isBeyond && ['is', 'in', 'gt', 'gte'].includes(test.operator))
    report(
      'R014',
      `"${path}" is never so high: ${most} at most ${most === 1 ? 'is' : 'are'} read; ask for lookups.${name}.more${lookup.id === undefined ? `, or write a higher "max"` : ''}.`,
      place,
    );
}

function isNull(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => value === null);
}

/** R050: lookups that nothing reads; each costs a call. */
export function unusedLookups(
  { lookups }: Rule,
  paths: readonly PathUse[],
): Omit<Diagnostic, 'file' | 'line' | 'column'>[] {
  if (paths.some(({ path }) => path === 'lookups')) return [];
  const read = new Set(paths.map(({ path }) => path.split('.').slice(0, 2).join('.')));
  return Object.keys(lookups)
    .filter((name) => !read.has(`lookups.${name}`))
    .map((name) => ({
      code: 'R050',
      severity: 'warning' as const,
      message: `Nothing reads the lookup "${name}", and each time it costs a call; use it as lookups.${name}.count, or take it out.`,
      path: `lookups/${name}`,
    }));
}
