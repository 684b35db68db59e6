import { z } from 'zod';
import { defineAction } from './action.js';
import { adopt, written } from './adopt.js';
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
import { newRecord } from './expected-echo.js';
import { findByProperty, markerProperty } from './external-marker.js';
import { optionalMatter } from './input-fields.js';
import { undoCreated } from './undo-created.js';

const input = z
  .strictObject({
    summary: z.string().min(1).describe('What the calendar shows.'),
    description: z.string().optional().describe('More about it.'),
    location: z.string().optional().describe('Where it is.'),
    start_at: entryTime.describe('A day makes an all-day entry.'),
    end_at: entryTime.optional().describe('May be left out of an all-day entry of one day.'),
    calendar: calendar
      .optional()
      .describe(
        "By name or id, or a user's own; that of the matter's responsible attorney when left out. Roles are roles on the matter.",
      ),
    matter: optionalMatter,
    attendees: z.array(attendee).optional().describe(ATTENDEES),
    send_email_notification: z.boolean().optional().describe('Whether Clio tells the attendees by e-mail.'),
  })
  .refine((entry) => entry.calendar !== undefined || entry.matter !== undefined, {
    path: ['calendar'],
    message:
      'A calendar entry needs a calendar, or a matter whose responsible attorney has it in the calendar.',
  })
  .refine(({ start_at: from, end_at: to }) => (to === undefined ? isDay(from) : isDay(from) === isDay(to)), {
    path: ['end_at'],
    message: 'The end is a day where the start is one, and a time where the start is one.',
  })
  .refine(({ start_at: from, end_at: to = from }) => Date.parse(to) >= Date.parse(from), {
    path: ['end_at'],
    message: 'The end is before the start.',
  });

/** Puts an entry into a calendar. It carries the step's reference as an external property. */
export const createCalendarEntry = defineAction({
  name: 'clio.calendar_entry.create',
  summary: 'Puts an entry into a calendar.',
  input,
  safety: 'check-first',
  echo: ({ matter }) => [newRecord('calendar_entry', { matter })],
  references: { attendees: 'calendar', calendar: 'calendar' },
  text: { summary: 'plain', description: 'plain', location: 'plain' },
  output: calendarEntry.output,

  async probe({ matter }, context) {
    const parent: Record<string, number> = matter === undefined ? {} : { matter_id: matter };
    const what = { path: 'calendar_entries', parent, fields: calendarEntry.fields };
    return adopt(await findByProperty(what, context), calendarEntry, context);
  },

  async execute(wanted, context) {
    const { summary, description, location, matter, start_at, end_at = start_at } = wanted;
    const [owner, attendees] = await Promise.all([
      lookupCalendar(wanted.calendar ?? { role: 'responsible_attorney' }, matter, context),
      wanted.attendees && lookupAttendees(wanted.attendees, matter, context),
    ]);
    const data = {
      summary,
      description,
      location,
      start_at,
      end_at,
      all_day: isDay(start_at),
      calendar_owner: { id: owner },
      matter: matter === undefined ? undefined : { id: matter },
      attendees,
      send_email_notification: wanted.send_email_notification,
      external_properties: [markerProperty(context)],
    };
    const options = { fields: calendarEntry.fields, signal: context.signal };
    return written(await context.clio.create('calendar_entries', data, options), calendarEntry);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `calendar_entries/${id}`, context),
});
