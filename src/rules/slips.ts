import { isObject } from '../lib/json.js';
import { slipsInConditions } from './condition-slips.js';
import type { Place } from './place.js';
import { slipsInLookups } from './lookup-slips.js';
import { slip, type Slip } from './slip.js';
import { slipsInSteps } from './step-slips.js';

/** Words that other tools use at the top of a rule, with ours; the first that is not taken is meant. */
const OTHER_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['trigger', ['triggers']],
  ['on', ['triggers']],
  ['event', ['triggers']],
  ['events', ['triggers']],
  ['when', ['triggers', 'conditions']],
  ['condition', ['conditions']],
  ['filter', ['conditions']],
  ['filters', ['conditions']],
  ['if', ['conditions']],
  ['action', ['actions']],
  ['steps', ['actions']],
  ['then', ['actions']],
  ['do', ['actions']],
  ['title', ['name']],
  ['variables', ['vars']],
  ['test', ['tests']],
  ['on_error', ['on_failure']],
  ['on_fail', ['on_failure']],
]);

/** What the author of a document that is no rule had in mind, as far as it can be told. */
export function slipsIn(rule: Record<string, unknown>): Slip[] {
  const { triggers, conditions, actions, on_failure: onFailure, cancel_when: cancelWhen } = rule;
  const around = ['rules', 'rule'].find((word) => typeof rule[word] === 'object');
  if (around !== undefined && !('triggers' in rule))
    return [
      slip(
        `A file has no "${around}" around its rules: each stands by itself, with "version" and the other keys outermost, and the next one follows behind a line "---".`,
        [around],
        [[]],
      ),
    ];
  if (typeof cancelWhen === 'string')
    return [slip(`"cancel_when" is a list; write - { event: ${cancelWhen} } below it.`, ['cancel_when'])];
  const cancels = Array.isArray(cancelWhen) ? cancelWhen : [];
  return [
    ...otherWords(rule),
    ...slipsInTriggers(triggers),
    ...slipsInLookups(rule['lookups']),
    ...slipsInConditions(conditions, ['conditions']),
    ...slipsInSteps(actions, ['actions']),
    ...slipsInSteps(onFailure, ['on_failure']),
    ...cancels.flatMap((one: unknown, index) => slipsInCancel(one, ['cancel_when', index])),
  ];
}

function slipsInCancel(one: unknown, place: Place): Slip[] {
  if (!isObject(one)) return [];
  const { field, event } = one;
  if (typeof field !== 'string') return slipsInConditions(one['conditions'], [...place, 'conditions']);
  const heard = typeof event === 'string' ? event : `${field.split('.')[0] ?? 'matter'}.updated`;
  return [
    slip(
      `An entry of "cancel_when" is an event, and what is asked of it stands below "conditions"; write - { event: ${heard}, conditions: { field: ${field}, … } }.`,
      [...place, 'field'],
      [place],
    ),
  ];
}

function otherWords(rule: Record<string, unknown>): Slip[] {
  const taken = new Set(Object.keys(rule));
  const slips: Slip[] = [];
  for (const [word, ours] of OTHER_WORDS) {
    if (!(word in rule)) continue;
    const meant = ours.find((each) => !taken.has(each)) ?? ours[0] ?? word;
    taken.add(meant);
    slips.push({
      code: 'R001',
      message: `There is no key "${word}" here; the word is "${meant}".`,
      at: [word],
      covers: meant in rule ? [[word]] : [[word], [meant]],
    });
  }
  return slips;
}

function slipsInTriggers(triggers: unknown): Slip[] {
  if (typeof triggers === 'string')
    return [slip(`"triggers" is a list; write - { event: ${triggers} } below it.`, ['triggers'])];
  if (isObject(triggers))
    return [slip('"triggers" is a list: put "- " before the first line of each trigger.', ['triggers'])];
  if (!Array.isArray(triggers)) return [];
  return triggers.flatMap((one: unknown, index) => slipsInTrigger(one, ['triggers', index]));
}

const PLANNED = 'schedule: { cron: "30 8 * * 1-5", on_missed: once }';

function slipsInTrigger(one: unknown, place: Place): Slip[] {
  if (typeof one === 'string') {
    const meant = one === 'manual' ? 'manual: true' : one === 'schedule' ? PLANNED : `event: ${one}`;
    return [slip(`A trigger is a map; write - { ${meant} }.`, place)];
  }
  if (!isObject(one)) return [];
  if (typeof one['schedule'] === 'string')
    return [
      slip(`A schedule has its times as "cron"; write ${PLANNED} for half past eight on weekdays.`, [
        ...place,
        'schedule',
      ]),
    ];
  if ('cron' in one && !('schedule' in one))
    return [slip(`"cron" stands in a "schedule"; write ${PLANNED}.`, [...place, 'cron'], [place])];
  const [first, second] = ['event', 'schedule', 'manual'].filter((key) => key in one);
  if (first !== undefined && second !== undefined)
    return [
      slip(
        `A trigger is one thing, and this one has "${first}" and "${second}"; make two triggers of it.`,
        [...place, second],
        [place],
      ),
    ];
  if ('query' in one && !('schedule' in one))
    return [
      slip(
        `A "query" goes with a "schedule", by which Clio is asked; add ${PLANNED}, or ask in "conditions" about what the event brings.`,
        [...place, 'query'],
        [place],
      ),
    ];
  return [];
}
