import { z } from 'zod';
import type {
  ActionContext,
  ActionResult,
  DoneStep,
  ExpectedEcho,
  UndoContext,
  UndoResult,
} from './action.js';
import { adopt, written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { createMarked, findMarked } from './find-marked.js';
import { associated, calendarDate, matterId } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { withMarker } from './marker.js';
import { readBack } from './read-back.js';
import { touched, undoCreated } from './undo-created.js';

export const activity = readBack('activity', {
  id: true,
  etag: true,
  type: true,
  date: true,
  quantity: true,
  price: true,
  total: true,
  note: true,
  non_billable: true,
  no_charge: true,
  created_at: true,
  matter: ['id', 'display_number'],
  user: ['id', 'name'],
});

/** What a time entry and an expense have in common. */
export const activityFields = {
  matter: matterId,
  date: calendarDate.describe('The day of the work or the expense.'),
  user: assignee
    .optional()
    .describe(
      "Whose it is: a user's id, `{ user: e-mail }` or `{ role: ... }`; the connected user when left out.",
    ),
  note: z
    .string()
    .optional()
    .describe('What it was for, as the client sees it on the bill. Ends with the line `Automation ...`.'),
  non_billable: z.boolean().optional().describe('Keep it off bills.'),
  no_charge: z.boolean().optional().describe('Show it on the bill without a charge.'),
};
type ActivityFields = z.output<z.ZodObject<typeof activityFields>>;

/** What of Clio's attributes comes from the common fields. The note ends with the step's marker. */
export async function activityData(
  wanted: ActivityFields,
  context: ActionContext,
): Promise<Record<string, unknown>> {
  const { matter, date, user, note, non_billable, no_charge } = wanted;
  const userId = user === undefined ? undefined : await lookupAssignee(user, matter, context);
  return {
    date,
    matter: { id: matter },
    user: associated(userId),
    note: withMarker(note ?? '', context.marker, undefined),
    non_billable,
    no_charge,
  };
}

/** What comes back of either. */
export function activityEcho(wanted: ActivityFields): ExpectedEcho[] {
  return [newRecord('activity', { matter: wanted.matter, markedIn: 'note', texts: textsOf(wanted) })];
}

export async function createActivity(
  type: string,
  wanted: ActivityFields,
  data: Readonly<Record<string, unknown>>,
  context: ActionContext,
): Promise<ActionResult> {
  return written(await createMarked(markable(type, wanted), { type, ...data }, context), activity);
}

/** An earlier try's entry, by the marker in its note. */
export async function probeActivity(
  type: string,
  wanted: ActivityFields,
  context: ActionContext,
): Promise<ActionResult | null> {
  return adopt(await findMarked(markable(type, wanted), context), activity, context);
}

function textsOf({ date, note = '' }: ActivityFields): Record<string, string> {
  return { date, note };
}

function markable(type: string, wanted: ActivityFields) {
  const parent = { type, matter_id: wanted.matter };
  const found = { path: 'activities', textField: 'note', parent, fields: activity.fields };
  return { ...found, texts: textsOf(wanted), heading: 'date' };
}

/** Takes an entry away that is on no bill. */
export async function undoActivity({ writes }: DoneStep<unknown>, context: UndoContext): Promise<UndoResult> {
  for (const write of writes) {
    const query = { ids: [Number(write.id)], fields: 'id,on_bill,billed' };
    const [entry] = await context.clio.list('activities', query, context.signal);
    if (entry?.on_bill === true || entry?.billed === true) return touched([write]);
  }
  return undoCreated(writes, ({ id }) => `activities/${id}`, context);
}
