import type { JsonObject } from '../lib/json.js';

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
  /** Where a person finds a run. */
  runUrl(runId: string): string;
}

export interface RecordsWanted {
  connectionId: string;
  model: string;
  ids: readonly string[];
  paths: readonly string[];
}
