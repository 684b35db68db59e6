import type { ClioRecord } from '../clio/clio.client.js';
import type { ActionContext } from './action.js';
import { findUnmarked, rememberOthers, type Unmarked } from './find-unmarked.js';
import { hasMarker } from './marker.js';

/** Clocks drift, and either may have been set right since the first try: so much earlier is looked for. */
const TOLERANCE_MS = 5 * 60_000;
/** So far back is looked when our clock was put back since the first try, and cannot say when that was. */
const UNKNOWN_START_MS = 7 * 24 * 3_600_000;

interface Markable {
  /** `tasks` or `notes`. */
  path: string;
  /** The field that ends with the marker. */
  textField: string;
  /** The filters that narrow the list to the record's parent, for example `{ matter_id: 77 }`. */
  parent: Record<string, number | string>;
  /** What to read of each hit, apart from the text. */
  fields: string;
  /** What the record says, by field, without the marker; `heading` is the one of them that Clio never rewrites. */
  texts: Readonly<Record<string, string>>;
  heading: string;
}

/**
 * The records that an earlier try of this step made, oldest first. Asks Clio's search for the marker, then reads every
 * record made since the first try, because nobody promises that a new record can be searched at once. Without a marker what
 * the records say must do.
 */
export async function findMarked(what: Markable, context: ActionContext): Promise<ClioRecord[]> {
  const { clio, marker, signal } = context;
  if (marker === null) return findUnmarked(unmarked(what, context), context);
  // By Clio's clock, which is known at the latest when the first of the two lists is here.
  const query = () => ({
    ...what.parent,
    created_since: sinceFirstTry(context),
    fields: `${what.fields},${what.textField}`,
  });
  const ours = (records: ClioRecord[]) =>
    records
      .filter((record) => hasMarker(record[what.textField], marker))
      .sort((a, b) => Number(a.id) - Number(b.id));
  const found = ours(await clio.list(what.path, { ...query(), query: marker }, signal));
  return found.length > 0 ? found : ours(await clio.list(what.path, query(), signal));
}

/** Makes the record, findable: by its marker, or by having looked at what else is there. */
export async function createMarked(
  what: Markable,
  data: Readonly<Record<string, unknown>>,
  context: ActionContext,
): Promise<ClioRecord> {
  await rememberOthers(unmarked(what, context), context);
  return context.clio.create(what.path, data, { fields: what.fields, signal: context.signal });
}

function unmarked({ path, parent, fields, texts, heading }: Markable, context: ActionContext): Unmarked {
  const asked = [...splitFields(fields), ...Object.keys(texts), 'created_at', 'updated_at'];
  const names = [...new Set(asked)].join(',');
  const list = () =>
    context.clio.list(
      path,
      { ...parent, created_since: sinceFirstTry(context), fields: names },
      context.signal,
    );
  return { path, list, texts, heading };
}

/** At the commas outside braces. */
function splitFields(fields: string): string[] {
  return fields.split(/,(?![^{]*\})/);
}

/**
 * The earliest time, by Clio's clock, at which an earlier try of this step can have made a record. That our clock is behind
 * now says nothing of then: it may have been put back since.
 */
export function sinceFirstTry({ startedAt, now, clio }: ActionContext): string {
  const began =
    startedAt > now
      ? now.getTime() + clio.skewMs - UNKNOWN_START_MS
      : startedAt.getTime() + Math.min(clio.skewMs, 0);
  return new Date(began - TOLERANCE_MS).toISOString();
}
