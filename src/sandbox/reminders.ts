import { isObject } from '../lib/json.js';
import { asText, type Firm, type Value, type Values } from './firm.js';
import { invalidArgument } from './refusal.js';

const MINUTES: Readonly<Record<string, number>> = { minutes: 1, hours: 60, days: 1440, weeks: 10_080 };

const MODELS: Readonly<Record<string, string>> = { Task: 'task', CalendarEntry: 'calendar_entry' };

/** What a reminder is about: a task or a calendar entry. @throws Refusal 422 when there is none. */
export function reminderSubject(firm: Firm, value: Value): Values {
  const { id, type } = (isObject(value) ? value : {}) as Values;
  const subject = firm.find(MODELS[asText(type)] ?? '', asText(id));
  if (subject === undefined) throw invalidArgument(`subject ${asText(id)} does not exist`);
  const { name, summary } = subject.values;
  return { id: Number(subject.id), type: asText(type), identifier: name ?? summary ?? null };
}

/** A reminder is written as `2 days` and read in minutes. @throws Refusal 422 without a duration. */
export function finishReminder(firm: Firm, next: Values): Record<string, Value> {
  const { duration_value: value, duration_unit: unit, subject } = next;
  const minutes = MINUTES[asText(unit)];
  if (typeof value !== 'number' || minutes === undefined) throw invalidArgument('duration is required');
  const { id, type } = subject as Values;
  const about = firm.find(MODELS[asText(type)] ?? '', asText(id))?.values;
  const at = Date.parse(asText(about?.['start_at'] ?? about?.['due_at']));
  const duration = value * minutes;
  const delivery = Number.isNaN(at) ? null : firm.timestamp(new Date(at - duration * 60_000));
  return { duration, state: 'scheduled', next_delivery_at: delivery };
}
