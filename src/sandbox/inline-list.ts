import { isObject } from '../lib/json.js';
import { asText, type Firm, type Value, type Values } from './firm.js';
import { invalidArgument } from './refusal.js';

/** An entry of a list that belongs to its record: addresses, e-mail addresses, external properties. */
export type Entry = Readonly<Record<string, Value>>;

export function entriesOf(value: Value | undefined): Entry[] {
  return (Array.isArray(value) ? value : []).filter((entry) => isObject(entry));
}

/**
 * Clio's rule for lists inside a record: an entry with an id changes that entry, with `_destroy` removes it, without an
 * id adds one. Entries that are not named stay.
 * @throws Refusal 422 for an id that the list lacks, and for more than `atMost` entries.
 */
export function mergeEntries(firm: Firm, current: Value | undefined, written: Value, name: string): Value {
  let entries = entriesOf(current);
  for (const { _destroy, _deleted, id, ...values } of entriesOf(written)) {
    const old = entries.find((entry) => asText(entry['id']) === asText(id));
    if (id !== undefined && old === undefined) throw invalidArgument(`${name} has no entry ${asText(id)}`);
    if (old !== undefined) {
      const changed =
        _destroy === true || _deleted === true ? [] : [stamped(firm, name, { ...old, ...values })];
      entries = entries.flatMap((entry) => (entry === old ? changed : [entry]));
    } else {
      entries = [...entries, stamped(firm, name, { ...values, id: firm.nextId(name) })];
    }
  }
  const atMost = MOST_ENTRIES[name];
  if (atMost !== undefined && entries.length > atMost) {
    throw invalidArgument(`${name} has ${entries.length} entries; at most ${atMost} are allowed`);
  }
  return entries;
}

/** Since 4.0.13 for contacts; always for external properties. */
const MOST_ENTRIES: Readonly<Record<string, number>> = {
  email_addresses: 20,
  phone_numbers: 20,
  addresses: 20,
  external_properties: 5,
};

function stamped(firm: Firm, name: string, entry: Values): Entry {
  const at = firm.timestamp();
  return { created_at: at, ...entry, etag: firm.etag(name, asText(entry['id'])), updated_at: at };
}
