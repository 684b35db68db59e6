import { actionEffects } from './act/action-effects.js';
import { actions } from './act/catalog.js';
import { catalog, resourceFacts, type FieldFacts } from './clio/catalog/catalog.js';
import { derivedEvents, recordKinds } from './ingest/derived-types.js';
import type { FieldKind, FilterKind, ModelVocabulary, Vocabulary } from './rules/rule-vocabulary.js';

const EVENTS = ['created', 'updated', 'deleted'];

/** The records that changes are taken in of, with what Clio calls them; the second list has no webhooks. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  activity: EVENTS,
  bill: EVENTS,
  calendar_entry: EVENTS,
  clio_payments_payment: ['created', 'updated'],
  communication: EVENTS,
  contact: EVENTS,
  document: EVENTS,
  folder: EVENTS,
  matter: EVENTS,
  task: EVENTS,

  custom_field: EVENTS,
  matter_stage: EVENTS,
  note: EVENTS,
  practice_area: EVENTS,
  relationship: EVENTS,
  task_template_list: EVENTS,
  user: EVENTS,
};

/** The records whose fields a firm adds to, and where those are: by name, whatever the name is. */
const CUSTOMISED = new Set(['contact', 'matter']);
const CUSTOM_FIELDS: readonly [string, FieldKind] = ['custom_fields', { type: 'object', open: true }];

/** What rules may say: Clio's records as the catalog has them, and our actions. */
export function vocabulary(): Vocabulary {
  const models = Object.entries(MODELS).map(
    ([model, events]) => [model, modelVocabulary(model, events)] as const,
  );
  const kinds = recordKinds().map(({ name, model }) => [name, kindVocabulary(model)] as const);
  return { models: new Map([...models, ...kinds]), actions, effects: actionEffects };
}

function modelVocabulary(model: string, events: readonly string[]): ModelVocabulary {
  const derived = derivedEvents(model);
  return {
    model,
    fields: fieldsOf(model),
    events: [...events, ...derived.map(({ name }) => name)],
    filters: filtersOf(model),
    derived: new Map(derived.map(({ name, of, paths }) => [name, { events: asked(name, of), paths }])),
  };
}

/** Which records, and what of them, the engine says itself; how custom fields are asked for, Clio does not say. */
const NOT_ASKED = new Set(['ids', 'fields', 'custom_field_values', 'include_deleted']);

/** The filters that ask for the id of something in the firm's own lists, and the kind of name that it has there. */
const NAMED_FILTERS: Readonly<Record<string, string>> = {
  activity_description_id: 'activity_description',
  assignee_id: 'user',
  assigner_id: 'user',
  calendar_id: 'calendar',
  document_category_id: 'document_category',
  expense_category_id: 'expense_category',
  group_id: 'group',
  originating_attorney_id: 'user',
  practice_area_id: 'practice_area',
  responsible_attorney_id: 'user',
  responsible_staff_id: 'user',
  task_type_id: 'task_type',
  user_id: 'user',
};

function filtersOf(model: string): ReadonlyMap<string, FilterKind> {
  const known = Object.entries(resourceFacts(model).filters).filter(([name]) => !NOT_ASKED.has(name));
  return new Map(
    known.map(([name, { type, enum: values, array = false, required = false }]) => {
      const names = Object.hasOwn(NAMED_FILTERS, name) ? NAMED_FILTERS[name] : undefined;
      const kind = { type: typeOf(type), list: array, required };
      return [
        name,
        {
          ...kind,
          ...(values === undefined ? {} : { enum: values }),
          ...(names === undefined ? {} : { names }),
        },
      ];
    }),
  );
}

function fieldsOf(model: string): ReadonlyMap<string, FieldKind> {
  const { fields, create = {} } = resourceFacts(model);
  const always = (name: string) => ALWAYS_SET.has(name) || create[name]?.required === true;
  const kinds = [...kindsOf(fields, 1)].map(
    ([name, kind]) =>
      [name, CAN_BE_EMPTY.has(kind.type) && !always(name) ? { ...kind, nullable: true } : kind] as const,
  );
  return new Map([...kinds, ...(CUSTOMISED.has(model) ? [CUSTOM_FIELDS] : [])]);
}

/** Clio's own event where it has one of this name; otherwise those that it shows in. */
function asked(name: string, of: readonly string[]): readonly string[] {
  return of.includes(name) ? [name] : of;
}

/** Activities of one kind: told apart by their type. */
function kindVocabulary(model: string): ModelVocabulary {
  const whole = modelVocabulary(model, MODELS[model] ?? []);
  // Their list is that of all activities.
  const { filters: _, ...kind } = whole;
  return { ...kind, derived: new Map(EVENTS.map((event) => [event, { events: [event], paths: ['type'] }])) };
}

/** Clio's file does not say what may be null. Associations and dates are where nobody has set them. */
const CAN_BE_EMPTY = new Set<FieldKind['type']>(['object', 'date', 'date-time']);
const ALWAYS_SET = new Set(['created_at', 'updated_at', 'client', 'user', 'creator', 'currency']);

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
