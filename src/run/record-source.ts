import type { JsonObject } from '../lib/json.js';
import type { AskedLookups, ReadLookups } from '../rules/lookup.js';

/** Nest's token for the RecordSource. */
export const RECORD_SOURCE = Symbol('RecordSource');

/** Records as they are now: run does not read Clio for rules by itself. */
export interface RecordSource {
  /**
   * Records of one model by id, with the fields that `paths` (dotted, without the model) name; one that is missing is gone,
   * or hidden from the connected user. Only for the holder of the connection's lane.
   * @throws UpstreamError when Clio does not answer for some of them.
   */
  read(wanted: RecordsWanted, signal: AbortSignal): Promise<ReadonlyMap<string, JsonObject>>;
  /**
   * What a rule looks up, by its names. Only for the holder of the connection's lane.
   * @throws UpstreamError when Clio does not answer.
   */
  lookUp(wanted: LookupsWanted, signal: AbortSignal): Promise<ReadLookups>;
  /** Where a person finds a run. */
  runUrl(runId: string): string;
}

export interface LookupsWanted {
  connectionId: string;
  ruleId: string;
  asked: AskedLookups;
}

export interface RecordsWanted {
  connectionId: string;
  model: string;
  ids: readonly string[];
  paths: readonly string[];
}
