import { didYouMean } from '../lib/did-you-mean.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Rule, RuleTest } from './rule.js';
import { modelNamesOf } from './rule-models.js';
import type { ModelVocabulary, Vocabulary } from './rule-vocabulary.js';
import { isAction, stepsOf, withoutTurn } from './step-tree.js';
import { strangersIn } from './strange-keys.js';
import { eventsOf, triggerId } from './trigger.js';
import { unknownReasons } from './unknown.js';

/** R005: what a test names and neither the rule nor Clio has. Warnings: a wrong test takes no rule out of force. */
export function lintTests(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  for (const [index, test] of rule.tests.entries()) {
    const complain = (message: string, at: Place) => {
      report('R005', message, ['tests', index, ...at], 'warning');
    };
    lintOccasion(test, rule, vocabulary, complain);
    lintRecords(test, modelOf(test, rule, vocabulary), complain);
    lintExpected(test, rule, vocabulary, complain);
  }
}

type Complain = (message: string, at: Place) => void;

function lintOccasion(
  { event, trigger }: RuleTest,
  rule: Rule,
  { models }: Vocabulary,
  complain: Complain,
): void {
  const [events, ids] = [eventsOf(rule), rule.triggers.map(triggerId)];
  // Where the trigger has the slip, it is told there.
  const happens = (one: string) => {
    const [name = '', what = ''] = one.split('.');
    return models.get(name)?.events.includes(what) === true;
  };
  if (event !== undefined && !events.includes(event) && events.every(happens)) {
    const has = events.length === 0 ? `write trigger: ${ids[0] ?? ''}` : `it has ${events.join(', ')}`;
    complain(
      `No trigger of the rule has the event "${event}", so the test says nothing; ${has}.${didYouMean(event, events)}`,
      ['event'],
    );
  }
  if (event === undefined && trigger !== undefined && !ids.includes(trigger))
    complain(
      `No trigger of the rule has the id "${trigger}", so the test says nothing; it has ${ids.join(', ')}.${didYouMean(trigger, ids)}`,
      ['trigger'],
    );
}

/** The kind of record that a test is about; undefined where that is in doubt. */
function modelOf(
  { event, trigger }: RuleTest,
  rule: Rule,
  vocabulary: Vocabulary,
): ModelVocabulary | undefined {
  const named = rule.triggers.find((one) => triggerId(one) === trigger);
  const about = event === undefined && named !== undefined ? { ...rule, triggers: [named] } : rule;
  const names = event === undefined ? modelNamesOf(about, vocabulary) : [event.split('.')[0] ?? ''];
  const models = new Set(names.map((name) => vocabulary.models.get(name)?.model));
  return models.size === 1 ? vocabulary.models.get(names[0] ?? '') : undefined;
}

function lintRecords(test: RuleTest, model: ModelVocabulary | undefined, complain: Complain): void {
  if (model === undefined) return;
  for (const part of ['record', 'previous'] as const)
    for (const { message, at } of strangersIn(part, test[part] ?? {}, model.fields, model.model))
      complain(message, [part, ...at]);
}

/** Why a rule decides as it does when it is asked alone, as a test asks it. */
const REASONS: Readonly<Record<RuleTest['expect']['outcome'], readonly string[]>> = {
  matched: ['condition_true'],
  not_matched: ['condition_false', 'already_true'],
  unknown: unknownReasons,
  suppressed: ['disabled', 'paused'],
};

function lintReason({ outcome, reason }: RuleTest['expect'], complain: Complain): void {
  const known = REASONS[outcome];
  if (reason === undefined || known.includes(reason)) return;
  const other = Object.entries(REASONS).find(([, reasons]) => reasons.includes(reason))?.[0];
  const hint =
    other === undefined ? didYouMean(reason, known) : ` "${reason}" goes with the outcome ${other}.`;
  complain(
    `No rule is ${outcome} in a test because of ${JSON.stringify(reason).slice(0, 80)}; the reason is ${known.join(', ')}.${hint}`,
    ['expect', 'reason'],
  );
}

function lintExpected({ expect }: RuleTest, rule: Rule, { actions }: Vocabulary, complain: Complain): void {
  lintReason(expect, complain);
  const steps = stepsOf(rule);
  for (const [index, { id, with: given }] of (expect.actions ?? []).entries()) {
    const plain = withoutTurn(id);
    const step = steps.find(({ key }) => key === plain);
    if (step !== undefined && isAction(step)) {
      const taken = actions.get(step.spec.action)?.input.shape;
      for (const input of taken === undefined ? [] : Object.keys(given))
        if (!Object.hasOwn(taken ?? {}, input))
          complain(
            `The test expects "${input}" of ${step.spec.action}, which takes no such input.${didYouMean(input, Object.keys(taken ?? {}))}`,
            ['expect', 'actions', index, 'with', input],
          );
      continue;
    }
    const acting = steps.filter(isAction).map(({ key }) => key);
    const why = step === undefined ? 'no step has that id' : 'that step is no action';
    complain(
      `The test expects the action "${id}", and ${why}; the actions are ${acting.join(', ')}.${didYouMean(plain, acting)}`,
      ['expect', 'actions', index, 'id'],
    );
  }
}
