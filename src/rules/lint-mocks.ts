import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { LOOKED_UP } from './lookup.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import type { ModelVocabulary, Vocabulary } from './rule-vocabulary.js';
import { isAction, stepsOf, withoutTurn, type PlacedStep } from './step-tree.js';
import { strangersIn, type Stranger } from './strange-keys.js';

/**
 * R005: a mock that nothing reads is a slip: the test would go on with made-up outputs and seem to say something. A choice
 * that Clio never has is a warning, as in the record of a test.
 */
export function lintMocks(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  const steps = stepsOf(rule);
  for (const [index, { mocks }] of rule.tests.entries())
    for (const [name, mock] of Object.entries(mocks)) {
      const place: Place = ['tests', index, 'mocks', name];
      const plain = withoutTurn(name);
      const step = steps.find(({ key }) => key === plain);
      const lookup = Object.hasOwn(rule.lookups, name) ? rule.lookups[name] : undefined;
      if (step !== undefined && 'action' in step.spec) {
        const given = [...(vocabulary.actions.get(step.spec.action)?.output.keys() ?? [])];
        for (const key of Object.keys(mock))
          if (given.length > 0 && !given.includes(key))
            report('R005', neverGives(plain, key, given), [...place, key]);
      } else if (step === undefined && lookup !== undefined)
        for (const { message, at, severity } of misfitsOfFound(mock, vocabulary.models.get(lookup.resource)))
          report('R005', `"${name}" ${message}`, [...place, ...at], severity);
      else report('R005', strangeMock(name, plain, step, rule), place);
    }
}

/** R005: what a test says of an approval that the rule does not have; `ok[1]` is one turn of a loop. */
export function lintAnswers(rule: Rule, report: Report): void {
  const asked = stepsOf(rule).flatMap(({ key, spec }) => ('approval' in spec ? [key] : []));
  for (const [index, { approvals }] of rule.tests.entries())
    for (const name of Object.keys(approvals))
      if (!asked.includes(withoutTurn(name)))
        report(
          'R005',
          `A test says what becomes of the approval "${name}", and no approval step has that id.${didYouMean(withoutTurn(name), asked)}`,
          ['tests', index, 'approvals', name],
        );
}

/** R005: a failure of a step that the rule does not have, or whose failing does not end a run. */
export function lintFailures(rule: Rule, report: Report): void {
  const steps = stepsOf(rule);
  const keysOf = (some: readonly PlacedStep[]) => some.map(({ key }) => key);
  const acting = keysOf(steps.filter(isAction));
  const ending = keysOf(steps.filter(({ block }) => !block.isOnFailure));
  for (const [index, { failures, expect }] of rule.tests.entries()) {
    for (const name of Object.keys(failures))
      if (!acting.includes(withoutTurn(name)))
        report('R005', noSuchStep(`lets the step "${name}" fail`, 'action', name, acting), [
          'tests',
          index,
          'failures',
          name,
        ]);
    const { failure } = expect;
    if (failure !== undefined && !ending.includes(withoutTurn(failure)))
      report(
        'R005',
        noSuchStep(`expects the run to fail at "${failure}"`, 'step of "actions"', failure, ending),
        ['tests', index, 'expect', 'failure'],
      );
  }
}

function noSuchStep(says: string, kind: string, name: string, known: readonly string[]): string {
  return `A test ${says}, and no ${kind} has that id.${didYouMean(withoutTurn(name), known)}`;
}

/** What cannot be of a lookup, in what a test or an event file says that it finds. Each goes on from the lookup's name. */
export function misfitsOfFound(
  given: Readonly<Record<string, unknown>>,
  model: ModelVocabulary | undefined,
): Stranger[] {
  const strange = Object.keys(given).filter((key) => !LOOKED_UP.includes(key));
  const { items = [] } = given;
  const entries = Array.isArray(items) ? (items as unknown[]) : [];
  const first = isObject(given['first']) ? [[['first'], given['first']] as const] : [];
  const records = [...first, ...entries.map((entry, index) => [['items', index], entry] as const)];
  return [
    ...strange.map((key) => ({ message: givesNot(key, LOOKED_UP), at: [key] })),
    ...(Array.isArray(items)
      ? []
      : [{ message: 'finds a list; write "items" as [{ … }], with an entry for each.', at: ['items'] }]),
    ...records.flatMap(([at, entry]) => {
      if (!isObject(entry))
        return [{ message: `finds records, and ${at.join('.')} is none; write { id: 1, … }.`, at: [...at] }];
      const slips = model === undefined ? [] : strangersIn(at.join('.'), entry, model.fields, model.model);
      return slips.map((slip) => ({
        ...slip,
        message: `finds what Clio does not have: ${slip.message}`,
        at: [...at, ...slip.at],
      }));
    }),
  ];
}

function strangeMock(name: string, plain: string, step: PlacedStep | undefined, rule: Rule): string {
  const said = `"mocks" gives the output of the step "${name}", and `;
  if (step !== undefined)
    return 'approval' in step.spec
      ? `${said}it is an approval; say what becomes of it below "approvals", such as { ${plain}: reject }.`
      : `${said}it is no action, and gives no output.`;
  const lookups = Object.keys(rule.lookups);
  if (name === 'lookups' && lookups.length > 0)
    return `What lookups find stands in "mocks" by their names, without "lookups" around it: mocks: { ${lookups[0] ?? ''}: { items: [] } }.`;
  const acting = stepsOf(rule).flatMap(({ key, spec }) => ('action' in spec ? [key] : []));
  const what = lookups.length === 0 ? 'step of that id' : 'step or lookup of that name';
  return `${said}there is no ${what}.${didYouMean(plain, [...acting, ...lookups])}`;
}

function neverGives(name: string, key: string, given: readonly string[]): string {
  return `"${name}" ${givesNot(key, given)}`;
}

function givesNot(key: string, given: readonly string[]): string {
  return `never gives "${key}"; it gives ${given.join(', ')}.${didYouMean(key, given)}`;
}
