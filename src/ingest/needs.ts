/** Nest's token for the SubscriptionNeeds. */
export const NEEDS = Symbol('SubscriptionNeeds');

/** What is wanted of one model: bare events (`created`, `opened`) and dotted field paths without the model. */
export interface WantedOfModel {
  readonly events: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
  /** Ids of the rules that want it. */
  readonly rules: ReadonlySet<string>;
}

/** A record of one of the firm's own lists that rules name. */
export interface NamedReference {
  /** `practice_area`, `matter_custom_field`. */
  readonly kind: string;
  readonly name: string;
  /** The ids of the rules. */
  readonly rules: readonly string[];
}

/** Tells which changes are worth hearing of; ingest asks no more about rules than this. */
export interface SubscriptionNeeds {
  /** By model; a model that is missing is of no interest. */
  needs(): ReadonlyMap<string, WantedOfModel>;
  /** What the active rules name; the same list until the rules change. */
  references(): readonly NamedReference[];
  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}
