import { z } from 'zod';
import type { ActionContext } from './action.js';
import { resolveContact } from './contact-reference.js';
import { calendarDate, instant, recordId } from './input-fields.js';
import { lookup, noMatch } from './lookup-list.js';
import { lookupParticipant, participant } from './lookup-participant.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { matterRole } from './lookup-assignee.js';
import { readBack } from './read-back.js';

/** What the actions on calendar entries give back. */
export const calendarEntry = readBack('calendar_entry', {
  id: true,
  etag: true,
  summary: true,
  start_at: true,
  end_at: true,
  all_day: true,
  location: true,
  created_at: true,
  matter: ['id', 'display_number'],
  calendar_owner: ['id', 'name'],
  attendees: ['id', 'type', 'name'],
});

/** A calendar by id or name, or the own calendar of a user. */
export const calendar = z.union([
  ...namedRecord.options,
  z.strictObject({ user: z.union([recordId, z.email()]) }),
  z.strictObject({ role: matterRole }),
]);

/** A contact, a user (by the user's own calendar), or a calendar. */
export const attendee = z.union([...participant.options, z.strictObject({ calendar: namedRecord })]);

export const ATTENDEES =
  'Who takes part: `{ contact: id, { email } or { name } }`, `{ user: e-mail or id }`, `{ role: ... }` on the matter, `{ calendar: { name: ... } }`.';

/** A day makes an all-day entry, a moment one by the clock. */
export const entryTime = z.union([calendarDate, instant]);

export const isDay = (text: string) => text.length === 10;

/** The calendar's id. Throws UpstreamError `clio.no_match` or `clio.ambiguous`. */
export async function lookupCalendar(
  wanted: z.infer<typeof calendar>,
  matterId: number | undefined,
  context: ActionContext,
): Promise<number> {
  if (typeof wanted === 'number' || 'name' in wanted) return resolveNamed('calendar', wanted, context);
  const { id } = await lookupParticipant(wanted, matterId, context);
  return ownCalendar(id, context);
}

type WrittenAttendee = { id: number; type: 'Contact' | 'Calendar' };

/** As Clio writes attendees, each once, however often the rule names somebody. Throws as `lookupCalendar`. */
export async function lookupAttendees(
  wanted: readonly z.infer<typeof attendee>[],
  matterId: number | undefined,
  context: ActionContext,
): Promise<WrittenAttendee[]> {
  const found = await Promise.all(wanted.map((one) => lookupAttendee(one, matterId, context)));
  return [...new Map(found.map((one) => [`${one.type} ${one.id}`, one])).values()];
}

async function lookupAttendee(
  wanted: z.infer<typeof attendee>,
  matterId: number | undefined,
  context: ActionContext,
): Promise<WrittenAttendee> {
  if ('contact' in wanted) return { id: await resolveContact(wanted.contact, context), type: 'Contact' };
  const named = 'calendar' in wanted ? wanted.calendar : wanted;
  return { id: await lookupCalendar(named, matterId, context), type: 'Calendar' };
}

const users = { path: 'users', query: { fields: 'id,name,default_calendar_id' } };

async function ownCalendar(userId: number, context: ActionContext): Promise<number> {
  const user = await lookup(
    users,
    (all) => all.find(({ id, default_calendar_id: own }) => Number(id) === userId && typeof own === 'number'),
    () =>
      noMatch(
        `Clio shows no calendar of user ${userId}. Name the calendar in the rule, or let the connected user see it.`,
        { user: userId },
      ),
    context,
  );
  return Number(user.default_calendar_id);
}
