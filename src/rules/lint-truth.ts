import { isObject } from '../lib/json.js';
import { alternatives, conjuncts, fieldTestOf, testKey, type Conjunct } from './conjuncts.js';
import { allowsNothing, isExact, isImpossible, type FieldDomain, type Limit } from './field-domain.js';
import type { KnownPaths } from './known-paths.js';
import type { Place } from './place.js';
import { isChangeOfValue, limitsIn, limitsOf, previousOf, type PlacedLimit } from './placed-limits.js';
import type { Report } from './read-documents.js';
import { conditionsIn, holdingIn, stepsOf } from './step-tree.js';
import type { Rule } from './rule.js';

/**
 * R014: conditions that can never hold, or always do. What the whole rule asks for holds for its steps as well. `at`: where
 * what is taken for a rule stands in the file.
 */
export function lintTruth(rule: Rule, known: KnownPaths, report: Report, at: Place = []): void {
  const judge = new Judge(known, rule.timezone ?? 'UTC', report);
  const whole =
    rule.conditions === null ? [] : judge.judge(conjuncts(rule.conditions, [...at, 'conditions']), []);
  const waits = stepsOf(rule).flatMap(({ spec }) => ('wait' in spec ? [spec.wait] : []));
  // Where nobody asks again, what is true of the time may be so no longer.
  const lasting = waits.every(({ recheck }) => recheck) ? whole : whole.filter((part) => !isOfNow(part));
  for (const { step, condition, place } of conditionsIn(rule)) {
    // After a wait the record may be another.
    const held = waits.length > 0 ? [] : holdingIn(step.block);
    const around = held.flatMap((test) => conjuncts(test, step.place)).map(asked);
    judge.judge(conjuncts(condition, place), [...lasting, ...around]);
  }
}

/** A part with what it says. */
interface Asked extends Conjunct {
  limits: readonly PlacedLimit[];
  key: string;
  /** The field that must have changed, where only another value is a change. */
  changed: string | null;
}

class Judge {
  constructor(
    private readonly known: KnownPaths,
    private readonly zone: string,
    private readonly report: Report,
  ) {}

  /** Judges parts that must all be so together with `outer`, and gives all that must be so then. */
  judge(parts: readonly Conjunct[], outer: readonly Asked[]): readonly Asked[] {
    const own = parts.map(asked);
    const together = [...outer];
    for (const part of own) {
      const message = this.fault(part, together);
      if (message !== null) this.report('R014', message, whereOf(part));
      together.push(part);
    }
    const last = own.at(-1);
    const message = this.unchanged(together, outer);
    if (message !== null && last !== undefined) this.report('R014', message, whereOf(last));
    for (const part of own) {
      const branches = alternatives(part);
      if (branches !== null) this.branches(branches, part.place, together);
    }
    return together;
  }

  private branches(parts: readonly Conjunct[], place: Place, outer: readonly Asked[]): void {
    for (const { condition, place: at, negated } of parts)
      this.judge(conjuncts(condition, at, negated), outer);
    const opposites = parts.map(({ condition, negated }) => limitsIn(condition, place, !negated));
    const missed = opposites.flat();
    const field = missed[0]?.field;
    const isOfOne =
      opposites.every(([first]) => first !== undefined) && missed.every((each) => each.field === field);
    // A test of a field without a value is unknown, unless it is about that: then nothing is said here.
    if (field === undefined || !isOfOne || missed.some(({ values }) => values.includes(null))) return;
    const some: Limit = { operator: 'not_in', values: [null] };
    if (isImpossible([...missed, some], this.domainOf(field)))
      this.report(
        'R014',
        `One of these holds whatever ${field} is; ask { field: ${field}, exists: true } if a value is meant, or take them out.`,
        place,
      );
  }

  /** What is wrong with a part beside those before it; null when nothing is. */
  private fault(part: Asked, before: readonly Asked[]): string | null {
    if ('logic' in part.condition && readsNothing(part.condition.logic))
      return 'This logic reads nothing, so it is always the same; name a path with { var: … }, or take it out.';
    const others = before.flatMap(({ limits }) => limits);
    for (const own of part.limits) {
      const message = this.compare(own, others);
      if (message !== null) return message;
    }
    const opposite = before.find(({ key, negated }) => key === part.key && negated !== part.negated);
    return opposite === undefined
      ? null
      : `This never holds together with ${whereOf(opposite).join('/')}, which asks for the opposite. Correct one, or join them with "any".`;
  }

  private compare(own: PlacedLimit, others: readonly PlacedLimit[]): string | null {
    const domain = this.domainOf(own.field);
    const same = others.filter(({ field }) => field === own.field);
    const emptied = others.find((other) => isAbout(other, own) || isAbout(own, other));
    const shown = JSON.stringify(own.values.length === 1 ? own.values[0] : own.values);
    if (isImpossible([own], domain))
      return `This never holds: ${own.field} can have none of the values that are left. Correct or remove it.`;
    if (emptied !== undefined)
      return `This never holds together with ${emptied.place.join('/')}: where there is no ${shorter(own, emptied)}, there is nothing in it. Correct one, or join them with "any".`;
    if (isImpossible([...same, own], domain, own) && !isImpossible(same, domain)) {
      const other = same.find((each) => isImpossible([each, own], domain)) ?? same[0];
      const what = own.instead ?? `${own.field} cannot fit ${shown}`;
      return `This never holds together with ${other?.place.join('/') ?? ''}: ${what} and that as well. Correct one, or join them with "any".`;
    }
    const isAll = own.operator === 'in' && own.instead === undefined;
    if (isAll && domain.values?.every((value) => own.values.includes(value)) === true)
      return `This always holds: ${own.field} has no other values. Take it out.`;
    return null;
  }

  /** What is said of a change between two values that are asked to be the same; null where `outer` asks it alone. */
  private unchanged(together: readonly Asked[], outer: readonly Asked[]): string | null {
    const fields = new Set(together.flatMap(({ changed }) => changed ?? []));
    for (const field of fields) {
      const value = this.lasting(field, together);
      if (value !== undefined && this.lasting(field, outer) === undefined)
        return `This never holds: ${field} is asked to be ${JSON.stringify(value)} now and before, and to have changed. Correct one of the three.`;
    }
    return null;
  }

  /** The only value that a field can have, now and before, where it is asked to have changed. */
  private lasting(field: string, parts: readonly Asked[]): unknown {
    if (!parts.some(({ changed }) => changed === field)) return undefined;
    const limits = parts.flatMap((part) => part.limits);
    const [now, then] = [this.left(field, limits), this.left(previousOf(field), limits)];
    return now.length === 1 && then.length === 1 && now[0] === then[0] && isExact(now[0])
      ? now[0]
      : undefined;
  }

  /** The values that are left for a field; empty where that cannot be told. */
  private left(field: string, limits: readonly PlacedLimit[]): readonly unknown[] {
    const domain = this.domainOf(field);
    const own = limits.filter((limit) => limit.field === field);
    const listed = own.find(({ operator }) => operator === 'in')?.values ?? domain.values ?? [];
    return listed.filter((value) => !isImpossible([...own, { operator: 'in', values: [value] }], domain));
  }

  private domainOf(field: string): FieldDomain {
    const found = this.known.find(field, Number.MAX_SAFE_INTEGER);
    if (!('kind' in found)) return { zone: this.zone };
    return { values: found.kind.enum, type: found.kind.type, zone: this.zone };
  }
}

function asked(part: Conjunct): Asked {
  const test = part.negated ? undefined : fieldTestOf(part)?.test;
  const changed = test?.changed === true && isChangeOfValue(test.field) ? test.field : null;
  return { ...part, limits: limitsOf(part), key: testKey(part), changed };
}

function whereOf(part: Conjunct): Place {
  return fieldTestOf(part)?.place ?? ('logic' in part.condition ? [...part.place, 'logic'] : part.place);
}

/** Whether one asks that there is nothing where the other asks for something in it. */
function isAbout(empty: PlacedLimit, inner: PlacedLimit): boolean {
  const isEmpty = empty.operator === 'in' && empty.values.every((value) => value === null);
  return isEmpty && inner.field.startsWith(`${empty.field}.`) && !allowsNothing(inner);
}

function shorter({ field: one }: PlacedLimit, { field: other }: PlacedLimit): string {
  return one.length < other.length ? one : other;
}

const OF_NOW = /"(?:older_than|within_next|held_for)":|"now"/;

function isOfNow({ condition }: Conjunct): boolean {
  return OF_NOW.test(JSON.stringify(condition));
}

const READING = /^(var|exists|missing|missing_some|changed|changed_to|changed_from)$/;

function readsNothing(logic: unknown): boolean {
  if (Array.isArray(logic)) return logic.every(readsNothing);
  if (!isObject(logic)) return true;
  return Object.entries(logic).every(([operator, given]) => !READING.test(operator) && readsNothing(given));
}
