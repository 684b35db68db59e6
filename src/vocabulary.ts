import { actions } from './act/catalog.js';
import { catalog, resourceFacts, type FieldFacts } from './clio/catalog/catalog.js';
import type { FieldKind, ModelVocabulary, Vocabulary } from './rules/rule-vocabulary.js';

const EVENTS = ['created', 'updated', 'deleted'];

/** The records that Clio has webhooks for, with what can happen to them. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  activity: EVENTS,
  bill: EVENTS,
  calendar_entry: EVENTS,
  clio_payments_payment: ['created', 'updated'],
  communication: EVENTS,
  contact: EVENTS,
  document: EVENTS,
  folder: EVENTS,
  matter: [...EVENTS, 'opened', 'pended', 'closed'],
  task: EVENTS,
};

/** The records whose fields a firm adds to, and where those are: by name, whatever the name is. */
const CUSTOMISED = new Set(['contact', 'matter']);
const CUSTOM_FIELDS: readonly [string, FieldKind] = ['custom_fields', { type: 'object', open: true }];

/** What rules may say: Clio's records as the catalog has them, and our actions. */
export function vocabulary(): Vocabulary {
  const models = Object.entries(MODELS).map(
    ([model, events]) => [model, modelVocabulary(model, events)] as const,
  );
  return { models: new Map(models), actions };
}

function modelVocabulary(model: string, events: readonly string[]): ModelVocabulary {
  const fields = kindsOf(resourceFacts(model).fields, 1);
  return { model, fields: CUSTOMISED.has(model) ? new Map([...fields, CUSTOM_FIELDS]) : fields, events };
}

function kindsOf(
  fields: Readonly<Record<string, FieldFacts>>,
  depth: number,
): ReadonlyMap<string, FieldKind> {
  return new Map(Object.entries(fields).map(([name, facts]) => [name, kindOf(facts, depth)]));
}

function kindOf(facts: FieldFacts, depth: number): FieldKind {
  const nested = facts.resource === undefined || depth === 0 ? undefined : catalog.schemas[facts.resource];
  return {
    type: typeOf(facts.type),
    ...(facts.enum === undefined ? {} : { enum: facts.enum }),
    ...(nested === undefined ? {} : { fields: () => kindsOf(nested, depth - 1) }),
  };
}

function typeOf(type: FieldFacts['type']): FieldKind['type'] {
  switch (type) {
    case 'string':
      return 'text';
    case 'array':
      return 'list';
    case 'integer':
    case 'number':
    case 'boolean':
    case 'date':
    case 'date-time':
    case 'object':
      return type;
  }
}
