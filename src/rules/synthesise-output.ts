import type { JsonObject, JsonValue } from '../lib/json.js';
import type { ActionVocabulary, FieldKind } from './rule-vocabulary.js';

const SOME_DAY = '2026-01-05';

/** What an action would give back, made up from what it promises; what it was given comes back as it was. */
export function synthesiseOutput(action: ActionVocabulary, input: JsonObject): JsonObject {
  return madeUp(action.output, input);
}

function madeUp(kinds: ReadonlyMap<string, FieldKind>, input: JsonObject): JsonObject {
  return Object.fromEntries(
    [...kinds].map(([name, kind]) => [
      name,
      (kind.type === 'object' ? undefined : input[name]) ?? sample(kind),
    ]),
  );
}

function sample(kind: FieldKind): JsonValue {
  switch (kind.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'text':
      return kind.enum?.[0] ?? 'text';
    case 'boolean':
      return true;
    case 'date':
      return SOME_DAY;
    case 'date-time':
      return `${SOME_DAY}T12:00:00Z`;
    case 'object':
      return madeUp(kind.fields?.() ?? new Map<string, FieldKind>(), {});
    case 'list':
      return [];
  }
}
