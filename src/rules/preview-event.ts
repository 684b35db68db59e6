import { textOf, type JsonObject } from '../lib/json.js';
import { changedPaths } from '../lib/record-diff.js';
import type { EvaluationInput } from './evaluate-rule.js';
import type { EngineFacts } from './engine-roots.js';
import type { NamedEvent } from './preview-trigger.js';

export interface Preview {
  /** What a trigger calls it, and what it is. */
  event: NamedEvent;
  record: JsonObject;
  previous: JsonObject | null;
  now: Date;
}

/** An event that did not come from Clio, for tests and for trying a rule out: with all that a real one would have. */
export function previewEvent({ event: named, record, previous, now }: Preview): EvaluationInput {
  const { type, types, model, trigger, source = 'webhook' } = named;
  const { id = '' } = record;
  const event: EngineFacts<'event'> = {
    id: 'preview',
    type,
    model,
    record_id: textOf(id),
    source,
    received_at: now.toISOString(),
    planned_at: source === 'schedule' ? now.toISOString() : null,
    changed: previous === null ? [] : changedPaths(previous, record),
    clio_url: 'https://app.clio.com',
  };
  return { event: { ...event, type }, types, model, record, previous, now, trigger };
}
