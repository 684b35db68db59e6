import type { EventDetail } from '../admin/event-views.js';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { FieldKind, Vocabulary } from '../rules/rule-vocabulary.js';

/** What `rules eval --event` reads, and what a test in a rule says of its event. */
export interface ExportedEvent {
  event: string;
  record: JsonObject;
  previous: JsonObject | null;
  now: string;
}

type Fields = ReadonlyMap<string, FieldKind>;

/** The firm's own words, which conditions compare with, and which say nothing of a client. */
const LISTS = new Set(['practice_area', 'matter_stage', 'task_type', 'group', 'activity_description']);
const PERSONAL_DATES = new Set(['date_of_birth']);
const DATE = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/;

/** A stored event as a file; null when its record is not known (any more). `redact`: without what tells of a person. */
export function exportEvent(
  { type, types, record, previous, received_at: now }: EventDetail,
  { models }: Pick<Vocabulary, 'models'>,
  redact: boolean,
): ExportedEvent | null {
  if (!isObject(record)) return null;
  const before = isObject(previous) ? (previous as JsonObject) : null;
  const told = { event: type, now, record: record as JsonObject, previous: before };
  if (!redact) return told;
  const kind = [type, ...types].map((name) => models.get(name.split('.')[0] ?? '')).find(Boolean);
  const redaction = new Redaction();
  const fields = kind?.fields ?? new Map<string, FieldKind>();
  return {
    ...told,
    record: redaction.object(told.record, fields),
    previous: before === null ? null : redaction.object(before, fields),
  };
}

/** One stand-in for each text, so that what was equal or changed still is. */
class Redaction {
  private readonly standIns = new Map<string, string>();

  object(value: JsonObject, fields: Fields): JsonObject {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        isObject(inner) && LISTS.has(name) ? inner : this.value(inner, name, fields.get(name)),
      ]),
    );
  }

  private value(value: JsonValue, name: string, kind: FieldKind | undefined): JsonValue {
    if (Array.isArray(value)) return value.map((item) => this.value(item, name, kind));
    if (isObject(value)) return this.object(value, kind?.fields?.() ?? new Map<string, FieldKind>());
    if (typeof value !== 'string') return value;
    if (kind?.enum?.includes(value) === true) return value;
    if (DATE.test(value)) return PERSONAL_DATES.has(name) ? '1970-01-01' : value;
    const standIn = this.standIns.get(value) ?? `redacted ${this.standIns.size + 1}`;
    this.standIns.set(value, standIn);
    return standIn;
  }
}
