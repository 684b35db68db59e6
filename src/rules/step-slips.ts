import { nearest } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { slipsInConditions } from './condition-slips.js';
import type { Place } from './place.js';
import { slip, type Slip } from './slip.js';
import { loopSlip, slipsInBranches, slipsInWait } from './flow-slips.js';
import { actionStepKeys, stepKeys } from './step.js';

/** Words that other tools use for "with". */
const INPUTS = ['inputs', 'input', 'params', 'parameters', 'data', 'args', 'arguments', 'fields', 'body'];

/** What the name of an action looks like. */
const ACTION = /^[a-z_]+(\.[a-z_]+)+$/;

const BLOCKS = ['then', 'else', 'actions'];

/** Lists of steps that are none, and steps that are no steps, at any depth. */
export function slipsInSteps(value: unknown, place: Place): Slip[] {
  if (isObject(value))
    return [slip(`"${place.at(-1)}" is a list: put "- " before the first line of each step.`, place)];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, index) => slipsInStep(one, [...place, index]));
}

function slipsInStep(one: unknown, place: Place): Slip[] {
  if (typeof one === 'string' && ACTION.test(one))
    return [
      slip(`A step is a map; write - action: ${one}, and the inputs of the action below "with:".`, place),
    ];
  if (one === 'stop')
    return [slip('A step is a map; write - stop: and why it ends here, such as "nothing to do".', place)];
  if (!isObject(one)) return [];
  const called = Object.keys(one).find((key) => ACTION.test(key));
  if (called !== undefined && !('action' in one))
    return [
      slip(
        `"${called}" stands behind "action"; write - action: ${called}, and its inputs below "with:".`,
        [...place, called],
        [place],
      ),
    ];
  const choices = Array.isArray(one['choose']) ? one['choose'] : [];
  const loop = loopSlip(one, place);
  if (loop !== null) return [loop];
  return [
    ...('action' in one && !isLoop(one) ? slipsInInputs(one, place) : slipsInFlow(one, place)),
    ...slipsInBranches(one, place),
    ...slipsInConditions(one['if'], [...place, 'if']),
    ...BLOCKS.flatMap((key) => ('action' in one ? [] : slipsInSteps(one[key], [...place, key]))),
    ...choices.flatMap((choice: unknown, index) =>
      isObject(choice)
        ? [
            ...slipsInConditions(choice['if'], [...place, 'choose', index, 'if']),
            ...slipsInSteps(choice['then'], [...place, 'choose', index, 'then']),
          ]
        : [],
    ),
  ];
}

/** The inputs of an action are under "with", and nowhere else. */
function slipsInInputs(step: Record<string, unknown>, place: Place): Slip[] {
  const known: readonly string[] = [...actionStepKeys, ...stepKeys];
  const strays = Object.keys(step).filter((key) => !known.includes(key));
  const [first] = strays;
  if (first === undefined) return [];
  if (INPUTS.includes(first) && !('with' in step))
    return [slip(`There is no key "${first}" here; the word is "with".`, [...place, first])];
  const isFilled = isObject(step['with']);
  const meant = strays.filter((key) => !isFilled || nearest(key, known) === undefined);
  const [stray = first] = meant;
  if (meant.length === 0) return [];
  const others = meant.length > 1 ? `, and so do ${meant.slice(1).join(', ')}` : '';
  const covers = [...meant.map((key) => [...place, key]), ...(isFilled ? [] : [[...place, 'with']])];
  const message = `"${stray}" is no key of a step. An input of the action belongs below "with:", two blanks further in${others}.`;
  return [{ ...slip(message, [...place, stray], covers), code: 'R001' }];
}

function slipsInFlow(step: Record<string, unknown>, place: Place): Slip[] {
  const waits = slipsInWait(step, place);
  if (waits.length > 0) return waits;
  if ('for_each' in step) return slipsInLoop(step, place);
  if (!('if' in step) || 'then' in step || 'choose' in step) return [];
  const word = OTHER_LISTS.find((one) => Array.isArray(step[one]));
  if (word === undefined) return [];
  return [slip(`What follows an "if" stands below "then", not "${word}".`, [...place, word], [place])];
}

function isLoop(step: Record<string, unknown>): boolean {
  return 'for_each' in step && typeof step['action'] !== 'string';
}

/** Where other tools put the steps of a branch, and of a loop. */
const OTHER_LISTS = ['actions', 'action', 'do', 'steps'];
const BODIES = ['do', 'steps', 'then', 'loop', 'body'];

function bodyOf(step: Record<string, unknown>): string | undefined {
  return BODIES.find((one) => one in step) ?? (Array.isArray(step['action']) ? 'action' : undefined);
}

function slipsInLoop(step: Record<string, unknown>, place: Place): Slip[] {
  const { for_each: list } = step;
  const path = isObject(list) ? list['var'] : undefined;
  const example = typeof path === 'string' ? path : 'matter.relationships';
  const word = 'actions' in step ? undefined : bodyOf(step);
  return [
    ...(typeof list !== 'string'
      ? [slip(`"for_each" takes the path of a list; write for_each: ${example}.`, [...place, 'for_each'])]
      : []),
    ...(word === undefined
      ? []
      : [
          slip(
            `What is done for each entry stands below "actions", not "${word}".`,
            [...place, word],
            [
              [...place, word],
              [...place, 'actions'],
            ],
          ),
        ]),
  ];
}
