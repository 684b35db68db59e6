/** Nest's token for the SubscriptionNeeds. */
export const NEEDS = Symbol('SubscriptionNeeds');

/** What is wanted of one model: bare events (`created`, `opened`) and dotted field paths without the model. */
export interface WantedOfModel {
  readonly events: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
  /** Ids of the rules that want it. */
  readonly rules: ReadonlySet<string>;
}

/** Tells which changes are worth hearing of; ingest asks no more about rules than this. */
export interface SubscriptionNeeds {
  /** By model; a model that is missing is of no interest. */
  needs(): ReadonlyMap<string, WantedOfModel>;
  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}
