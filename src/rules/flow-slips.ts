import { isObject } from '../lib/json.js';
import type { Place } from './place.js';
import { slip, type Slip } from './slip.js';

const LOOPS = ['foreach', 'forEach', 'for-each'];
const ELSE_IFS = ['elif', 'elseif', 'else_if', 'elsif'];

/** Units that a time has, as other tools have them for keys. */
const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'business_day'];

/** Words of other tools for a loop; null where there is none. */
export function loopSlip(step: Record<string, unknown>, place: Place): Slip | null {
  const loop = LOOPS.find((word) => word in step);
  return loop === undefined
    ? null
    : slip(`There is no step "${loop}"; the word is "for_each".`, [...place, loop], [place]);
}

/** Words of other tools for the branches of a step. */
export function slipsInBranches(step: Record<string, unknown>, place: Place): Slip[] {
  const elseIf = ELSE_IFS.find((word) => word in step);
  if (elseIf !== undefined)
    return [
      slip(
        `There is no "${elseIf}"; for several branches write "choose:", and below it "- if: …" with its "then:" for each.`,
        [...place, elseIf],
        [place],
      ),
    ];
  const { choose } = step;
  if (!('choose' in step)) return [];
  if ('default' in step)
    return [
      slip('What is done when no branch fits stands below "else", not "default".', [...place, 'default']),
    ];
  const choices: unknown[] = Array.isArray(choose) ? choose : [];
  return choices.flatMap((one, index) =>
    isObject(one) ? slipsInChoice(one, [...place, 'choose', index]) : [],
  );
}

function slipsInChoice(choice: Record<string, unknown>, place: Place): Slip[] {
  const last = ['default', 'else', 'otherwise'].find((word) => word in choice);
  if (last !== undefined)
    return [
      slip(
        `A branch has no "${last}"; what is done when none fits stands below "else:", beside "choose".`,
        [...place, last],
        [place],
      ),
    ];
  const word = [...ELSE_IFS, 'when', 'case', 'condition', 'conditions'].find((one) => one in choice);
  if (word === undefined || 'if' in choice) return [];
  return [slip(`A branch has no "${word}"; the word is "if".`, [...place, word], [place])];
}

/** A wait that says how long it is in another way. */
export function slipsInWait(step: Record<string, unknown>, place: Place): Slip[] {
  const { wait } = step;
  const said = 'A wait says for how long, or until when';
  if (typeof wait === 'string' || typeof wait === 'number')
    return [slip(`${said}; write ${written(wait)}.`, [...place, 'wait'])];
  if (isObject(wait)) {
    const unit = Object.keys(wait).find((key) => UNITS.includes(key.replace(/s$/, '')));
    if (unit !== undefined)
      return [
        slip(
          `${said}; write ${written(inUnits(wait[unit], unit))}.`,
          [...place, 'wait', unit],
          [[...place, 'wait']],
        ),
      ];
  }
  const word = ['delay', 'sleep', 'pause'].find((one) => one in step);
  return word === undefined
    ? []
    : [slip(`There is no step "${word}"; write ${written(step[word])}.`, [...place, word], [place])];
}

function inUnits(count: unknown, unit: string): string {
  const number = typeof count === 'number' || typeof count === 'string' ? count : 3;
  return `${number} ${unit}`;
}

function written(time: unknown): string {
  return `wait: { for: ${typeof time === 'string' ? time : '3 days'} }`;
}
