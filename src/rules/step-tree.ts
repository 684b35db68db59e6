import type { Condition } from './condition.js';
import type { Place } from './place.js';
import type { Rule } from './rule.js';
import type { RuleStep, StepSpec, WrittenStep } from './step.js';

/** What a step is: the name that its row has in the database where it is no action. */
export type StepKind = 'action' | 'if' | 'choose' | 'for_each' | 'wait' | 'approval' | 'stop';

export function kindOf(step: WrittenStep): StepKind {
  if ('action' in step) return 'action';
  if ('then' in step) return 'if';
  if ('choose' in step) return 'choose';
  if ('for_each' in step) return 'for_each';
  if ('wait' in step) return 'wait';
  return 'approval' in step ? 'approval' : 'stop';
}

/** A list of steps that are done in order, and how it is reached. */
export interface Block {
  /** `actions`, or `then` of a step: the place without the step. */
  place: Place;
  /** The block that the step with this one stands in; null at the top. */
  outer: Block | null;
  /** What is true where the block is entered, beside what is true of the outer ones. */
  holds: readonly Condition[];
  /** What an entry is called, when the block is done for each entry of a list. */
  item: { name: string; list: string; step: number } | null;
  isOnFailure: boolean;
  depth: number;
}

/** A step of a rule with the place where it stands. */
export interface PlacedStep<Step extends RuleStep = RuleStep> {
  spec: Step;
  /** In the order of the file, whatever the nesting: what `PathUse.step` names. */
  index: number;
  place: Place;
  /** What it is called in `outputs`, and its row, outside of loops. */
  key: string;
  block: Block;
}

/** All steps of a rule with those inside others, in the order of the file; those of `on_failure` last. */
export function stepsOf({
  actions,
  on_failure: onFailure = [],
}: Pick<Rule, 'actions' | 'on_failure'>): PlacedStep[] {
  const found: PlacedStep[] = [];
  const top = { outer: null, holds: [], item: null, depth: 1 };
  collect(actions, '', { ...top, place: ['actions'], isOnFailure: false }, found);
  collect(onFailure, 'on_failure.', { ...top, place: ['on_failure'], isOnFailure: true }, found);
  return found;
}

/** The id of a step without the turn of its loop: `note` for `note[1]`. */
export function withoutTurn(key: string): string {
  return key.replace(/(\[\d+\])+$/, '');
}

/** The steps of a rule that are actions, wherever they stand. */
export function actionsOf(rule: Pick<Rule, 'actions' | 'on_failure'>): PlacedStep<StepSpec>[] {
  return stepsOf(rule).filter(isAction);
}

export function isAction(step: PlacedStep): step is PlacedStep<StepSpec> {
  return 'action' in step.spec;
}

function collect(steps: readonly RuleStep[], prefix: string, block: Block, found: PlacedStep[]): void {
  for (const [index, spec] of steps.entries()) {
    const key = spec.id ?? `${prefix}${index}`;
    const place = [...block.place, index];
    const placed = { spec, index: found.length, place, key, block };
    found.push(placed);
    for (const { steps: inner, at, holds } of armsOf(spec)) {
      const item = 'for_each' in spec ? { name: spec.as, list: spec.for_each, step: placed.index } : null;
      const { isOnFailure, depth } = block;
      const within = { place: [...place, ...at], outer: block, holds, item, isOnFailure, depth: depth + 1 };
      collect(inner, `${key}.${armKey(at)}`, within, found);
    }
  }
}

function armKey(at: Place): string {
  const name = at[0] === 'choose' ? String(at[1]) : at[0];
  return name === 'actions' ? '' : `${String(name)}.`;
}

/** A part of a step that has steps of its own. */
export interface Arm {
  steps: readonly RuleStep[];
  /** Below the step: `['then']`, `['choose', 0, 'then']`. */
  at: Place;
  holds: readonly Condition[];
}

export function armsOf(step: RuleStep): Arm[] {
  if ('action' in step) return [];
  if ('then' in step) {
    const otherwise = { steps: step.else ?? [], at: ['else'], holds: [{ not: step.if }] };
    return [{ steps: step.then, at: ['then'], holds: [step.if] }, otherwise];
  }
  if ('choose' in step) {
    const arms = step.choose.map((arm, index) => ({
      steps: arm.then,
      at: ['choose', index, 'then'],
      holds: [arm.if],
    }));
    const none = step.choose.map(({ if: test }) => ({ not: test }));
    return [...arms, { steps: step.else ?? [], at: ['else'], holds: none }];
  }
  return 'for_each' in step ? [{ steps: step.actions, at: ['actions'], holds: [] }] : [];
}

/** The block and those that it stands in, the innermost first. */
export function blocksAround(block: Block): Block[] {
  return block.outer === null ? [block] : [block, ...blocksAround(block.outer)];
}

/** All that is true wherever the steps of a block are carried out. */
export function holdingIn(block: Block): Condition[] {
  return blocksAround(block).flatMap(({ holds }) => holds);
}

/** The steps with every list of conditions as `all`. */
export function withOneCondition(steps: readonly WrittenStep[]): RuleStep[] {
  return steps.map((step): RuleStep => {
    if ('then' in step)
      return { ...step, if: asOne(step.if), then: withOneCondition(step.then), ...elseOf(step.else) };
    if ('choose' in step) {
      const choose = step.choose.map((arm) => ({
        ...arm,
        if: asOne(arm.if),
        then: withOneCondition(arm.then),
      }));
      return { ...step, choose, ...elseOf(step.else) };
    }
    if ('for_each' in step) return { ...step, actions: withOneCondition(step.actions) };
    if ('wait' in step || 'stop' in step) return step;
    const { if: test, ...rest } = step;
    return test === undefined ? rest : { ...rest, if: asOne(test) };
  });
}

function elseOf(steps: readonly WrittenStep[] | undefined): { else: RuleStep[] | undefined } {
  return { else: steps && withOneCondition(steps) };
}

export function asOne(conditions: Condition | Condition[]): Condition {
  return Array.isArray(conditions) ? { all: conditions } : conditions;
}

/** The conditions of the steps, each with its place. */
export function conditionsIn(rule: Pick<Rule, 'actions' | 'on_failure'>): PlacedCondition[] {
  return stepsOf(rule).flatMap((step) => {
    const { spec, place } = step;
    if ('choose' in spec)
      return spec.choose.map((arm, index) => ({
        step,
        condition: arm.if,
        place: [...place, 'choose', index, 'if'],
      }));
    const condition = 'if' in spec ? spec.if : undefined;
    return condition === undefined ? [] : [{ step, condition, place: [...place, 'if'] }];
  });
}

export interface PlacedCondition {
  step: PlacedStep;
  condition: Condition;
  place: Place;
}

/** Why a step can never read what another gives; null when it may. */
export function unreachable(giver: PlacedStep, reader: PlacedStep): string | null {
  const readers = blocksAround(reader.block);
  const lonely = blocksAround(giver.block).filter((block) => !readers.some((one) => isSameBlock(one, block)));
  if (lonely.some(({ item }) => item !== null))
    return 'runs once for each entry of a list, and its output ends with its turn';
  const rival = lonely.find(({ outer, place }) =>
    readers.some(
      (one) =>
        one.outer !== null &&
        outer !== null &&
        isSameBlock(one.outer, outer) &&
        stepOf(one.place, outer) === stepOf(place, outer),
    ),
  );
  return rival === undefined ? null : 'stands in another branch, and only one of them is taken';
}

function isSameBlock(one: Block, other: Block): boolean {
  return one.place.join('/') === other.place.join('/');
}

/** Which step of the outer block a place is below. */
function stepOf(place: Place, outer: Block): Place[number] | undefined {
  return place[outer.place.length];
}
