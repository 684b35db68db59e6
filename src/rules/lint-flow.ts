import { counted } from '../lib/counted.js';
import { didYouMean } from '../lib/did-you-mean.js';
import type { ModelNeeds } from './compiled-rule.js';
import { namesTime } from './due-time.js';
import { engineRoots } from './engine-roots.js';
import { maxActionsOf } from './flow-plan.js';
import { KnownPaths } from './known-paths.js';
import { lintAnswers, lintFailures, lintMocks } from './lint-mocks.js';
import { lintTruth } from './lint-truth.js';
import { lintWaits } from './lint-waits.js';
import { lintPaths } from './lint-paths.js';
import { strangeModel } from './lint-triggers.js';
import { usesOf } from './path-uses.js';
import type { Report } from './read-documents.js';
import { modelNamesOf } from './rule-models.js';
import type { CancelSpec, Rule } from './rule.js';
import type { ModelVocabulary, Vocabulary } from './rule-vocabulary.js';
import type { Place } from './place.js';
import { daysIn, type WaitStep } from './step.js';
import { blocksAround, stepsOf, type PlacedStep } from './step-tree.js';

const DEEPEST = 10;
const MOST_STEPS = 200;
/** R005, R010 and R040: what the steps of a rule may do together, and the events that end its runs. */
export function lintFlow(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  lintCancel(rule, vocabulary, report);
  const steps = stepsOf(rule);
  const tooDeep = steps.find(({ block }) => block.depth > DEEPEST);
  if (tooDeep !== undefined)
    report(
      'R005',
      `Steps stand ${DEEPEST} levels deep at most; use "choose", or make two rules of it.`,
      tooDeep.place,
    );
  for (const step of steps) lintStep(step, rule, vocabulary, report);
  lintWaits(rule, modelsOf(rule, vocabulary), vocabulary, report);
  lintMocks(rule, vocabulary, report);
  lintAnswers(rule, report);
  lintFailures(rule, report);
}

/** R005: a rule of so many steps that nobody reads what else is wrong with each. */
export function hasTooManySteps(rule: Rule, report: Report): boolean {
  const { length } = stepsOf(rule);
  if (length <= MOST_STEPS) return false;
  report(
    'R005',
    `A rule has ${MOST_STEPS} steps at most, and this one has ${length}; make two rules of it.`,
    ['actions'],
  );
  return true;
}

function lintStep(
  { spec, place, block }: PlacedStep,
  rule: Rule,
  vocabulary: Vocabulary,
  report: Report,
): void {
  if ('for_each' in spec) {
    if (spec.max === undefined)
      report(
        'R040',
        `for_each needs "max": how many entries it may have. More are bad data, and then nothing is done for any of them.`,
        [...place, 'for_each'],
      );
    else if (spec.max > maxActionsOf(rule))
      report(
        'R040',
        `"max" is ${spec.max}, and a run carries out ${counted(maxActionsOf(rule), 'action')} at most; it would fail on the way.`,
        [...place, 'max'],
        'warning',
      );
    const taken = [
      ...vocabulary.models.keys(),
      ...Object.keys(engineRoots),
      'previous',
      'outputs',
      'lookups',
      'vars',
      'now',
    ];
    const outer = blocksAround(block).flatMap(({ item }) => item?.name ?? []);
    if ([...taken, 'calendar', ...outer].includes(spec.as))
      report('R022', `"${spec.as}" means something else here; call the entry by another name in "as".`, [
        ...place,
        'as',
      ]);
  }
  if ('wait' in spec) lintWait(spec, [...place, 'wait'], report);
  if ('approval' in spec && spec.approval.on_timeout !== 'reject' && spec.approval.timeout === undefined)
    report(
      'R005',
      `"on_timeout: ${spec.approval.on_timeout}" never comes to pass without a "timeout"; write how long is waited, such as "timeout: 3 business_days".`,
      [...place, 'approval', 'on_timeout'],
      'warning',
    );
}

function lintWait({ wait: { until, for: time } }: WaitStep, place: Place, report: Report): void {
  if (until !== undefined && !until.includes('{{') && !namesTime(until))
    report(
      'R005',
      `"${until}" is no time; write a date such as "2026-04-01", a time such as "2026-04-01T09:00:00", a time of day such as "17:00", or the field that has it, such as "{{matter.close_date}}".`,
      [...place, 'until'],
    );
  if (time !== undefined && daysIn(time) === 0)
    report('R005', `A wait for "${time}" is none; write how long, or take the step out.`, [...place, 'for']);
}

/** R010 to R013: the events that end a run, and what they are asked. */
function lintCancel(rule: Rule, vocabulary: Vocabulary, report: Report): void {
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
    else if (modelsOf(rule, vocabulary).every((model) => linkTo(words.model, model, vocabulary) === null))
      report(
        'R010',
        `"${cancel.event}" is of no record that the run is about: ${whyUnlinked(words, modelsOf(rule, vocabulary), vocabulary)}`,
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
  }
}

/** R014: conditions of `cancel_when` that never hold. */
export function lintCancelTruth(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  for (const [index, cancel] of (rule.cancel_when ?? []).entries()) {
    const one = asRule(rule, cancel);
    lintTruth(one, new KnownPaths(one, vocabulary), (code, message, found, ...rest) => {
      report(code, message, ['cancel_when', index, ...found], ...rest);
    });
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

function modelsOf(rule: Rule, vocabulary: Vocabulary): string[] {
  return modelNamesOf(rule, vocabulary).map((name) => vocabulary.models.get(name)?.model ?? name);
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
    for (const model of modelsOf(rule, vocabulary)) {
      const link = linkTo(target, model, vocabulary);
      if (link !== null && link !== '') all.get(model)?.paths.add(link);
    }
  }
  return all;
}
