import type { z } from 'zod';
import type { ClioClient } from '../clio/clio.client.js';
import type { JsonObject } from '../lib/json.js';
import type { Content } from '../lib/readable-text.js';
import type { Outbound } from './outbound.js';

/** What one field of an action's output holds, in the words of the rule language. */
export interface OutputKind {
  type: 'integer' | 'number' | 'text' | 'boolean' | 'date' | 'date-time' | 'object' | 'list';
  enum?: readonly string[];
  /** The fields of an object or of a list's objects, one level deep. */
  fields?: () => ReadonlyMap<string, OutputKind>;
  /** True for an object or list whose inside nobody knows beforehand; every path below it may be read. */
  open?: true;
}

/** Which kind of text an input field carries; templates in it are escaped accordingly. */
export type TextMode = 'plain' | 'html' | { htmlWhen: { field: string; is: string } };

/** What an action may use while it works. */
export interface ActionContext {
  /** The client of the connection on whose behalf the step acts. */
  clio: ClioClient;
  /** The ways to everybody else. */
  outbound: Outbound;
  /** Who is told about the rule's failures, as the rule says it; null when it does not. */
  owner: string | null;
  /** The step's short reference, the same on every try. */
  reference: string;
  /** `Automation ${reference}`: ends every text the step writes, and is what a probe looks for. Null where the rule wants none. */
  marker: string | null;
  now: Date;
  /** When the step was tried for the first time; equals `now` on the first try. */
  startedAt: Date;
  /** Whether an earlier try may have taken effect without our knowing. */
  inDoubt: boolean;
  /** What an earlier try kept with `remember`; null when none did. */
  remembered: JsonObject | null;
  /**
   * Keeps `value` for later tries of this step, in place of what was kept before. Committed when it resolves, so call it
   * before the write whose answer may be lost. No secrets and no texts of the firm: ids, versions.
   */
  remember: (value: JsonObject) => Promise<void>;
  /** Aborted when the engine stops or the lane is lost. */
  signal: AbortSignal;
  log: (text: string) => void;
}

/** A version of a Clio record that is ours: the webhook that comes back with this etag is our echo. */
export interface WrittenRecord {
  model: string;
  id: string;
  etag: string | null;
  /** The record was removed; `etag` is null then. */
  deleted?: true;
}

export interface ActionResult {
  /** What later steps read as `outputs.<step id>`. */
  output: JsonObject;
  writes: WrittenRecord[];
  /** True when nothing was sent because Clio already holds what was wanted. */
  adopted?: boolean;
  /** Why the step left something as it is; it counts as skipped then. `writes` is what it did all the same. */
  leftAlone?: string;
}

/** How the events of one write will look, as far as it can be told before the write. Null: it cannot be told. */
export interface ExpectedEcho {
  model: string | null;
  /** Whether the record is a new one. */
  isNew: boolean | null;
  recordId: string | null;
  /** The matter that a new record belongs to. */
  matterId: string | null;
  /** The field of the record that ends with the step's marker. */
  markedIn: string | null;
  /** What the record is known by instead, where the rule wants no marker. */
  content?: Content;
}

/** A step that is done: what it was given, what it left as outputs, and the records it wrote. */
export interface DoneStep<Input> {
  input: Input;
  output: JsonObject;
  writes: readonly WrittenRecord[];
}

/**
 * `touched`: somebody changed the record since, so it was left alone. `gone`: it is not there any more. `writes` are the
 * records that were changed or removed; of several, some may be left alone.
 */
export type UndoResult = { writes: WrittenRecord[] } & (
  { result: 'undone' | 'gone' } | { result: 'touched'; message: string }
);

/** What an undo may use: of Clio only what a rehearsal can stand in for, and what its earlier tries kept. */
export interface UndoContext extends Pick<ActionContext, 'inDoubt' | 'remembered' | 'remember' | 'signal'> {
  clio: Pick<ClioClient, 'get' | 'page' | 'list' | 'create' | 'update' | 'remove'>;
}

/**
 * What to do when the answer to a try was lost: `repeatable` may simply run again, `check-first` asks `probe` whether
 * the effect is there before it runs again, `once` is never repeated without a person's word.
 */
export type Safety = 'repeatable' | 'check-first' | 'once';

/** What is wrong with an input, and where in it. */
export interface InputProblem {
  path: readonly (string | number)[];
  message: string;
}

/**
 * One verb that a rule may use. Its `name`, `input`, `text` and `output` are also what the rule language checks rules
 * against, in that very shape.
 */
export interface Action<Input = unknown> {
  readonly name: string;
  /** One sentence for the reference: what it does. */
  readonly summary: string;
  readonly input: z.ZodObject;
  readonly safety: Safety;
  /** True when it changes nothing at Clio and tells nobody anything; everything else leaves a word in the audit trail. */
  readonly onlyReads?: true;
  /** Where safety depends on what the step asks for; `safety` is then the strictest. */
  readonly safetyOf?: (input: Input) => Safety;
  /**
   * Problems across inputs that a rule's author can be told of before anything runs. `given` is the step's `with` as it
   * is written; `isComputed` tells which values in it are known only when the step runs.
   */
  readonly lint?: (
    given: Readonly<Record<string, unknown>>,
    isComputed: (value: unknown) => boolean,
  ) => readonly InputProblem[];
  readonly text: Readonly<Record<string, TextMode>>;
  /**
   * The inputs that name records of the firm's own lists, with the kind of each: one of `nameKinds`, `matter_stage`,
   * `matter_custom_field` or `contact_custom_field`. A `{ user: ... }` or `{ calendar: ... }` in it names one of those,
   * whatever the kind. What rules name there is checked every night against what Clio has.
   */
  readonly references?: Readonly<Record<string, string>>;
  /** Calls of one try to Clio at most, see `actionCalls`; absent where there are none. */
  readonly calls?: (given: Readonly<Record<string, unknown>>) => number;
  readonly output: ReadonlyMap<string, OutputKind>;
  /** Looks for the effect of an earlier try. Null when Clio has none. Sends nothing. */
  readonly probe?: (input: Input, context: ActionContext) => Promise<ActionResult | null>;
  /** Throws an UpstreamError that says whether the effect may have happened, or a RuleError before anything was sent. */
  execute(input: Input, context: ActionContext): Promise<ActionResult>;
  /**
   * How the events of its writes will look, as far as the input tells; absent, or none, where nothing is written at Clio.
   * An event that fits waits until the step knows whether its try was applied.
   */
  readonly echo?: (input: Input) => readonly ExpectedEcho[];
  /**
   * Takes the effect back where Clio allows it and nobody has touched it since; safe to run again, in doubt too. Absent
   * where it cannot be taken back.
   */
  readonly undo?: (done: DoneStep<Input>, context: UndoContext) => Promise<UndoResult>;
}

interface ActionSource<Schema extends z.ZodObject> extends Omit<Action<z.output<Schema>>, 'input'> {
  readonly input: Schema;
}

/** Checks at compile time that the functions take what the schema gives, then forgets the input's type. */
export function defineAction<Schema extends z.ZodObject>(source: ActionSource<Schema>): Action {
  return source as unknown as Action;
}

/** Nest's token for the actions rules may use: ReadonlyMap<string, Action>. */
export const ACTIONS = Symbol('Actions');

/** Where an action's calls may go. */
export interface ClientSource {
  /** The client of a connection. Throws a StoreError when its tokens cannot be read. */
  forConnection(connectionId: string): Promise<ClioClient>;
  readonly outbound: Outbound;
}

/** Nest's token for the ClientSource, so that the stage above needs no word of Clio's own folder. */
export const CLIENT_SOURCE = Symbol('ClientSource');
