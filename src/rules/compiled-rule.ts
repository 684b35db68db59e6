import type { JsonObject } from '../lib/json.js';
import type { Calendar } from './calendar.js';
import type { CompiledCondition } from './compile-condition.js';
import type { CompiledSchedule } from './compiled-schedule.js';
import type { CompiledValue } from './compile-value.js';
import type { Diagnostic } from './diagnostic.js';
import type { FlowPlan } from './flow-plan.js';
import type { CompiledLookup } from './lookup.js';
import type { Position } from './read-documents.js';
import type { Rule } from './rule.js';
import type { StepSpec } from './step.js';
import type { CompiledTemplate } from './template.js';

/** What a rule reads of one model. `events` are bare (`updated`), `paths` dotted without the model (`client.name`). */
export interface ModelNeeds {
  events: Set<string>;
  paths: Set<string>;
}

/** A record of one of the firm's own lists that a rule names: a stage, a user, a custom field. */
export interface RuleReference {
  /** `practice_area`, `matter_custom_field`. */
  kind: string;
  name: string;
}

/** An action with the name its outputs have: its id, or its place as text. */
export interface CompiledStep {
  key: string;
  spec: StepSpec;
}

/** A rule that passed every check, ready to be evaluated. */
export interface CompiledRule {
  rule: Rule;
  /** The version: contentHash of `document`, so comments and layout make no new version, and what it uses does. */
  hash: string;
  file: string;
  source: string;
  /** Where its id stands in the file. */
  idAt: Position;
  warnings: Diagnostic[];
  /** What a careful author would add. The lint tells it; the rule is sound without. */
  remarks: Diagnostic[];
  /** As written, with its partials written out and its calendar in the place of the calendar's name. */
  document: JsonObject;
  condition: CompiledCondition | null;
  /** By name; they are read before the conditions are asked. */
  lookups: ReadonlyMap<string, CompiledLookup>;
  /** In the order of the file; a later one may read an earlier one. */
  vars: ReadonlyMap<string, CompiledValue>;
  key: CompiledTemplate | null;
  /** By which it counts business days; null for Monday to Friday. */
  calendar: Calendar | null;
  /** Its actions, wherever they stand, in the order of the file. */
  steps: readonly CompiledStep[];
  /** What a run needs when its steps depend on what happens; null when they are known from the start. */
  plan: FlowPlan | null;
  /** The fields that `held_for` asks about: `matter.status`. */
  held: readonly string[];
  /** Its triggers that go by the clock. */
  schedules: readonly CompiledSchedule[];
  /** By model, one entry for each model the triggers name; without events where nothing need be heard of it. */
  needs: ReadonlyMap<string, ModelNeeds>;
  /** The paths that must have changed for its triggers that follow from a change, by event. */
  derivedPaths?: ReadonlyMap<string, readonly string[]>;
  /** What it names in the firm's own lists, as far as it is written out; each once. */
  references: readonly RuleReference[];
}

/** A rule that cannot be used, with every reason. `id` and `name` as far as they could be read. */
export interface BrokenRule {
  id: string | null;
  name: string | null;
  file: string;
  source: string;
  /** contentHash of `source`. */
  hash: string;
  diagnostics: Diagnostic[];
  /** What was in force before it broke: its events are noted, and nothing is done about them. */
  lastGood?: CompiledRule;
}
