import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { calendarDate } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { namedRecord, resolveNamed } from './named-record.js';
import type { RecordChanges } from './record-changes.js';

const person = (role: string) =>
  assignee.describe(`${role}: a user's id, \`{ user: e-mail }\`, or \`{ role: ... }\` of the same matter.`);

/** What can be set on a matter apart from its state, its stage and its custom fields. */
export const matterFields = {
  practice_area: namedRecord.optional().describe('The practice area: `{ name: Family }` or its id.'),
  responsible_attorney: person('The responsible attorney').optional(),
  originating_attorney: person('The originating attorney').optional(),
  responsible_staff: person('The responsible staff member').optional(),
  client_reference: z.string().min(1).optional().describe("The client's own reference of the matter."),
  location: z.string().min(1).optional().describe('Where the matter is.'),
  billable: z.boolean().optional().describe('Whether the matter is billable.'),
  open_date: calendarDate.optional().describe('The day the matter was opened.'),
  pending_date: calendarDate.optional().describe('The day the matter became pending.'),
  close_date: calendarDate.optional().describe('The day the matter was closed.'),
};
type MatterFields = z.output<z.ZodObject<typeof matterFields>>;

/** What of the firm's lists a matter's inputs name. */
export const matterReferences = {
  custom_fields: 'matter_custom_field',
  originating_attorney: 'user',
  practice_area: 'practice_area',
  responsible_attorney: 'user',
  responsible_staff: 'user',
  stage: 'matter_stage',
} as const;

/** Read back of a matter, so that changes can be told and later steps can use them. */
export const matterReadBack = {
  id: true,
  etag: true,
  display_number: true,
  status: true,
  description: true,
  client_reference: true,
  location: true,
  billable: true,
  open_date: true,
  pending_date: true,
  close_date: true,
  client: ['id', 'name'],
  matter_stage: ['id', 'name'],
  practice_area: ['id', 'name'],
  responsible_attorney: ['id', 'name'],
  originating_attorney: ['id', 'name'],
  responsible_staff: ['id', 'name'],
} as const;

const PLAIN = [
  'client_reference',
  'location',
  'billable',
  'open_date',
  'pending_date',
  'close_date',
] as const;
const PEOPLE = ['responsible_attorney', 'originating_attorney', 'responsible_staff'] as const;

/**
 * Gathers what must be sent so that the matter has the wanted values. `matterId` is where roles are looked up; undefined
 * for a matter that is yet to be made.
 */
export async function matterChanges(
  wanted: MatterFields,
  current: Readonly<Record<string, unknown>>,
  matterId: number | undefined,
  changes: RecordChanges,
  context: ActionContext,
): Promise<void> {
  for (const name of PLAIN) changes.want(name, current[name], wanted[name]);
  for (const name of PEOPLE) {
    const who = wanted[name];
    if (who === undefined) continue;
    changes.want(name, current[name], { id: await lookupAssignee(who, matterId, context) });
  }
  if (wanted.practice_area !== undefined) {
    const id = await resolveNamed('practice_area', wanted.practice_area, context);
    changes.want('practice_area', current.practice_area, { id });
  }
}

/** The matter as it will be with `changes`, for what depends on its practice area: stages belong to one. */
export function withPracticeArea(
  matter: ClioRecord,
  { practice_area: area }: MatterFields,
  { data }: RecordChanges,
): ClioRecord {
  if (!isObject(data.practice_area)) return matter;
  const name = typeof area === 'object' ? area.name : `number ${String(area)}`;
  return { ...matter, practice_area: { ...data.practice_area, name } };
}
