import { allowsNothing, isImpossible } from './field-domain.js';
import type { PathUse } from './path-uses.js';
import { limitsIn, type PlacedLimit } from './placed-limits.js';
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
  const whole = limitsIn(rule.conditions, ['conditions']);
  const { timezone: zone = 'UTC' } = rule;
  for (const step of steps) {
    const around = [...whole, ...holdingIn(step.block).flatMap((test) => limitsIn(test, step.place))];
    lintArms(step, { around, zone }, report);
    lintElse(step, { around, zone }, report);
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

/** What is true where a step is reached. */
interface Surroundings {
  around: readonly PlacedLimit[];
  zone: string;
}

/** A branch of `choose` that those before it leave nothing for. */
function lintArms({ spec, place }: PlacedStep, { around, zone }: Surroundings, report: Report): void {
  if (!('choose' in spec)) return;
  const missed: PlacedLimit[] = [];
  for (const [index, arm] of spec.choose.entries()) {
    const at = [...place, 'choose', index, 'if'];
    const own = limitsIn(arm.if, at);
    const known = [...around, ...own];
    const left = (limit: PlacedLimit, limits: readonly PlacedLimit[]) => fitsSome(limit, limits, zone);
    // What an earlier branch asks of nothing, or of a record, may be unknown: then one that is about that has its turn.
    const isAboutNull = (limit: PlacedLimit) => allowsNothing(limit) || limit.values.includes(null);
    const isTaken = (limit: PlacedLimit) =>
      isAboutNull(limit) || !left(limit, known) || left(limit, [...known, ...missed]);
    if (!own.every(isTaken))
      report(
        'R014',
        'This branch is never taken: one before it takes all that fits. Take it out, or correct its "if".',
        at,
      );
    // Whether a field has changed may be unknown although its value is known.
    missed.push(...limitsIn(arm.if, at, true).filter(({ operator }) => operator !== 'left'));
  }
}

/** An `else` that is left for nothing. */
function lintElse({ spec, place }: PlacedStep, { around, zone }: Surroundings, report: Report): void {
  if (!('then' in spec) || spec.else === undefined) return;
  const otherwise = limitsIn(spec.if, [...place, 'if'], true);
  const known = [...around, ...otherwise];
  if (otherwise.some((limit) => fitsSome(limit, [limit], zone) && !fitsSome(limit, known, zone)))
    report(
      'R014',
      `This "else" is never taken: what stands around the step already asks for its "if". Take it out, or correct the "if".`,
      [...place, 'else'],
    );
}

function fitsSome({ field }: PlacedLimit, limits: readonly PlacedLimit[], zone: string): boolean {
  return !isImpossible(
    limits.filter((one) => one.field === field),
    { zone },
  );
}
