import { EngineError, messageOf, RuleError } from '../lib/errors.js';
import { textOf, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { Condition } from './condition.js';
import { dueOf } from './due-time.js';
import {
  asJson,
  describeRefusal,
  factsAfter,
  isWanted,
  judged,
  listAt,
  MOST_MET,
  overLimit,
  ownPart,
  reasonOf,
  type WaitOutput,
} from './flow-decisions.js';
import type { FlowPlan } from './flow-plan.js';
import { definitionOf } from './plan-steps.js';
import type {
  ChooseOf,
  ForEachOf,
  ApprovalOf,
  IfOf,
  RuleStep,
  StepSpec,
  StopStep,
  WaitStep,
} from './step.js';
import { kindOf } from './step-tree.js';
import { compileTemplate } from './template.js';
import { causesOf } from './verdict.js';

/** A row of the run, as far as it says how the run goes on. */
export interface FlowRow {
  key: string;
  status: 'waiting' | 'due' | 'running' | 'done' | 'failed' | 'skipped' | 'unknown';
  output: JsonObject | null;
  error: Problem | null;
}

/** A row to be written: a decision that has been taken, or, as the last one, a step that is to be carried out. */
export interface NextRow extends FlowRow {
  status: 'due' | 'done' | 'failed' | 'skipped';
  /** The name of the action, or what kind of step it is. */
  action: string;
  definition: JsonObject;
  /** Epoch milliseconds. */
  dueAt: number;
}

/** How a run ends. `reason`: why it ended before its last step, for people. */
export type FlowEnd =
  { status: 'done'; error: null; reason: string | null } | { status: 'failed' | 'cancelled'; error: Problem };

export interface Advance {
  /** In order; empty when nothing is new. */
  rows: NextRow[];
  /** The step that is to be carried out or under way, and what it may read; null when the run ends. */
  open: { key: string; step: RuleStep; facts: JsonObject } | null;
  end: FlowEnd | null;
}

/**
 * What comes next in a run: the tree of its steps is walked again from the beginning, by the rows that there are. A
 * decision that stands in a row is read, never taken again, so that the same rows always lead to the same next step,
 * whoever asks, and however often the engine was stopped in between. Pure; never throws.
 *
 * `facts` are those of the run, frozen; `rows` all of its rows; `now` counts for decisions that are taken now.
 */
export function advance(plan: FlowPlan, facts: JsonObject, rows: readonly FlowRow[], now: Date): Advance {
  return new Walk(plan, facts, rows, now).run();
}

interface Failure {
  end: Extract<FlowEnd, { error: Problem }>;
  /** The key of the step. */
  failedAt: string;
}
type Halt = { open: NonNullable<Advance['open']> } | { end: FlowEnd } | Failure;

/** Where a step stands: what is in sight there besides the facts of the run. */
interface Surrounding {
  prefix: string;
  /** `[0]` in the first turn of a loop, `[0][2]` in a loop inside of it. */
  suffix: string;
  outputs: JsonObject;
  items: JsonObject;
}

interface At extends Surrounding {
  /** What outputs call it. */
  name: string;
  key: string;
}

const TOP = { prefix: '', suffix: '', items: {} };

type Decision = Pick<NextRow, 'status' | 'output' | 'error'> & { dueAt?: number };

class Walk {
  private facts: JsonObject;
  private readonly known: ReadonlyMap<string, FlowRow>;
  private readonly next: NextRow[] = [];
  private actions = 0;
  /** Those too that were left out. */
  private met = 0;
  /** Of the steps that are in no loop. */
  private readonly outputs: JsonObject = {};

  constructor(
    private readonly plan: FlowPlan,
    facts: JsonObject,
    rows: readonly FlowRow[],
    private readonly now: Date,
  ) {
    this.facts = facts;
    this.known = new Map(rows.map((row) => [row.key, row]));
  }

  run(): Advance {
    const halt = this.block(this.plan.actions, { ...TOP, outputs: this.outputs });
    const last = halt !== null && 'failedAt' in halt ? this.afterFailure(halt) : halt;
    const rows = this.next;
    if (last === null) return { rows, open: null, end: { status: 'done', error: null, reason: null } };
    return 'open' in last ? { rows, open: last.open, end: null } : { rows, open: null, end: last.end };
  }

  /** What is done about a failure changes nothing about it: the run ends with what went wrong first. */
  private afterFailure({ end, failedAt }: Failure): Halt {
    const error = { ...end.error, step: failedAt };
    this.facts = { ...this.facts, run: { ...(this.facts['run'] as JsonObject), error } };
    this.actions = this.met = 0;
    const halt = this.block(this.plan.on_failure, { ...TOP, prefix: 'on_failure.', outputs: this.outputs });
    return halt !== null && 'open' in halt ? halt : { end };
  }

  private block(steps: readonly RuleStep[], around: Surrounding): Halt | null {
    for (const [index, step] of steps.entries()) {
      const name = step.id ?? `${around.prefix}${index}`;
      const halt = this.step(step, { ...around, name, key: `${name}${around.suffix}` });
      if (halt !== null) return halt;
    }
    return null;
  }

  private step(step: RuleStep, at: At): Halt | null {
    if ('action' in step) return this.action(step, at);
    if ('then' in step) return this.branch(step, at);
    if ('choose' in step) return this.choice(step, at);
    if ('for_each' in step) return this.loop(step, at);
    if ('wait' in step) return this.wait(step, at);
    return 'approval' in step ? this.approval(step, at) : this.stop(step, at);
  }

  private action(step: StepSpec, at: At): Halt | null {
    const row = this.known.get(at.key);
    this.met += 1;
    this.actions += row?.status === 'skipped' ? 0 : 1;
    if (row === undefined && this.isOver(step, at)) return this.tooMany(step, at);
    if (row === undefined) this.add(step, at, { status: 'due', output: null, error: null });
    else if (row.status === 'skipped') return null;
    else if (row.status === 'failed') return step.continue_on_error ? null : failure(row);
    else if (row.status === 'done') {
      at.outputs[at.name] = row.output;
      return null;
    }
    return this.open(step, at);
  }

  /** What its `if` leaves out is not carried out, but a run has no end of such steps either. */
  private isOver(step: StepSpec, at: At): boolean {
    return this.met > MOST_MET || (this.actions > this.plan.max_actions && isWanted(step, this.seen(at)));
  }

  private tooMany(step: StepSpec, at: At): Halt {
    const error = overLimit(at.key, Math.min(this.actions - 1, this.plan.max_actions), this.met);
    return failure(this.add(step, at, { status: 'failed', output: null, error }));
  }

  private branch(step: IfOf<Condition>, at: At): Halt | null {
    const row = this.decide(step, at, (facts) => {
      const verdict = judged(step.if, facts);
      const branch = verdict.value === true ? 'then' : verdict.value === false ? 'else' : 'none';
      return done({ branch, because: reasonOf(verdict), verdict: asJson(verdict) });
    });
    if (row.status === 'failed') return failure(row);
    const branch = row.output?.['branch'];
    if (branch === 'none') return null;
    const steps = branch === 'then' ? step.then : step.else;
    return this.block(steps ?? [], { ...at, prefix: `${at.name}.${textOf(branch ?? '')}.` });
  }

  /** The first whose test is true; what is there for "else" only when all are false, because unknown never acts. */
  private choice(step: ChooseOf<Condition>, at: At): Halt | null {
    const row = this.decide(step, at, (facts) => {
      const verdicts = step.choose.map((arm) => judged(arm.if, facts));
      const taken = verdicts.findIndex(({ value }) => value === true);
      const verdict = verdicts[taken] ?? verdicts.find(({ value }) => value === 'unknown') ?? verdicts.at(-1);
      const otherwise = verdicts.every(({ value }) => value === false) ? 'else' : 'none';
      const { name } = step.choose[taken] ?? {};
      return done({
        branch: taken === -1 ? otherwise : taken,
        ...(name === undefined ? {} : { name }),
        because: verdict === undefined ? '' : reasonOf(verdict),
        verdicts: asJson(verdicts),
      });
    });
    if (row.status === 'failed') return failure(row);
    const branch = row.output?.['branch'];
    const steps = typeof branch === 'number' ? step.choose[branch]?.then : branch === 'else' ? step.else : [];
    return this.block(steps ?? [], { ...at, prefix: `${at.name}.${textOf(branch ?? '')}.` });
  }

  private loop(step: ForEachOf<Condition>, at: At): Halt | null {
    const row = this.decide(step, at, (facts) => {
      const { length } = listAt(step, facts);
      const most = step.max ?? 0;
      if (length <= most) return done({ count: length });
      throw new RuleError(
        'rule.limit_exceeded',
        `"${step.for_each}" has ${length} entries, and the step takes ${most} at most; it does nothing for any of them. Look at the record, or raise "max".`,
      );
    });
    if (row.status === 'failed') return failure(row);
    const entries = Number(row.output?.['count']) === 0 ? [] : listAt(step, this.seen(at));
    for (const [index, entry] of entries.entries()) {
      const halt = this.block(step.actions, {
        prefix: `${at.name}.`,
        suffix: `${at.suffix}[${index}]`,
        outputs: { ...at.outputs },
        items: { ...at.items, [step.as]: entry },
      });
      if (halt !== null) return halt;
    }
    return null;
  }

  private wait(step: WaitStep, at: At): Halt | null {
    const row = this.decide(step, at, (facts) => {
      const { at: dueAt, until, arithmetic } = dueOf(step.wait, facts, this.now);
      const isPast = dueAt <= this.now.getTime();
      const output = {
        until,
        arithmetic,
        ...(isPast ? { past: true, ended_at: this.now.toISOString() } : {}),
      };
      return { status: isPast ? 'done' : 'due', output, error: null, dueAt };
    });
    if (row.status === 'failed') return failure(row);
    if (row.status !== 'done') return this.open(step, at);
    const output = row.output as unknown as WaitOutput;
    const { stopped } = output;
    if (stopped !== undefined) return { end: { status: 'done', error: null, reason: stopped } };
    this.facts = factsAfter(this.facts, output);
    return null;
  }

  private approval(step: ApprovalOf<Condition>, at: At): Halt | null {
    const row = this.decide(step, at, (facts) => {
      const verdict = step.if && judged(step.if, facts);
      if (verdict === undefined || verdict.value === true)
        return { status: 'due', output: null, error: null };
      const error = { code: 'skipped', message: causesOf(verdict)[0]?.reason ?? 'condition_false' };
      return { status: 'skipped', output: null, error };
    });
    if (row.status === 'failed') return failure(row);
    if (row.status === 'skipped') return null;
    if (row.status !== 'done') return this.open(step, at);
    const output = row.output ?? {};
    if (output['status'] !== 'approved') {
      const message = `The approval ${at.key} was ${describeRefusal(output)}`;
      return { end: { status: 'cancelled', error: { code: 'run.not_approved', message } } };
    }
    const run = this.facts['run'] as JsonObject;
    const approvals = Array.isArray(run['approvals']) ? run['approvals'] : [];
    this.facts = { ...this.facts, run: { ...run, approvals: [...approvals, output] } };
    return null;
  }

  private stop(step: StopStep, at: At): Halt {
    const row = this.decide(step, at, (facts) =>
      done({ reason: compileTemplate(step.stop, { html: false, path: 'stop' }).render(facts) }),
    );
    if (row.status === 'failed') return failure(row);
    return { end: { status: 'done', error: null, reason: textOf(row.output?.['reason'] ?? '') } };
  }

  /** The row of a decision: as it stands, or taken now. What cannot be decided fails the run. */
  private decide(step: RuleStep, at: At, take: (facts: JsonObject) => Decision): FlowRow {
    const row = this.known.get(at.key);
    if (row !== undefined) return row;
    try {
      return this.add(step, at, take(this.seen(at)));
    } catch (error) {
      const code = error instanceof EngineError ? error.code : 'engine.invariant';
      return this.add(step, at, {
        status: 'failed',
        output: null,
        error: { code, message: messageOf(error) },
      });
    }
  }

  private add(step: RuleStep, { key }: At, { dueAt, ...decision }: Decision): FlowRow {
    const isAction = 'action' in step;
    const row = {
      key,
      action: isAction ? step.action : kindOf(step),
      definition: isAction ? definitionOf(step) : asJson(ownPart(step)),
      dueAt: dueAt ?? this.now.getTime(),
      ...decision,
    };
    this.next.push(row);
    return row;
  }

  private open(step: RuleStep, at: At): Halt {
    return { open: { key: at.key, step, facts: this.seen(at) } };
  }

  private seen({ outputs, items }: Surrounding): JsonObject {
    return { ...this.facts, ...items, outputs: { ...outputs } };
  }
}

function done(output: JsonObject): Decision {
  return { status: 'done', output, error: null };
}

function failure({ key, error }: FlowRow): Failure {
  const problem = error ?? { code: 'engine.invariant', message: `The step ${key} failed.` };
  return { end: { status: 'failed', error: problem }, failedAt: key };
}
