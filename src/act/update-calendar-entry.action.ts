import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { RuleError } from '../lib/errors.js';
import { isObject, type JsonObject } from '../lib/json.js';
import { defineAction, type ActionContext } from './action.js';
import {
  attendee,
  ATTENDEES,
  calendar,
  calendarEntry,
  entryTime,
  isDay,
  lookupAttendees,
  lookupCalendar,
} from './calendar-fields.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { recordId } from './input-fields.js';
import type { RecordChanges } from './record-changes.js';
import { undoUpdate } from './undo-update.js';

const input = z
  .strictObject({
    calendar_entry: z
      .union([recordId, z.string().regex(/^\d+$/)])
      .describe("The entry's id, which Clio writes as text."),
    summary: z.string().min(1).optional().describe('What the calendar shows.'),
    description: z.string().optional().describe('More about it.'),
    location: z.string().optional().describe('Where it is.'),
    start_at: entryTime
      .optional()
      .describe('Without end_at the entry is moved and keeps its length. A day makes an all-day entry.'),
    end_at: entryTime.optional().describe('A day where the start is one, a time where the start is one.'),
    calendar: calendar.optional().describe("Moves the entry. Roles are roles on the entry's matter."),
    add_attendees: z.array(attendee).optional().describe(`${ATTENDEES} Those who do already stay.`),
    remove_attendees: z
      .array(attendee)
      .optional()
      .describe('Who takes part no more, written in the same way.'),
    send_email_notification: z.boolean().optional().describe('Whether Clio tells the attendees by e-mail.'),
  })
  .refine(
    ({ calendar_entry: _, send_email_notification: _told, ...wanted }) =>
      Object.values(wanted).some((value) => value !== undefined),
    { path: ['calendar_entry'], message: 'Nothing to update: give at least one field of the entry.' },
  );
type Input = z.output<typeof input>;

/** Brings a calendar entry to the wanted values, against the version just read. */
export const updateCalendarEntry = defineAction({
  name: 'clio.calendar_entry.update',
  summary: 'Brings a calendar entry to the wanted values, attendees included.',
  input,
  safety: 'repeatable',
  echo: ({ calendar_entry: id }) => [changedRecord('calendar_entry', id)],
  references: { add_attendees: 'calendar', calendar: 'calendar', remove_attendees: 'calendar' },
  text: { summary: 'plain', description: 'plain', location: 'plain' },
  output: updateOutput(calendarEntry),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `calendar_entries/${wanted.calendar_entry}`,
        readBack: calendarEntry,
        alsoRead: 'description',
        compare: (current, changes) => compare(current, wanted, changes, context),
      },
      context,
    ),

  undo: undoUpdate,
});

async function compare(current: ClioRecord, wanted: Input, changes: RecordChanges, context: ActionContext) {
  for (const name of ['summary', 'description', 'location'] as const)
    changes.want(name, current[name], wanted[name]);
  move(current, wanted, changes);
  await invite(current, wanted, changes, context);
  const { send_email_notification: told } = wanted;
  if (told !== undefined && !changes.isEmpty) changes.tell('send_email_notification', told);
}

/** Days are compared as days, moments as moments: Clio writes them in the zone of the connected user. */
function move(current: ClioRecord, wanted: Input, changes: RecordChanges): void {
  const { start_at: from, end_at: to } = wanted;
  const [first, second] = [from, to].filter((time) => time !== undefined);
  if (first === undefined) return;
  const allDay = isDay(first);
  if (second === undefined ? allDay !== isAllDay(current) : isDay(second) !== allDay) throw mismatch(current);
  wantTime('start_at', current.start_at, from, changes);
  wantTime('end_at', current.end_at, to ?? endKeepingLength(current, first), changes);
  changes.want('all_day', isAllDay(current), allDay);
}

const isAllDay = (entry: ClioRecord) => entry.all_day === true;

function wantTime(name: string, current: unknown, wanted: string | undefined, changes: RecordChanges): void {
  const now = String(current);
  const isSame =
    wanted === undefined ||
    (isDay(wanted) ? now.slice(0, 10) === wanted : Date.parse(now) === Date.parse(wanted));
  if (!isSame) changes.set(name, wanted, now);
}

function endKeepingLength(current: ClioRecord, from: string): string {
  const [start, end] = [String(current.start_at), String(current.end_at)];
  if (isDay(from)) {
    const shift = Date.parse(from) - Date.parse(start.slice(0, 10));
    return new Date(Date.parse(end.slice(0, 10)) + shift).toISOString().slice(0, 10);
  }
  return new Date(Date.parse(end) + Date.parse(from) - Date.parse(start)).toISOString();
}

function mismatch(current: ClioRecord): RuleError {
  const kind = isAllDay(current)
    ? 'all-day, so its start and end are days'
    : 'by the clock, so they are times';
  return new RuleError(
    'rule.input_invalid',
    `Calendar entry ${current.id} is ${kind}. Give start_at and end_at both, of one kind, to change that.`,
  );
}

async function invite(current: ClioRecord, wanted: Input, changes: RecordChanges, context: ActionContext) {
  const matter = isObject(current.matter) ? Number(current.matter.id) : undefined;
  if (wanted.calendar !== undefined) {
    const owner = { id: await lookupCalendar(wanted.calendar, matter, context) };
    changes.want('calendar_owner', current.calendar_owner, owner);
  }
  const [added, removed] = await Promise.all([
    lookupAttendees(wanted.add_attendees ?? [], matter, context),
    lookupAttendees(wanted.remove_attendees ?? [], matter, context),
  ]);
  const present: unknown[] = Array.isArray(current.attendees) ? current.attendees : [];
  const isThere = ({ id, type }: JsonObject) =>
    present.some((one) => isObject(one) && one.id === id && one.type === type);
  const away = (one: JsonObject): JsonObject => ({ ...one, _destroy: true });
  const [comers, leavers] = [added.filter((one) => !isThere(one)), removed.filter(isThere)];
  if (comers.length + leavers.length === 0) return;
  changes.set('attendees', [...comers, ...leavers.map(away)], [...comers.map(away), ...leavers]);
}
