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

/** A kind of record that rules can be about: its fields, and what can happen to it (`created`, `updated`, ...). */
export interface ModelVocabulary {
  model: string;
  fields: ReadonlyMap<string, FieldKind>;
  events: readonly string[];
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
  /** Inputs that name a record of the firm's own lists, and which list. */
  readonly references?: Readonly<Record<string, string>>;
}

/** Nest's token for the actions a rule may use: ReadonlyMap<string, ActionVocabulary>. */
export const ACTION_WORDS = Symbol('ActionWords');

/** Everything that rules learn from the outside: Clio's records and our actions, by name. */
export interface Vocabulary {
  models: ReadonlyMap<string, ModelVocabulary>;
  actions: ReadonlyMap<string, ActionVocabulary>;
}
