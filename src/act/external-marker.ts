import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { sinceFirstTry } from './find-marked.js';

/** The name of the external property by which a step finds what it made; the value is the step's reference. */
const NAME = 'praetor';

/** For `external_properties` of a new record. Clio shows it to programs only. */
export function markerProperty({ reference }: ActionContext): { name: string; value: string } {
  return { name: NAME, value: reference };
}

interface Markable {
  /** `calendar_entries`. */
  path: string;
  /** The filters that narrow the list to the record's parent, for example `{ matter_id: 77 }`. */
  parent: Record<string, number | string | boolean>;
  fields: string;
}

/**
 * The records that carry this step's reference, oldest first: asked for by the property, then, should the filter not
 * know a new record yet, among all that were made since the first try.
 */
export async function findByProperty(what: Markable, context: ActionContext): Promise<ClioRecord[]> {
  const { clio, reference, signal } = context;
  const query = { ...what.parent, fields: `${what.fields},external_properties{name,value}` };
  const filter = { external_property_name: NAME, external_property_value: reference };
  const ours = (records: ClioRecord[]) =>
    records.filter((record) => carries(record, reference)).sort((a, b) => Number(a.id) - Number(b.id));
  const found = ours(await clio.list(what.path, { ...query, ...filter }, signal));
  if (found.length > 0) return found;
  return ours(await clio.list(what.path, { ...query, created_since: sinceFirstTry(context) }, signal));
}

function carries({ external_properties: properties }: ClioRecord, reference: string): boolean {
  const entries: unknown[] = Array.isArray(properties) ? properties : [];
  return entries.some((entry) => isObject(entry) && entry.name === NAME && entry.value === reference);
}
