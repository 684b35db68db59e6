import { didYouMean } from '../lib/did-you-mean.js';
import type { ModelNeeds } from './compiled-rule.js';
import { KnownPaths } from './known-paths.js';
import { lintPaths } from './lint-paths.js';
import { strangeModel } from './lint-triggers.js';
import { lintTruth } from './lint-truth.js';
import { usesOf } from './path-uses.js';
import type { Report } from './read-documents.js';
import { aboutModels } from './rule-models.js';
import type { CancelSpec, Rule } from './rule.js';
import type { ModelVocabulary, Vocabulary } from './rule-vocabulary.js';

/** R010 to R013: the events that end a run, and what they are asked. */
export function lintCancel(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  for (const [index, cancel] of (rule.cancel_when ?? []).entries()) {
    const [name = '', what = ''] = cancel.event.split('.');
    const words = vocabulary.models.get(name);
    const place = ['cancel_when', index, 'event'];
    if (words === undefined) report('R010', strangeModel(cancel.event, vocabulary), place);
    else if (!words.events.includes(what))
      report(
        'R010',
        `"${cancel.event}" never happens; ${name} has ${words.events.join(', ')}.${didYouMean(what, words.events)}`,
        place,
      );
    else if (isUnlinked(words.model, rule, vocabulary))
      report(
        'R010',
        `"${cancel.event}" is of no record that the run is about: ${whyUnlinked(words, aboutModels(rule, vocabulary), vocabulary)}`,
        place,
      );
    const uses = usesOf(asRule(rule, cancel));
    const at = (found: readonly (string | number)[]) => ['cancel_when', index, ...found];
    const known = new KnownPaths(asRule(rule, cancel), vocabulary);
    for (const { path, place: found } of uses.paths)
      if (path.split('.')[0] === 'lookups')
        report(
          'R010',
          `Nothing is looked up for "cancel_when", so "${path}" is not there; ask what the event brings.`,
          at(found),
        );
    const own = uses.paths.filter(({ path }) => path.split('.')[0] !== 'lookups');
    lintPaths(own, known, (code, message, found, ...rest) => {
      report(code, message, at(found), ...rest);
    });
    for (const { code, message, place: found } of uses.misfits) report(code, message, at(found));
    for (const { path, test, place: found } of uses.paths)
      if (test?.operator === 'held_for')
        report(
          'R014',
          `This never holds, and ends no run: when an event comes for "cancel_when", nobody looks since when ${path} is so. Ask what it has become, such as { field: ${path}, is: … }.`,
          at(found),
          'warning',
        );
  }
  lintUnended(rule, vocabulary, report);
}

/** Whether a run is about no record that such a one is, or names; a kind that nobody knows is told at its trigger. */
function isUnlinked(target: string, rule: Rule, vocabulary: Vocabulary): boolean {
  const about = aboutModels(rule, vocabulary);
  return about.every((model) => vocabulary.models.has(model) && linkTo(target, model, vocabulary) === null);
}

/** R010: of records of several kinds, those whose runs no event ends. Where that is all of them, each event is told. */
function lintUnended(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  const targets = (rule.cancel_when ?? []).flatMap(({ event }) => {
    const words = vocabulary.models.get(event.split('.')[0] ?? '');
    return words === undefined ? [] : [words.model];
  });
  const models = [...new Set(aboutModels(rule, vocabulary))];
  const unended = models.filter((model) =>
    targets.every((target) => linkTo(target, model, vocabulary) === null),
  );
  if (unended.length === models.length) return;
  for (const model of unended) {
    const own = vocabulary.models.get(model)?.events;
    if (own === undefined) continue;
    const what = ['deleted', 'closed', 'updated'].find((one) => own.includes(one)) ?? own[0] ?? 'updated';
    report(
      'R010',
      `No event here ends a run about a ${model}: it names no ${[...new Set(targets)].join(' and no ')}. Add an event of its own, such as { event: ${model}.${what} }, or make two rules of it.`,
      ['cancel_when'],
      'warning',
    );
  }
}

/** R014: conditions of `cancel_when` that never hold. */
export function lintCancelTruth(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  for (const [index, cancel] of (rule.cancel_when ?? []).entries()) {
    const one = asRule(rule, cancel);
    lintTruth(one, new KnownPaths(one, vocabulary), report, ['cancel_when', index]);
  }
}

/** A rule that asks what `cancel` asks, when it asks it. */
function asRule(rule: Rule, { event, conditions }: CancelSpec): Rule {
  const nothing = { vars: {}, lookups: {}, actions: [], on_failure: undefined, cancel_when: undefined };
  const keys = {
    idempotency_key: undefined,
    debounce: undefined,
    concurrency: undefined,
    throttle: undefined,
  };
  return { ...rule, ...nothing, ...keys, triggers: [{ event }], conditions };
}

/** Where a record of `model` names the one of `target`: '' when they are the same, null when it does not. */
function linkTo(target: string, model: string, vocabulary: Vocabulary): string | null {
  if (target === model) return '';
  return vocabulary.models.get(model)?.fields.has(target) === true ? `${target}.id` : null;
}

/** One of several is not all of them, and which is meant only the rule can say. */
function whyUnlinked(
  target: ModelVocabulary,
  models: readonly string[],
  { models: all }: Vocabulary,
): string {
  const list = `${target.model}s`;
  const owner = models.find((model) => all.get(model)?.fields.get(list)?.type === 'list');
  if (owner === undefined) return `neither its own, nor one that the record names as "${target.model}".`;
  const states = target.fields.get('status')?.enum ?? [];
  const test = states.includes('Open') ? '{ "==": [{ var: status }, Open] }' : '{ exists: id }';
  return `a ${owner} names several ${list}, and what happens to one of them need not end it. Ask in "conditions" what must stay so, which is asked again after each wait: { logic: { some: [{ var: ${owner}.${list} }, ${test}] } }.`;
}

/** The needs of a rule with what is needed to hear of the events that end its runs. */
export function cancelNeeds(
  rule: Rule,
  needs: ReadonlyMap<string, ModelNeeds>,
  vocabulary: Vocabulary,
): ReadonlyMap<string, ModelNeeds> {
  const all = new Map(
    [...needs].map(([model, { events, paths }]) => [
      model,
      { events: new Set(events), paths: new Set(paths) },
    ]),
  );
  for (const cancel of rule.cancel_when ?? []) {
    const [name = '', what = ''] = cancel.event.split('.');
    const words = vocabulary.models.get(name);
    const target = words?.model ?? name;
    const source = words?.derived?.get(what) ?? { events: [what], paths: [] };
    const wanted = all.get(target) ?? { events: new Set<string>(), paths: new Set<string>() };
    all.set(target, wanted);
    for (const event of source.events) wanted.events.add(event);
    for (const path of source.paths) wanted.paths.add(path);
    for (const { path } of usesOf(asRule(rule, cancel)).paths) {
      const [root = '', ...rest] = path.split('.');
      if (rest.length > 0 && (root === target || root === 'previous')) wanted.paths.add(rest.join('.'));
    }
    for (const model of aboutModels(rule, vocabulary)) {
      const link = linkTo(target, model, vocabulary);
      if (link !== null && link !== '') all.get(model)?.paths.add(link);
    }
  }
  return all;
}
