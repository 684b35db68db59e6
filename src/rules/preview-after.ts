import { textOf, type JsonObject, type JsonValue } from '../lib/json.js';
import { advance, type FlowRow, type NextRow } from './advance-run.js';
import type { Condition } from './condition.js';
import type { FlowPlan } from './flow-plan.js';
import { pathsOfCondition, pathsOfValue } from './path-uses.js';
import type { StepDefinition } from './plan-steps.js';
import { preview } from './preview-steps.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { withoutTurn } from './step-tree.js';

/** What comes next in a run, as far as it can be told. */
export interface AheadStep {
  step: string;
  action: string;
  /**
   * `act`: it is carried out with `input`. `depend`: whether, or with what, only a step before it tells. `skip`, `fail`:
   * it does nothing. `wait`, `ask`, `end`: the last that can be told; what stands behind it is not shown.
   */
  will: 'act' | 'depend' | 'skip' | 'fail' | 'wait' | 'ask' | 'end';
  /** As it would be sent, without what is in `not_yet`; null where nothing can be rendered. */
  input: JsonObject | null;
  /** The fields that read what is not known yet. `such_as`: the same field, with a made-up value where one is missing. */
  not_yet: { field: string; because: string; such_as: JsonValue }[];
  /** Why it is so, in a sentence. */
  note: string | null;
}

type Words = ReadonlyMap<string, ActionVocabulary>;

/**
 * What follows when the approval `key` of a run is given, up to the next wait, approval or end, rendered from the facts
 * that the steps will see. `rows`: all of the run. Nothing is looked up or sent. Never throws.
 */
export function previewAfter(
  plan: FlowPlan,
  facts: JsonObject,
  rows: readonly FlowRow[],
  key: string,
  actions: Words,
): AheadStep[] {
  return new Ahead(plan, facts, rows, key, actions).look();
}

class Ahead {
  private readonly rows: FlowRow[];
  /** The steps that are not carried out yet, by the name that outputs have for them. */
  private readonly ahead = new Set<string>();
  /** How many approvals were given before this one. */
  private readonly given: number;
  private readonly now: Date;
  private readonly steps: AheadStep[] = [];

  constructor(
    private readonly plan: FlowPlan,
    private readonly facts: JsonObject,
    rows: readonly FlowRow[],
    key: string,
    private readonly actions: Words,
  ) {
    this.now = new Date(textOf(facts['now'] ?? ''));
    const seen = advance(plan, facts, rows, this.now).open?.facts['run'] as JsonObject | undefined;
    const approvals = seen?.['approvals'];
    this.given = Array.isArray(approvals) ? approvals.length : 0;
    const output = {
      status: 'approved',
      user: 'the approver',
      comment: 'a comment',
      at: this.now.toISOString(),
    };
    this.rows = rows.map((row) => (row.key === key ? { ...row, status: 'done' as const, output } : row));
  }

  look(): AheadStep[] {
    for (;;) {
      const { rows: next, open } = advance(this.plan, this.facts, this.rows, this.now);
      for (const row of next) if (row.key !== open?.key && this.isLast(row)) return this.steps;
      const last = next.at(-1);
      if (open === null || last === undefined) return this.steps;
      this.rows.push(...next.slice(0, -1));
      if (last.action === 'wait' || last.action === 'approval') {
        this.isLast(last);
        return this.steps;
      }
      const given = this.act(last, open.facts);
      const isOver =
        given === null && this.steps.at(-1)?.will === 'fail' && !last.definition['continue_on_error'];
      if (isOver) return this.steps;
      this.rows.push({ ...last, status: given === null ? 'skipped' : 'done', output: given });
    }
  }

  /** Takes a decision down where people want to know of it; true when nothing behind it can be told. */
  private isLast({ key, action, definition, status, output, error }: NextRow): boolean {
    const tell = (will: AheadStep['will'], note: string) => {
      this.steps.push({ step: key, action, will, input: null, not_yet: [], note });
      return true;
    };
    const unknown = this.unknownIn(pathsOfDecision(definition));
    if (action === 'wait') return tell('wait', `the run waits here: ${waitWords(definition)}`);
    if (unknown !== null) return tell('depend', `how it goes on depends on ${unknown}`);
    if (status === 'failed') return tell('fail', error?.message ?? 'it cannot be decided');
    if (action === 'stop') return tell('end', `the run ends: ${textOf(output?.['reason'] ?? '')}`);
    if (action === 'approval' && status === 'due')
      return tell('ask', `people are asked again: ${askedWords(definition)}`);
    return false;
  }

  /** What the step would give; null for nothing. */
  private act(row: NextRow, facts: JsonObject): JsonObject | null {
    const { key: step, action } = row;
    const { if: test, ...rest } = row.definition as unknown as StepDefinition;
    const open = test === undefined ? null : this.unknownIn(pathsOfCondition(test));
    const definition = (open === null ? row.definition : { ...rest }) as JsonObject;
    const { step: told, given } = preview({ ...row, definition }, facts, this.actions, undefined);
    const notYet = this.notYet(rest.with, told.input ?? {});
    const known = without(
      told.input,
      notYet.map(({ field }) => field),
    );
    const isSkipped = told.error?.code === 'skipped';
    const isOpen = open !== null || (told.error !== null && !isSkipped && notYet.length > 0);
    const will = isSkipped ? 'skip' : isOpen ? 'depend' : told.error === null ? 'act' : 'fail';
    const note =
      open === null ? (told.error?.message ?? null) : `only if its condition holds, which depends on ${open}`;
    this.steps.push({ step, action, will, input: known, not_yet: notYet, note });
    if (!isSkipped) this.ahead.add(withoutTurn(step));
    return given;
  }

  private notYet(given: StepDefinition['with'], input: JsonObject): AheadStep['not_yet'] {
    return Object.entries(given).flatMap(([field, node]) => {
      const because = this.unknownIn(pathsOfValue(node));
      return because === null ? [] : { field, because, such_as: input[field] ?? null };
    });
  }

  /** The first path that nobody can read yet, with what it waits for; null when there is none. */
  private unknownIn(paths: readonly string[]): string | null {
    for (const path of paths) {
      const [root, name, index] = path.split('.');
      const isAhead = name === undefined ? this.ahead.size > 0 : this.ahead.has(name);
      if (root === 'outputs' && isAhead) return `${path}, which is known when ${name ?? 'the step'} is done`;
      const isOwn = name === undefined || (name === 'approvals' && !(Number(index) < this.given));
      if (root === 'run' && isOwn) return `${path}, which is known when this is approved`;
    }
    return null;
  }
}

function without(input: JsonObject | null, fields: readonly string[]): JsonObject | null {
  return input && Object.fromEntries(Object.entries(input).filter(([name]) => !fields.includes(name)));
}

function pathsOfDecision(definition: JsonObject): string[] {
  const {
    if: test,
    choose,
    for_each: list,
    stop,
  } = definition as {
    if?: Condition;
    choose?: { if: Condition }[];
    for_each?: string;
    stop?: string;
  };
  const tests = [...(test === undefined ? [] : [test]), ...(choose ?? []).map((arm) => arm.if)];
  return [...tests.flatMap(pathsOfCondition), ...(list === undefined ? [] : [list]), ...pathsOfValue(stop)];
}

function waitWords({ wait }: JsonObject): string {
  const { for: time, until } = wait as { for?: string; until?: string };
  return time === undefined ? `until ${textOf(until ?? '')}` : `for ${time}`;
}

function askedWords({ approval }: JsonObject): string {
  return [(approval as { by: string | string[] }).by].flat().join(', ');
}
