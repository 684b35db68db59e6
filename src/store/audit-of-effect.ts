import { contentHash, isObject, readPath, type JsonObject } from '../lib/json.js';
import { engineActor } from './actor.js';
import type { NewAuditEntry } from './audit-chain.js';
import type { Settlement } from './run-settlement.js';

/**
 * What the audit trail says about a try that took effect, or may have: an entry for each matter it concerns, or one without;
 * none when the try certainly did nothing, or the action only reads. Pure. `now` in epoch milliseconds.
 */
export function auditOfEffect(item: Settlement, now: number): NewAuditEntry[] {
  const { run, step, attempt, outcome, writes, facts } = item;
  if (attempt === null || item.onlyReads === true || facts.applied === 'no' || facts.applied === null)
    return [];
  const matters = mattersOf(item);
  const entry = {
    at: now,
    actor: engineActor('run'),
    kind: 'effect' as const,
    connectionId: run.connectionId,
    ruleId: run.ruleId,
    runId: run.id,
    facts: {
      rule_hash: run.ruleHash,
      event_id: run.eventId,
      record: `${run.model}/${run.recordId}`,
      step: step.key,
      step_id: step.id,
      reference: step.reference,
      action: step.action,
      attempt: attempt.number,
      attempt_id: attempt.id,
      started_at: new Date(attempt.startedAt).toISOString(),
      outcome: outcome.kind,
      applied: facts.applied,
      adopted: facts.adopted,
      error: 'error' in outcome ? outcome.error.code : null,
      writes: writes.map(({ model, id, etag, deleted }) => ({
        model,
        id,
        etag,
        ...(deleted && { deleted }),
      })),
      input_sha256: contentHash(step.input),
      ...(matters.length > 1 && { matters }),
    } satisfies JsonObject,
  };
  return matters.length === 0 ? [entry] : matters.map((matterId) => ({ ...entry, matterId }));
}

/** The matter of the record that started the run, those it belongs to, the one the step names, and one it made. */
function mattersOf({ run, step, writes }: Settlement): string[] {
  const { facts } = run;
  const ids: unknown[] = [
    run.model === 'matter' ? run.recordId : undefined,
    readPath(facts, 'matter.id'),
    readPath(facts, `${run.model}.matter.id`),
    ...listOf(readPath(facts, `${run.model}.matters`)).map((matter) => readPath(matter, 'id')),
    step.input?.['matter'],
    ...writes.filter(({ model }) => model === 'matter').map(({ id }) => id),
  ];
  return [...new Set(ids.map(idOf).filter((id) => id !== null))];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A Clio id as text; a step's input may also name a matter in other ways. */
function idOf(value: unknown): string | null {
  const id: unknown = isObject(value) ? value['id'] : value;
  const text = typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  return /^\d+$/.test(text) ? text : null;
}
