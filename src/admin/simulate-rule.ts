import { RequestError } from '../lib/errors.js';
import type { JsonObject, JsonValue } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { runFacts } from '../rules/plan-steps.js';
import { evaluateRule, type Evaluation, type EvaluationInput } from '../rules/evaluate-rule.js';
import { foundLookups } from '../rules/lookup.js';
import { previewEvent } from '../rules/preview-event.js';
import { previewSteps, type PreviewedStep } from '../rules/preview-steps.js';
import { occasionOf, type NamedEvent } from '../rules/preview-trigger.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { becameOf } from '../rules/told-steps.js';
import { triggerId, type Trigger } from '../rules/trigger.js';
import type { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { Run } from '../store/run.entity.js';
import { recordVersions } from '../store/record-versions.js';
import { Snapshot } from '../store/snapshot.entity.js';
import { SpentKey } from '../store/spent-key.entity.js';
import type { RecordName } from './explain-views.js';
import type { RecordsNow } from './records-now.js';

/** A step as it would be sent. */
export interface SimulatedAction {
  id: string;
  action: string;
  /** Null when it would fail, and where it is no action. */
  with: JsonObject | null;
  error: Problem | null;
  /** What is decided where it is no action, in words; null for an action. */
  decided: string | null;
  /** What is made up here, because only the run itself will know it. */
  known_later: string[];
}

/** What a rule makes of a record as it is at Clio now. */
export type Simulation = Pick<Evaluation, 'outcome' | 'reason' | 'missing' | 'explanation'> & {
  rule_id: string;
  version: string;
  record: string;
  event: string;
  connection_id: string;
  /** When the stored state was last renewed, which stands for what the record was before; null without one. */
  previous_of: string | null;
  /** Lists asked for at Clio; nothing else is. */
  clio_calls: number;
  idempotency_key: string | null;
  /** The run that used the key already: the rule would not act again. */
  already_run_by: string | null;
  /** Whether the key counts as run without a run, because of a baseline: the rule would not act. */
  key_is_spent: boolean;
  actions: SimulatedAction[];
};

export interface SimulateRequest {
  rule: CompiledRule;
  record: RecordName;
  event: string | undefined;
  now: Date;
}

/** What to read with, and where what is known is stored. */
export interface Sources {
  reader: RecordsNow;
  database: Database;
  connection: Pick<Connection, 'id' | 'name'>;
  vocabulary: Vocabulary;
}

/**
 * Reads the record and decides as the engine would if the event came now, as if the rule were in force. Nothing is sent
 * and nothing stored.
 * @throws RequestError when the rule hears nothing of such records, or Clio does not show the record.
 */
export async function simulateRule(request: SimulateRequest, sources: Sources): Promise<Simulation> {
  const { record: name, now } = request;
  const { reader, database, connection, vocabulary } = sources;
  const rule = inForce(request.rule);
  const event = eventOf(request, vocabulary);
  const where = { connectionId: connection.id, model: name.model, recordId: name.id };
  const snapshot = await database.repo(Snapshot).findOneBy(where);
  const paths = rule.needs.get(name.model)?.paths ?? new Set<string>();
  const wanted = { connectionId: connection.id, model: name.model, ids: [name.id], paths };
  const { records, inWords, calls } = await reader.read(wanted, AbortSignal.timeout(120_000));
  const record = records.get(name.id);
  if (record === undefined)
    throw new RequestError(
      'request.not_found',
      `Clio shows no ${name.kind} ${name.id} to the connection "${connection.name}": it does not exist, or its user may not see it.`,
    );
  const previous = snapshot === null ? null : inWords(snapshot.record);
  const targetRule = event.source === undefined ? null : rule.rule.id;
  const asked = { ...where, targetRule, previous };
  const versions = rule.held.length > 0 ? await recordVersions(database, asked) : undefined;
  const input = { ...previewEvent({ event, record, previous, now }), versions };
  const { evaluation, looked } = await decided(rule, input, sources);
  const { outcome, reason, missing, explanation, idempotencyKey } = evaluation;
  return {
    rule_id: rule.rule.id,
    version: rule.hash,
    record: `${name.kind}/${name.id}`,
    event: event.types[1] ?? event.type,
    connection_id: connection.id,
    previous_of: snapshot === null ? null : new Date(snapshot.updatedAt).toISOString(),
    clio_calls: calls + looked,
    outcome,
    reason,
    missing,
    idempotency_key: idempotencyKey,
    ...(await useOf(idempotencyKey, { connectionId: connection.id, ruleId: rule.rule.id }, database)),
    explanation,
    actions: actionsOf(rule, evaluation, vocabulary, now),
  };
}

/** As the engine decides: looked up is only what the answer depends on. `looked`: calls that were made for it. */
async function decided(
  rule: CompiledRule,
  input: EvaluationInput,
  { reader, connection }: Sources,
): Promise<{ evaluation: Evaluation; looked: number }> {
  const evaluation = evaluateRule(rule, input);
  if (evaluation.asks === null) return { evaluation, looked: 0 };
  const wanted = { connectionId: connection.id, asked: evaluation.asks };
  const { found, calls } = await reader.lookUp(wanted, AbortSignal.timeout(120_000));
  return { evaluation: evaluateRule(rule, { ...input, lookups: foundLookups(found) }), looked: calls };
}

function inForce(rule: CompiledRule): CompiledRule {
  return { ...rule, rule: { ...rule.rule, enabled: true, paused: undefined, mode: 'active' } };
}

/** The trigger that was asked for, or the only event of the rule that such a record can have; without one, its schedule. */
function eventOf({ rule: compiled, record, event }: SimulateRequest, vocabulary: Vocabulary): NamedEvent {
  const { rule } = compiled;
  const fitting = rule.triggers
    .map((trigger) => ({
      name: nameOf(trigger),
      id: triggerId(trigger),
      isEvent: 'event' in trigger,
      occasion: occasionOf(compiled, { trigger: triggerId(trigger) }, vocabulary),
    }))
    .filter(({ occasion }) => occasion.model === record.model);
  const events = fitting.filter(({ isEvent }) => isEvent);
  const meant =
    event === undefined
      ? events.length > 1
        ? undefined
        : (events[0] ?? fitting[0])
      : (fitting.find(({ name }) => name === event) ?? fitting.find(({ id }) => id === event));
  if (meant !== undefined) return meant.occasion;
  if (fitting.length === 0)
    throw new RequestError(
      'request.invalid',
      `The rule "${rule.id}" hears nothing of a ${record.kind}; its triggers are ${rule.triggers.map(nameOf).join(', ')}.`,
    );
  const problem =
    event === undefined ? 'has several triggers' : `has no trigger "${event}" for such a record`;
  throw new RequestError(
    'request.invalid',
    `The rule "${rule.id}" ${problem}; name one of them as the event: ${fitting.map(({ name }) => name).join(', ')}.`,
  );
}

/** What people know a trigger by. */
function nameOf(trigger: Trigger): string {
  return 'event' in trigger ? trigger.event : triggerId(trigger);
}

/** What has used the key before. */
async function useOf(
  idempotencyKey: string | null,
  of: { connectionId: string; ruleId: string },
  database: Database,
): Promise<Pick<Simulation, 'already_run_by' | 'key_is_spent'>> {
  if (idempotencyKey === null) return { already_run_by: null, key_is_spent: false };
  const key = { ...of, idempotencyKey };
  const run = await database.repo(Run).findOneBy({ ...key, mode: 'active' });
  return { already_run_by: run?.id ?? null, key_is_spent: await database.repo(SpentKey).existsBy(key) };
}

function actionsOf(
  rule: CompiledRule,
  { facts }: Evaluation,
  { actions }: Vocabulary,
  now: Date,
): SimulatedAction[] {
  if (facts === null) return [];
  const run = runFacts('simulated', now.toISOString());
  return previewSteps(rule, { ...facts, run }, actions).flatMap((step) =>
    step.error?.code === 'skipped'
      ? []
      : [
          {
            id: step.key,
            action: step.action,
            with: step.input,
            error: step.error,
            decided: step.input === null && step.error === null ? becameOf(step) : null,
            known_later: knownLater(step, Object.keys(actions.get(step.action)?.references ?? {})),
          },
        ],
  );
}

/** Outputs of earlier steps and the run's own id are made up, and names are looked up at Clio when the step is due. */
function knownLater({ definition, input }: PreviewedStep, named: readonly string[]): string[] {
  const paths = JSON.stringify(definition).match(/\b(?:outputs[.][a-z0-9_.]*[a-z0-9_]|run[.]id)\b/g) ?? [];
  const names = named.flatMap((field) =>
    hasName(input?.[field]) ? [`${field}: ${JSON.stringify(input?.[field])} is looked up at Clio`] : [],
  );
  return [...new Set(paths), ...names];
}

/** An id is known; a name, an address or a role has to be looked up. */
function hasName(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== 'number';
}
