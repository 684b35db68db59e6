import { readPath, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { compileCondition } from '../rules/compile-condition.js';
import { scopeOf } from '../rules/compile-value.js';
import { planFromJson, type FlowPlan } from '../rules/flow-plan.js';
import type { Run } from '../store/run.entity.js';
import type { ReadyEvent } from './ready-event.js';

/** A run that an event ends, and why. */
export interface Cancellation {
  runId: string;
  error: Problem;
}

/** `matter/77`, under every name that the event's record has. */
export function keysOf({ model, type, types, recordId }: ReadyEvent): string[] {
  const names = new Set([model, ...(types ?? [type]).map(modelIn)]);
  return [...names].map((name) => `${name}/${recordId}`);
}

/** The records whose events may end a run, as the row keeps them; null when there are none. */
export function cancelKeysOf(plan: FlowPlan, event: ReadyEvent, facts: JsonObject): string | null {
  const own = keysOf(event);
  const keys = plan.cancel_when.flatMap(({ event: wanted }) => {
    const model = modelIn(wanted);
    if (own.includes(`${model}/${event.recordId}`)) return [`${model}/${event.recordId}`];
    const id = readPath(facts, `${event.model}.${model}.id`);
    return typeof id === 'number' || typeof id === 'string' ? [`${model}/${id}`] : [];
  });
  return keys.length === 0 ? null : ` ${[...new Set(keys)].join(' ')} `;
}

/** The runs that end because of an event: by the version of the rule that each is on. */
export function cancellationsOf(
  event: ReadyEvent,
  runs: readonly Pick<Run, 'id' | 'plan' | 'cancelKeys' | 'facts'>[],
  about: JsonObject,
  now: Date,
): Cancellation[] {
  const types = event.types ?? [event.type];
  const keys = keysOf(event);
  return runs.flatMap((run) => {
    const { cancel_when: specs } = planFromJson(run.plan ?? {});
    const met = specs.find(
      (spec) =>
        types.includes(spec.event) &&
        keys.some(
          (key) => run.cancelKeys?.includes(` ${key} `) === true && key.startsWith(`${modelIn(spec.event)}/`),
        ) &&
        holds(spec, event, { ...about, rule: run.facts['rule'] ?? null, now: now.toISOString() }),
    );
    if (met === undefined) return [];
    const message = `${met.event} (event ${event.id}, ${event.model} ${event.recordId}) ended the run, because its rule says so in cancel_when.`;
    return [{ runId: run.id, error: { code: 'run.cancelled', message } }];
  });
}

function holds(
  { event: wanted, conditions }: FlowPlan['cancel_when'][number],
  event: ReadyEvent,
  about: JsonObject,
): boolean {
  if (conditions === null) return true;
  const facts = {
    ...about,
    [event.model]: event.record ?? event.payload,
    previous: event.previous,
    trigger: { id: wanted },
  } as JsonObject;
  return compileCondition(conditions)({ ...scopeOf(facts), model: event.model }).value === true;
}

function modelIn(event: string): string {
  return event.split('.')[0] ?? '';
}
