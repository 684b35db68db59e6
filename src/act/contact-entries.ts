import type { ClioRecord } from '../clio/clio.client.js';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { RecordChanges } from './record-changes.js';

type Entry = Readonly<Record<string, unknown>>;

/** What tells the entries of a list apart: letter case, and blanks in a number, are no difference. */
const keys = {
  email_addresses: ({ address }: Entry) => String(address).toLowerCase(),
  phone_numbers: ({ number }: Entry) => String(number).replaceAll(/[^\d+]/g, ''),
  addresses: ({ street, postal_code, city }: Entry) =>
    [street, postal_code, city].map((part) => (typeof part === 'string' ? part.toLowerCase() : '')).join('|'),
};

const PARTS_OF_KEYS = ['address', 'number', 'street', 'postal_code', 'city'];

/** Written as `default_email` or `default_number`, read as `primary`. */
const readName = (name: string) => (name.startsWith('default_') ? 'primary' : name);

/**
 * Gathers the wanted entries of a contact's list that are not there, and those that are there with other values, by the
 * id of the entry. Those that are not named stay.
 */
export function changeEntries(
  name: keyof typeof keys,
  wanted: readonly Entry[] | undefined,
  current: ClioRecord,
  changes: RecordChanges,
): void {
  const keyOf = keys[name];
  const present = entriesOf(current[name]);
  const sent = (wanted ?? []).flatMap((entry) => {
    const given = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
    const old = present.find((candidate) => keyOf(candidate) === keyOf(entry));
    if (old === undefined) return [given as JsonObject];
    return isHeld(given, old) ? [] : [{ id: old.id, ...given } as JsonObject];
  });
  if (sent.length === 0) return;
  changes.set(name, sent, (changed) => {
    const made = entriesOf(changed[name]).filter(({ id }) => !present.some((one) => one.id === id));
    const added = sent.filter(({ id }) => id === undefined);
    if (made.length !== added.length) return undefined;
    return [...made.map(({ id }) => ({ id: id as JsonValue, _destroy: true })), ...restored(sent, present)];
  });
}

function entriesOf(list: unknown): Entry[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isHeld(wanted: Entry, held: Entry): boolean {
  const rest = Object.entries(wanted).filter(([name]) => !PARTS_OF_KEYS.includes(name));
  return rest.every(([name, value]) =>
    typeof value === 'boolean' ? (held[readName(name)] ?? false) === value : held[name] === value,
  );
}

/** The entries that were changed as they were, and the one that was the default before another became it. */
function restored(sent: readonly JsonObject[], present: readonly Entry[]): JsonObject[] {
  const back = sent.flatMap((entry) => {
    const old = present.find(({ id }) => id === entry.id);
    if (old === undefined) return [];
    return [Object.fromEntries(Object.keys(entry).map((key) => [key, held(old, key)])) as JsonObject];
  });
  const flag = sent.flatMap(Object.keys).find((key) => key.startsWith('default_'));
  const former = present.find(({ primary }) => primary === true);
  if (flag === undefined || former === undefined || back.some(({ id }) => id === former.id)) return back;
  return [...back, { id: former.id as JsonValue, [flag]: true }];
}

const held = (old: Entry, key: string) => old[readName(key)] ?? (key.startsWith('default_') ? false : null);
