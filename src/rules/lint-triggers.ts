import { didYouMean } from '../lib/did-you-mean.js';
import { KEYED } from './control.js';
import type { PathUse, Uses } from './path-uses.js';
import { isAnswered } from './proven-paths.js';
import type { Report } from './read-documents.js';
import { aboutModels, modelNamesOf } from './rule-models.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { stepsOf } from './step-tree.js';
import { isManual, schedulesOf, triggerId } from './trigger.js';

/** R010: events that never happen, triggers that are not there; R012: what has no history. */
export function lintTriggers(rule: Rule, uses: Uses, vocabulary: Vocabulary, report: Report): void {
  for (const [index, trigger] of rule.triggers.entries()) {
    if (!('event' in trigger)) continue;
    const { event } = trigger;
    const [name = '', what = ''] = event.split('.');
    const model = vocabulary.models.get(name);
    const place = ['triggers', index, 'event'];
    if (model === undefined) report('R010', strangeModel(event, vocabulary), place);
    else if (!model.events.includes(what))
      report(
        'R010',
        `"${event}" never happens; ${name} has ${model.events.join(', ')}.${didYouMean(what, model.events)}`,
        place,
      );
  }
  const ids = rule.triggers.map(triggerId);
  for (const { id, place } of uses.triggers)
    if (!ids.includes(id)) report('R010', `No trigger has the id "${id}".${didYouMean(id, ids)}`, place);
  lintManual(rule, vocabulary, report);
  lintLonely(rule, uses, vocabulary, report);
  lintPlanned(rule, uses, report);
  lintOwner(rule, uses, report);
  const models = aboutModels(rule, vocabulary);
  for (const { path, place, test } of uses.paths)
    if (test?.operator === 'held_for' && !models.includes(path.split('.')[0] ?? ''))
      report(
        'R012',
        `Only of the record itself it is known since when it is so, and not of "${path}".`,
        place,
      );
}

/** What to say of an event of a record that nobody knows, or of one without its dot. */
export function strangeModel(event: string, { models }: Vocabulary): string {
  const [name = ''] = event.split('.');
  const [written] = [...models].flatMap(([model, { events }]) =>
    events
      .map((what) => `${model}.${what}`)
      .filter((one) => one.replace('.', '_') === event.replace(/\W/g, '_')),
  );
  if (written !== undefined && written !== event)
    return `A record and what happens to it are joined by a dot; write "${written}".`;
  const hint = didYouMean(name, models.keys());
  return `Changes of "${name}" are not taken in.${hint === '' ? ` There are: ${[...models.keys()].join(', ')}.` : hint}`;
}

/** A rule that is started by hand alone must say by what it reads which records it is about. */
function lintManual(rule: Rule, vocabulary: Vocabulary, report: Report): void {
  const index = rule.triggers.findIndex((trigger) => 'manual' in trigger);
  if (isManual(rule) && modelNamesOf(rule, vocabulary).length === 0)
    report(
      'R010',
      'The rule reads nothing of any record, so nobody knows what it could be started for; use a field, such as {{matter.id}}.',
      ['triggers', index, 'manual'],
    );
}

/** A warning, since by its other triggers such a rule works: what it reads of a record is not there by the clock alone. */
function lintLonely(rule: Rule, uses: Uses, vocabulary: Vocabulary, report: Report): void {
  const lonely = schedulesOf(rule).find(({ trigger }) => trigger.query === undefined);
  // Which trigger it was may decide what is read.
  if (lonely === undefined || uses.triggers.length > 0) return;
  const models = aboutModels(rule, vocabulary);
  const read = uses.paths.map(({ path, guarded, test }) => ({
    root: path.split('.')[0] ?? '',
    isAsked: guarded === true || test?.operator === 'exists',
  }));
  const model = models.find((one) => read.some(({ root }) => root === one));
  if (model !== undefined && !read.some(({ root, isAsked }) => root === model && isAsked))
    report(
      'R010',
      `By this schedule alone the rule is about no record, and "${model}" is not there; add query: { resource: ${model} } to it, or make two rules.`,
      ['triggers', lonely.index, 'schedule'],
      'warning',
    );
}

const PLANNED = 'event.planned_at';
/** What tells by which trigger a rule was started. */
const OCCASION = ['event.source', 'event.type', 'trigger.id'];

/** R022, a warning: what a schedule alone gives, in a text that is written where the rule was started otherwise, too. */
function lintPlanned(rule: Rule, uses: Uses, report: Report): void {
  const schedules = schedulesOf(rule).length;
  // Which trigger it was may decide what is read.
  const isAsked = uses.paths.some(({ path, test }) => test !== undefined && OCCASION.includes(path));
  if (schedules === rule.triggers.length || uses.triggers.length > 0 || isAsked) return;
  for (const use of unwritten(PLANNED, rule, uses)) {
    const isDate = isAskedForDate(use, uses);
    // What is another each time makes a key of no use, but for the event itself, which is no date.
    const instead = use.place[0] === 'idempotency_key' && !isDate ? 'event.id' : 'now';
    const answer = `default ${PLANNED} ${instead}`;
    report(
      'R022',
      schedules === 0
        ? `"${PLANNED}" is the time that a schedule plans, and the rule has none; write ${instead} in its place.`
        : `"${PLANNED}" is empty where no schedule starts the rule, and then the text cannot be written; write ${isDate ? `(${answer})` : `{{${answer}}}`}, or ask for { field: ${PLANNED}, exists: true } in a condition.`,
      use.place,
      'warning',
    );
  }
}

/** Whether a helper takes the path for a date. */
function isAskedForDate({ test, place }: PathUse, { texts }: Uses): boolean {
  const helpers = texts.filter((text) => text.place === place).flatMap(({ analysis }) => analysis.helpers);
  return test?.operator === 'date' || helpers.some(({ name }) => name === 'business_days');
}

/** R022, a warning: the owner of a rule that names none. */
function lintOwner(rule: Rule, uses: Uses, report: Report): void {
  if (rule.owner !== undefined) return;
  const [read] = unwritten('rule.owner', rule, uses);
  if (read !== undefined)
    report(
      'R022',
      '"rule.owner" is empty, and then the text cannot be written: the rule names no owner; add "owner: ann@firm.example".',
      read.place,
      'warning',
    );
}

/** Where a path without a value keeps a text from being written. */
function unwritten(path: string, rule: Rule, { paths }: Uses): PathUse[] {
  const steps = stepsOf(rule);
  const needs = (use: PathUse) =>
    use.source === 'template' &&
    // A key of these without a value gives way to the record.
    !KEYED.some((word) => word === use.place[0]) &&
    !isAnswered(use, rule, steps);
  const isNeeded = (name: string) =>
    paths.some((use) => (use.path === name || use.path.startsWith(`${name}.`)) && needs(use));
  return paths.filter(
    (use) =>
      use.path === path &&
      needs(use) &&
      // One of "vars" without a value matters to those alone that read it.
      (use.place[0] !== 'vars' || isNeeded(`vars.${String(use.place[1])}`)),
  );
}

/** R030: a rule that would act at every update, or about every record that a query finds, needs a key that says when it has. */
export function lintRepetition(rule: Rule, report: Report): void {
  if (rule.idempotency_key !== undefined) return;
  const query = schedulesOf(rule).find(({ trigger }) => trigger.query !== undefined);
  if (query !== undefined)
    report(
      'R030',
      'Each time the query would act again about every record that it finds; add an idempotency_key (with {{event.planned_at}} in it when that is meant).',
      ['triggers', query.index, 'query'],
    );
  const index = rule.triggers.findIndex(
    (trigger) => 'event' in trigger && trigger.event.endsWith('.updated'),
  );
  if (index === -1) return;
  if (rule.evaluation === 'level')
    report('R030', 'With "evaluation: level" every update would act again; add an idempotency_key.', [
      'evaluation',
    ]);
  else if (rule.conditions === null)
    report('R030', 'Without conditions every update would act; add conditions or an idempotency_key.', [
      'triggers',
      index,
      'event',
    ]);
}
