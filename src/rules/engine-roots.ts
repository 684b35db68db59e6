import type { JsonValue } from '../lib/json.js';
import type { FieldKind } from './rule-vocabulary.js';

/**
 * What the engine itself tells rules, by root: the one list for the lint and for those who fill the roots in. `run` is
 * there for steps only, because nothing runs while a rule is decided.
 */
export const engineRoots = {
  event: {
    id: 'text',
    type: 'text',
    model: 'text',
    record_id: 'text',
    source: 'text',
    received_at: 'date-time',
    planned_at: 'date-time',
    changed: 'list',
    clio_url: 'text',
  },
  rule: { id: 'text', name: 'text', version: 'text', owner: 'text', timezone: 'text', marker: 'boolean' },
  trigger: { id: 'text' },
  run: { id: 'text', started_at: 'date-time', url: 'text', approvals: 'object', error: 'object' },
} as const satisfies Record<string, Record<string, FieldKind['type']>>;

export type EngineRoot = keyof typeof engineRoots;

/** Exactly the fields of a root, with their values. */
export type EngineFacts<Root extends EngineRoot> = Record<keyof (typeof engineRoots)[Root], JsonValue>;
