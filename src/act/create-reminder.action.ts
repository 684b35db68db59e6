import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext } from './action.js';
import { adopt, written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { sinceFirstTry } from './find-marked.js';
import { recordId } from './input-fields.js';
import { assignee, lookupAssignee } from './lookup-assignee.js';
import { noMatch } from './lookup-list.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const reminder = readBack('reminder', {
  id: true,
  etag: true,
  duration: true,
  state: true,
  next_delivery_at: true,
  created_at: true,
  notification_method: ['id', 'type'],
  subject: ['id', 'type'],
});

const MINUTES = { minutes: 1, hours: 60, days: 1440, weeks: 10_080 } as const;

const input = z
  .strictObject({
    task: recordId.optional().describe("The task's id."),
    calendar_entry: z
      .union([recordId, z.string().regex(/^\d+$/)])
      .optional()
      .describe("The entry's id, which Clio writes as text."),
    duration_value: z.int().min(0).describe('So long before the task is due or the entry begins.'),
    duration_unit: z.enum(['minutes', 'hours', 'days', 'weeks']).describe('The unit of `duration_value`.'),
    method: z
      .enum(['Email', 'Popup', 'SMS'])
      .default('Email')
      .describe('How; as the person has it set up in Clio.'),
    user: assignee
      .optional()
      .describe("Who is reminded; the task's assignee when left out. Roles are roles on the matter."),
  })
  .refine((wanted) => (wanted.task === undefined) !== (wanted.calendar_entry === undefined), {
    path: ['task'],
    message: 'A reminder is about one task or one calendar entry: give "task" or "calendar_entry".',
  })
  .refine((wanted) => wanted.user !== undefined || wanted.task !== undefined, {
    path: ['user'],
    message: 'A reminder of a calendar entry needs a "user".',
  });
type Input = z.output<typeof input>;

/** Adds a reminder to a task or a calendar entry. It has no text: an equal one made since the first try is this one. */
export const createReminder = defineAction({
  name: 'clio.reminder.create',
  summary: 'Adds a reminder to a task or a calendar entry.',
  input,
  safety: 'check-first',
  echo: () => [newRecord('reminder')],
  references: { user: 'user' },
  text: {},
  output: reminder.output,

  async probe(wanted, context) {
    const subject = subjectOf(wanted);
    const query = {
      subject_id: subject.id,
      subject_type: subject.type === 'Task' ? 'task' : 'calendar_entry',
      notification_method_id: await lookupMethod(wanted, context),
      created_since: sinceFirstTry(context),
      fields: reminder.fields,
    };
    const found = await context.clio.list('reminders', query, context.signal);
    const minutes = wanted.duration_value * MINUTES[wanted.duration_unit];
    return adopt(
      found.filter(({ duration }) => duration === minutes),
      reminder,
      context,
    );
  },

  async execute(wanted, context) {
    const { duration_value, duration_unit } = wanted;
    const method = { id: await lookupMethod(wanted, context) };
    const data = {
      subject: subjectOf(wanted),
      notification_method: method,
      duration_value,
      duration_unit,
    };
    const options = { fields: reminder.fields, signal: context.signal };
    return written(await context.clio.create('reminders', data, options), reminder);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `reminders/${id}`, context),
});

function subjectOf({ task, calendar_entry: entry }: Input) {
  return task === undefined ? { id: Number(entry), type: 'CalendarEntry' } : { id: task, type: 'Task' };
}

/** Clio lists the ways to reach somebody with that somebody, and nowhere else. */
async function lookupMethod(wanted: Input, context: ActionContext): Promise<number> {
  const person = await lookupPerson(wanted, context);
  const fields = 'id,name,notification_methods{id,type,is_default_email_address}';
  const { name, notification_methods: listed } = await context.clio.get(person, { fields }, context.signal);
  const methods = (Array.isArray(listed) ? listed : []).filter(isObject);
  const fitting = methods.filter(({ type }) => type === wanted.method);
  const found = fitting.find((one) => one.is_default_email_address === true) ?? fitting[0];
  if (found !== undefined) return Number(found.id);
  const types = [...new Set(methods.map(({ type }) => String(type)))].join(', ');
  throw noMatch(
    `Clio cannot remind ${String(name)} by ${wanted.method}. It has: ${types || 'no way at all'}. Choose another method or user.`,
    { person, method: wanted.method },
  );
}

/** `users/2`: the user named, or whoever has the task, who may be a contact. */
async function lookupPerson(wanted: Input, context: ActionContext): Promise<string> {
  const { user } = wanted;
  if (typeof user === 'number') return `users/${user}`;
  if (user !== undefined && 'user' in user) return `users/${await lookupAssignee(user, undefined, context)}`;
  const subject = await readSubject(wanted, context);
  if (user === undefined) {
    const { id, type } = isObject(subject.assignee) ? subject.assignee : {};
    if (typeof id === 'number') return `${type === 'User' ? 'users' : 'contacts'}/${id}`;
    throw noMatch(`Task ${subject.id} has no assignee to remind. Name a "user".`, { task: subject.id });
  }
  const matter = isObject(subject.matter) ? Number(subject.matter.id) : undefined;
  return `users/${await lookupAssignee(user, matter, context)}`;
}

function readSubject({ task, calendar_entry: entry }: Input, context: ActionContext): Promise<ClioRecord> {
  const [path, fields] =
    task === undefined
      ? [`calendar_entries/${entry}`, 'id,matter{id}']
      : [`tasks/${task}`, 'id,matter{id},assignee{id,type}'];
  return context.clio.get(path, { fields }, context.signal);
}
