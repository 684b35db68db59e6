import { z } from 'zod';
import { defineAction } from './action.js';
import {
  activity,
  activityData,
  activityEcho,
  activityFields,
  createActivity,
  probeActivity,
  undoActivity,
} from './activity.js';
import { associated, recordId } from './input-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { secondsOf } from './work-time.js';

const TYPE = 'TimeEntry';

const input = z.strictObject({
  ...activityFields,
  duration: z
    .string()
    .refine((text) => secondsOf(text) !== undefined, 'Write a duration like 1h 30m, 90 minutes or PT1H30M.')
    .describe('How long it took: `1h 30m`, `90 minutes`, `1.5 hours` or `PT1H30M`.'),
  activity_description: namedRecord.optional().describe('The category: `{ name: ... }` or its id.'),
  price: z
    .number()
    .nonnegative()
    .optional()
    .describe("The rate an hour; from the firm's rates when left out."),
  task: recordId.optional().describe('The id of the task it was done for.'),
  communication: recordId.optional().describe('The id of the call or e-mail it was.'),
  calendar_entry: recordId.optional().describe('The id of the calendar entry it was.'),
});

/** Records time worked on a matter, once: the note carries the step's marker. */
export const createTimeEntry = defineAction({
  name: 'clio.time_entry.create',
  summary: 'Records time worked on a matter.',
  input,
  safety: 'check-first',
  echo: activityEcho,
  references: { activity_description: 'activity_description', user: 'user' },
  text: { duration: 'plain', note: 'plain' },
  output: activity.output,
  probe: (wanted, context) => probeActivity(TYPE, wanted, context),

  async execute(wanted, context) {
    const { duration, activity_description: description, price } = wanted;
    const [common, descriptionId] = await Promise.all([
      activityData(wanted, context),
      description === undefined ? undefined : resolveNamed('activity_description', description, context),
    ]);
    const data = {
      ...common,
      // Seconds since version 4.0.4 of Clio's API; hours before.
      quantity: secondsOf(duration),
      activity_description: associated(descriptionId),
      price,
      task: associated(wanted.task),
      communication: associated(wanted.communication),
      calendar_entry: associated(wanted.calendar_entry),
    };
    return createActivity(TYPE, wanted, data, context);
  },

  undo: undoActivity,
});
