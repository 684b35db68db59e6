import { isImpossible } from './field-domain.js';
import { limitsAt, limitsOf, type PlacedLimit } from './lint-truth.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { holdingIn, stepsOf, type PlacedStep } from './step-tree.js';

/** R014: steps that are never reached. R010 and R022: vars that are read before they are there. */
export function lintReach(rule: Rule, uses: readonly PathUse[], report: Report): void {
  lintVars(rule, uses, report);
  const steps = stepsOf(rule);
  for (const step of steps) if ('stop' in step.spec) lintBehind(step, steps, report);
  // After a wait the record may be another.
  if (steps.some(({ spec }) => 'wait' in spec)) return;
  const whole = limitsOf(rule.conditions);
  for (const step of steps) {
    const around = [...whole, ...holdingIn(step.block).flatMap((test) => limitsAt(test, step.place))];
    lintArms(step, around, report);
    lintElse(step, around, report);
  }
}

/** They are computed in the order of the file. */
function lintVars({ vars }: Rule, uses: readonly PathUse[], report: Report): void {
  const names = Object.keys(vars);
  for (const { path, place, source, isOperand = false } of uses) {
    const [root, read = ''] = path.split('.');
    const [where, own] = place;
    if (isOperand || root !== 'vars' || where !== 'vars' || !names.includes(read)) continue;
    const reader = String(own);
    if (names.indexOf(read) < names.indexOf(reader)) continue;
    const message =
      read === reader
        ? `"vars.${read}" reads itself, and has no value then; take that out.`
        : `"vars.${read}" is computed after "${reader}", and has no value yet; write it above.`;
    report(source === 'template' ? 'R022' : 'R010', message, place);
  }
}

function lintBehind({ place, block }: PlacedStep, steps: readonly PlacedStep[], report: Report): void {
  const next = [...block.place, Number(place.at(-1)) + 1].join('/');
  const behind = steps.find((one) => one.place.join('/') === next);
  if (behind !== undefined)
    report(
      'R014',
      'Nothing behind a "stop" is done; take it out, or put the "stop" into an "if".',
      behind.place,
      'warning',
    );
}

/** A branch of `choose` that those before it leave nothing for. */
function lintArms({ spec, place }: PlacedStep, around: readonly PlacedLimit[], report: Report): void {
  if (!('choose' in spec)) return;
  const missed: PlacedLimit[] = [];
  for (const [index, arm] of spec.choose.entries()) {
    const at = [...place, 'choose', index, 'if'];
    const own = limitsAt(arm.if, at);
    const known = [...around, ...own];
    if (own.some((limit) => fitsSome(limit, known) && !fitsSome(limit, [...known, ...missed])))
      report(
        'R014',
        'This branch is never taken: one before it takes all that fits. Take it out, or correct its "if".',
        at,
      );
    missed.push(...limitsAt({ not: arm.if }, at));
  }
}

/** An `else` that is left for nothing. */
function lintElse({ spec, place }: PlacedStep, around: readonly PlacedLimit[], report: Report): void {
  if (!('then' in spec) || spec.else === undefined) return;
  const [otherwise] = limitsAt({ not: spec.if }, [...place, 'if']);
  if (
    otherwise !== undefined &&
    fitsSome(otherwise, [otherwise]) &&
    !fitsSome(otherwise, [...around, otherwise])
  )
    report(
      'R014',
      `This "else" is never taken: what stands around the step already asks for its "if". Take it out, or correct the "if".`,
      [...place, 'else'],
    );
}

/** Whether the field of a limit can have a value; a test that has an answer to none is left in peace. */
function fitsSome({ field, values }: PlacedLimit, limits: readonly PlacedLimit[]): boolean {
  return values.includes(null) || !isImpossible(limits.filter((one) => one.field === field));
}
