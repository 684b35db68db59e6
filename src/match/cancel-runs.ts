import { messageOf } from '../lib/errors.js';
import { readPath, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { compileCondition } from '../rules/compile-condition.js';
import { scopeOf } from '../rules/compile-value.js';
import { planFromJson, type FlowPlan } from '../rules/flow-plan.js';
import type { CancelSpec } from '../rules/rule.js';
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

/** What an event means for runs that wait. */
export interface Cancellations {
  ended: Cancellation[];
  /** Where nobody can tell, in sentences: such a run goes on. */
  unclear: string[];
}

/** The runs that end because of an event: by the version of the rule that each is on, and what it was frozen with. Never throws. */
export function cancellationsOf(
  event: ReadyEvent,
  runs: readonly Pick<Run, 'id' | 'plan' | 'cancelKeys' | 'facts'>[],
  about: JsonObject,
  now: Date,
): Cancellations {
  const types = event.types ?? [event.type];
  const keys = keysOf(event);
  const found: Cancellations = { ended: [], unclear: [] };
  for (const run of runs) {
    const isHeard = ({ event: wanted }: CancelSpec) =>
      types.includes(wanted) &&
      keys.some(
        (key) => run.cancelKeys?.includes(` ${key} `) === true && key.startsWith(`${modelIn(wanted)}/`),
      );
    const { rule = null, inputs = null, calendar = null } = run.facts;
    const known = { ...about, rule, inputs, calendar, now: now.toISOString() };
    for (const spec of planFromJson(run.plan ?? {}).cancel_when.filter(isHeard)) {
      const answer = judge(spec, event, known);
      if (typeof answer === 'string')
        found.unclear.push(
          `Nobody knows whether ${spec.event} (event ${event.id}) ends the run ${run.id}, so it goes on: ${answer}`,
        );
      if (answer !== true) continue;
      const message = `${spec.event} (event ${event.id}, ${event.model} ${event.recordId}) ended the run, because its rule says so in cancel_when.`;
      found.ended.push({ runId: run.id, error: { code: 'run.cancelled', message } });
      break;
    }
  }
  return found;
}

/** Whether the conditions hold; a text says why that cannot be told. */
function judge(
  { event: wanted, conditions }: CancelSpec,
  event: ReadyEvent,
  about: JsonObject,
): boolean | string {
  if (conditions === null) return true;
  const facts = {
    ...about,
    [event.model]: event.record ?? event.payload,
    previous: event.previous,
    trigger: { id: wanted },
  } as JsonObject;
  try {
    return compileCondition(conditions)({ ...scopeOf(facts), model: event.model }).value === true;
  } catch (error) {
    return messageOf(error);
  }
}

function modelIn(event: string): string {
  return event.split('.')[0] ?? '';
}
