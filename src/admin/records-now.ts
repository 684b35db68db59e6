import type { JsonObject } from '../lib/json.js';
import type { AskedLookups, ReadLookups } from '../rules/lookup.js';

/** Nest's token for the RecordsNow. */
export const RECORDS_NOW = Symbol('RecordsNow');

/** Which records, and for whom. */
export interface WantedNow {
  connectionId: string;
  model: string;
  ids: readonly string[];
  /** Dotted, without the model. */
  paths: ReadonlySet<string>;
}

/** Records as they are at Clio now, and older versions put into the same words. */
export interface ReadNow {
  records: ReadonlyMap<string, JsonObject>;
  inWords: (record: JsonObject) => JsonObject;
  /** How many lists were asked for. */
  calls: number;
}

/** Reads records as they are, for whoever only wants to know; here, because admin does not ask Clio itself. */
export interface RecordsNow {
  /** Keeps nothing. @throws UpstreamError when Clio does not answer. */
  read(wanted: WantedNow, signal: AbortSignal): Promise<ReadNow>;
  /** What a rule looks up, by its names. Keeps nothing. @throws UpstreamError when Clio does not answer. */
  lookUp(wanted: LookupsNow, signal: AbortSignal): Promise<FoundNow>;
}

/** What a rule wants to know, by its names. */
export interface LookupsNow {
  connectionId: string;
  asked: AskedLookups;
}

export interface FoundNow {
  found: ReadLookups;
  /** How many lists were asked for. */
  calls: number;
}
