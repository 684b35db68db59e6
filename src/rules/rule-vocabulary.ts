import type { z } from 'zod';

/** What one field of a record or of an action's output holds. */
export interface FieldKind {
  type: 'integer' | 'number' | 'text' | 'boolean' | 'date' | 'date-time' | 'object' | 'list';
  enum?: readonly string[];
  /** True when Clio is known to send null for it. */
  nullable?: boolean;
  /** The fields of an object, or of the objects in a list, one level deep. */
  fields?: () => ReadonlyMap<string, FieldKind>;
  /** True for an object or list whose inside nobody knows beforehand, so that every path below it may be read. */
  open?: true;
}

/** What must be heard of and read to notice an event that has no report of its own. */
export interface EventBasis {
  events: readonly string[];
  /** Dotted, without the model. */
  paths: readonly string[];
}
/** For messages. */
export const typeNames: Readonly<Record<FieldKind['type'], string>> = {
  integer: 'a whole number',
  number: 'a number',
  text: 'a text',
  boolean: 'true or false',
  date: 'a date such as 2026-04-01',
  'date-time': 'a time such as 2026-04-01T09:00:00Z',
  object: 'a record',
  list: 'a list',
};

/** What a list of records can be asked for. */
export interface FilterKind {
  type: FieldKind['type'];
  enum?: readonly string[];
  /** It may be given several times. */
  list: boolean;
  required: boolean;
  /** The kind of name that may stand in place of the id that Clio asks for: `practice_area`. */
  names?: string;
}

/** A kind of record that rules can be about: its fields, and what can happen to it (`created`, `updated`, ...). */
export interface ModelVocabulary {
  /** What conditions and texts call it. A trigger may have another name for some of them. */
  model: string;
  fields: ReadonlyMap<string, FieldKind>;
  events: readonly string[];
  /** By event; one that is missing here is reported as such. */
  derived?: ReadonlyMap<string, EventBasis>;
  /** What its list can be asked for; absent where no query may name it. */
  filters?: ReadonlyMap<string, FilterKind>;
}

/** How templates are escaped in an input field. */
export type TextMode = 'plain' | 'html' | { htmlWhen: { field: string; is: string } };

/** What a rule may ask of an action, and what later steps may read of its outcome. */
export interface ActionVocabulary {
  readonly name: string;
  readonly input: z.ZodObject;
  readonly text: Readonly<Record<string, TextMode>>;
  /** Problems across inputs, see the action's own. */
  readonly lint?: (
    given: Readonly<Record<string, unknown>>,
    isComputed: (value: unknown) => boolean,
  ) => readonly { path: readonly (string | number)[]; message: string }[];
  readonly output: ReadonlyMap<string, FieldKind>;
  /** Calls of one try to Clio at most, from the step's `with` as it is written or rendered; absent where there are none. */
  readonly calls?: (given: Readonly<Record<string, unknown>>) => number;
  /** Inputs that name a record of the firm's own lists, and which list. */
  readonly references?: Readonly<Record<string, string>>;
}

/** A change at Clio that an action causes. `fields`: what an update may change; null for what its inputs are called after. */
export interface ActionEffect {
  readonly model: string;
  readonly what: 'created' | 'updated' | 'deleted';
  readonly fields: readonly string[] | null;
}

/** Nest's token for the actions a rule may use: ReadonlyMap<string, ActionVocabulary>. */
export const ACTION_WORDS = Symbol('ActionWords');

/** Nest's token for the Vocabulary. */
export const VOCABULARY = Symbol('Vocabulary');

/** Everything that rules learn from the outside: Clio's records and our actions, by name. */
export interface Vocabulary {
  /** By the name that triggers have for them. */
  models: ReadonlyMap<string, ModelVocabulary>;
  actions: ReadonlyMap<string, ActionVocabulary>;
  /** What each action writes, by its name. */
  effects?: ReadonlyMap<string, readonly ActionEffect[]>;
}

/** An event by the name that a trigger has for it: as it would come in, and every type that it satisfies. */
export function eventNamed(
  name: string,
  vocabulary: Vocabulary,
): { type: string; model: string; types: readonly string[] } {
  const [root = '', what = ''] = name.split('.');
  const model = vocabulary.models.get(root)?.model ?? root;
  const type = `${model}.${what}`;
  return { type, model, types: [type, name] };
}
