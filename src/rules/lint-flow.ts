import { counted } from '../lib/counted.js';
import { namesTime } from './due-time.js';
import { engineRoots } from './engine-roots.js';
import { maxActionsOf } from './flow-plan.js';
import { lintCancel } from './lint-cancel.js';
import { lintAnswers, lintFailures, lintMocks } from './lint-mocks.js';
import { lintTests } from './lint-tests.js';
import { lintWaits } from './lint-waits.js';
import type { Report } from './read-documents.js';
import { aboutModels } from './rule-models.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
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
  lintWaits(rule, aboutModels(rule, vocabulary), vocabulary, report);
  lintMocks(rule, vocabulary, report);
  lintAnswers(rule, report);
  lintFailures(rule, report);
  lintTests(rule, vocabulary, report);
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
