import { isSameJson, readPath, type JsonObject, type JsonValue } from '../lib/json.js';
import { isHidden } from '../lib/record-diff.js';

/** A name for a change that says more than Clio's own: what it follows from, and what must be read to tell. */
export interface DerivedEvent {
  /** Bare: `stage_changed`. */
  name: string;
  /** Bare names of the events at Clio that can bring it. */
  of: readonly string[];
  /** Dotted, without the model. */
  paths: readonly string[];
}

interface Derivation extends DerivedEvent {
  /** `previous` is null for a record that was just made. */
  holds: (record: JsonObject, previous: JsonObject | null) => boolean;
}

/** By model. What Clio calls `matter_opened` also shows in the status, so a change that was found by polling has its name. */
const DERIVATIONS: Readonly<Record<string, readonly Derivation[]>> = {
  bill: [
    became('issued', 'state', 'awaiting_payment'),
    became('paid', 'state', 'paid'),
    became('voided', 'state', 'void'),
  ],
  document: [became('uploaded', 'latest_document_version.fully_uploaded', true)],
  matter: [
    statusChange('opened', 'Open'),
    statusChange('pended', 'Pending'),
    statusChange('closed', 'Closed'),
    {
      name: 'stage_changed',
      of: ['updated'],
      paths: ['matter_stage.id'],
      holds: (record, previous) =>
        isShown(previous, 'matter_stage.id') &&
        isShown(record, 'matter_stage.id') &&
        !isSameJson(at(record, 'matter_stage.id'), at(previous, 'matter_stage.id')),
    },
  ],
  task: [became('completed', 'status', 'complete')],
};

/** Activities of one kind under a name of their own; in rules they are read as `activity`. */
const KINDS: Readonly<Record<string, { of: string; types: readonly string[] }>> = {
  time_entry: { of: 'activity', types: ['TimeEntry'] },
  expense_entry: { of: 'activity', types: ['ExpenseEntry', 'HardCostEntry', 'SoftCostEntry'] },
};

/** What a trigger may name of a model beside Clio's own events. */
export function derivedEvents(model: string): readonly DerivedEvent[] {
  return DERIVATIONS[model] ?? [];
}

/** Names of kinds of records, with the model that Clio has them as. */
export function recordKinds(): readonly { name: string; model: string }[] {
  return Object.entries(KINDS).map(([name, { of }]) => ({ name, model: of }));
}

/**
 * The further types that an event satisfies: `matter.stage_changed` of a `matter.updated`, `time_entry.created` of an
 * `activity.created`. Pure. `previous` is the record before the change; null when it was just made, or is not known.
 */
export function derivedTypes(
  { model, type }: { model: string; type: string },
  record: JsonObject,
  previous: JsonObject | null,
): string[] {
  const event = type.slice(model.length + 1);
  const isKnown = previous !== null || event === 'created';
  const derived = (DERIVATIONS[model] ?? [])
    .filter(({ of, name }) => name !== event && of.includes(event))
    .filter(({ holds }) => isKnown && holds(record, previous))
    .map(({ name }) => `${model}.${name}`);
  const kinds = Object.entries(KINDS)
    .filter(([, { of, types }]) => of === model && types.some((known) => known === record['type']))
    .map(([name]) => `${name}.${event}`);
  return [...derived, ...kinds];
}

/** A state that was reached; a record that is made in it has reached it too. */
function became(name: string, path: string, state: JsonValue): Derivation {
  return {
    name,
    of: ['created', 'updated'],
    paths: [path],
    holds: (record, previous) =>
      isSameJson(at(record, path), state) &&
      (previous === null || (isShown(previous, path) && !isSameJson(at(previous, path), state))),
  };
}

/** Clio tells of a matter's status when it changes, not when the matter is made. */
function statusChange(name: string, status: string): Derivation {
  const { holds, paths } = became(name, 'status', status);
  return {
    name,
    paths,
    of: [name, 'updated'],
    holds: (record, previous) => previous !== null && holds(record, previous),
  };
}

/**
 * Whether the value was read. An association that is not set has no fields: that is a value, not a gap in what was read.
 * One that Clio hides from the connected user has fields without any meaning.
 */
function isShown(record: JsonObject | null, path: string): boolean {
  const [field = '', inner] = path.split('.');
  if (record === null || !Object.hasOwn(record, field) || isHidden(record, field)) return false;
  const value = record[field];
  return inner === undefined || value === null || readPath(value, inner) !== undefined;
}

function at(record: JsonObject | null, path: string): JsonValue {
  return (readPath(record, path) ?? null) as JsonValue;
}
