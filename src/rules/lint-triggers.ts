import { didYouMean } from '../lib/did-you-mean.js';
import { KEYED } from './control.js';
import type { Uses } from './path-uses.js';
import { provenAt, provenBy } from './proven-paths.js';
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

/** R022, a warning: what a schedule alone gives, in a text that is written where the rule was started otherwise, too. */
function lintPlanned(rule: Rule, uses: Uses, report: Report): void {
  const schedules = schedulesOf(rule).length;
  // Which trigger it was may decide what is read.
  if (schedules === rule.triggers.length || uses.triggers.length > 0) return;
  const steps = stepsOf(rule);
  for (const { path, source, guarded, isSole, step, place } of uses.paths) {
    const placed = step === undefined ? undefined : steps[step];
    const isLeftOut = placed !== undefined && 'action' in placed.spec && placed.spec.omit_null && isSole;
    if (path !== PLANNED || source !== 'template' || guarded || isLeftOut) continue;
    const proven =
      placed === undefined ? provenBy(rule.conditions) : provenAt(rule.conditions, placed, steps);
    // A key of these without a value gives way to the record.
    if (proven.has(PLANNED) || KEYED.some((word) => word === place[0])) continue;
    // What is another each time makes a key of no use, but for the event itself.
    const instead = place[0] === 'idempotency_key' ? 'event.id' : 'now';
    report(
      'R022',
      schedules === 0
        ? `"${PLANNED}" is the time that a schedule plans, and the rule has none; write ${instead} in its place.`
        : `"${PLANNED}" is empty where no schedule starts the rule, and then the text cannot be written; write {{default ${PLANNED} ${instead}}}, or ask for { field: ${PLANNED}, exists: true } in a condition.`,
      place,
      'warning',
    );
  }
}

/** R022, a warning: the owner of a rule that names none. */
function lintOwner({ owner }: Rule, uses: Uses, report: Report): void {
  const read = uses.paths.find(
    ({ path, source, guarded }) => path === 'rule.owner' && source === 'template' && !guarded,
  );
  if (owner === undefined && read !== undefined)
    report(
      'R022',
      '"rule.owner" is empty, and then the text cannot be written: the rule names no owner; add "owner: ann@firm.example".',
      read.place,
      'warning',
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
