import { contentHash, type JsonObject } from '../lib/json.js';

interface ChangeName {
  connectionId: string;
  model: string;
  recordId: string;
  /** Bare: `updated`. */
  event: string;
  etag: string | null;
  /** What is known of the record, to tell versions apart that have no etag. */
  payload: JsonObject;
}

/**
 * A record is made once and goes once, whatever version of it is there when we hear of it. One that was restored may go again:
 * then the earlier deletion gives up this key.
 */
const ONCE = new Set(['created', 'deleted']);

/** One key for one change, whichever way and however often it is heard of. */
export function dedupeKeyOf({ connectionId, model, recordId, event, etag, payload }: ChangeName): string {
  const record = [connectionId, model, recordId, event];
  return (ONCE.has(event) ? record : [...record, versionOf(etag, payload)]).join(':');
}

/** Not every resource of Clio has etags: then the content is the version. */
function versionOf(etag: string | null, payload: JsonObject): string {
  return etag ?? `sha256-${contentHash(payload)}`;
}
