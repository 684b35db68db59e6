import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject, isSameJson, type JsonObject, type JsonValue } from '../lib/json.js';

/** What brings a field back, by Clio's write names. Undefined: nothing does. */
type Back = JsonValue | undefined;

/**
 * What is to be sent so that a record is as wanted (`data`), and what brings it back; both by Clio's write names. Nothing
 * is gathered for what is there already, nor for a wanted value of undefined.
 */
export class RecordChanges {
  readonly data: JsonObject = {};
  private readonly back = new Map<string, Back | ((changed: ClioRecord) => Back)>();

  /** `resource`: `matter`. */
  constructor(private readonly resource: string) {}

  /** Of an object only the fields that are wanted are compared, and brought back. */
  want(name: string, current: unknown, wanted: JsonValue | undefined): void {
    if (wanted === undefined || holds(current, wanted)) return;
    if (!isObject(wanted)) {
      this.set(name, wanted, (current ?? null) as JsonValue);
      return;
    }
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    const held = given.map(([key]) => [key, (current as JsonObject | null)?.[key] ?? null] as const);
    const back = isObject(current) ? Object.fromEntries(held) : this.emptied(name);
    this.set(name, Object.fromEntries(given), back);
  }

  /** `back` may depend on what Clio made of the change: new entries of a list are taken away by their ids. */
  set(name: string, wanted: JsonValue, back: Back | ((changed: ClioRecord) => Back)): void {
    this.data[name] = wanted;
    this.back.set(name, back);
  }

  /** What goes with the change although it is no value of the record, such as whether people are told. */
  tell(name: string, value: JsonValue): void {
    this.data[name] = value;
  }

  /** What Clio changes along with the fields that are sent. */
  alsoBack(name: string, back: JsonValue): void {
    this.back.set(name, back);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.data, name);
  }

  get isEmpty(): boolean {
    return Object.keys(this.data).length === 0;
  }

  /** What must be written to go back from `changed`; null when some of it cannot be brought back. */
  previousOf(changed: ClioRecord): JsonObject | null {
    const previous: JsonObject = {};
    for (const [name, back] of this.back) {
      const value = typeof back === 'function' ? back(changed) : back;
      if (value === undefined) return null;
      previous[name] = value;
    }
    return previous;
  }

  /** Clio clears only some associations. */
  private emptied(name: string): null | undefined {
    return resourceFacts(this.resource).update?.[name]?.nullable === true ? null : undefined;
  }
}

/** Clio gives some numbers, ids among them, as texts. */
function holds(current: unknown, wanted: JsonValue): boolean {
  if (isObject(wanted)) {
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    return isObject(current) && given.every(([name, value]) => holds(current[name], value));
  }
  if (typeof wanted === 'number' && typeof current === 'string') return Number(current) === wanted;
  return isSameJson(current ?? null, wanted);
}
