import { isObject } from '../lib/json.js';

type Given = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** One of the firm's names; a number, or a text that becomes one, needs no look. */
const name = (value: unknown): number => (isObject(value) ? 1 : 0);
const names = (...values: unknown[]): number => values.reduce((sum: number, value) => sum + name(value), 0);
/** Searched for, and once more among the newest. */
const contact = (value: unknown): number => (isObject(value) ? 2 : 0);

function participant(value: unknown): number {
  if (!isObject(value)) return 0;
  if ('contact' in value) return contact(value.contact);
  return typeof value.user === 'number' ? 0 : 1;
}

/** Whoever is named by address or role is looked for first, and then that user's own calendar. */
function calendar(value: unknown): number {
  if (!isObject(value)) return 0;
  if ('contact' in value) return contact(value.contact);
  if ('calendar' in value) return name(value.calendar);
  return 'name' in value ? 1 : 1 + participant(value);
}

const sumOf = (of: (value: unknown) => number, ...lists: unknown[]): number =>
  lists.flatMap(list).reduce((sum: number, value) => sum + of(value), 0);

const someFields = ({ custom_fields: wanted }: Given): number =>
  wanted !== undefined && !(isObject(wanted) && Object.keys(wanted).length === 0) ? 1 : 0;

function matter(given: Given): number {
  const { responsible_attorney, originating_attorney, responsible_staff, practice_area, stage } = given;
  const people = names(responsible_attorney, originating_attorney, responsible_staff, practice_area);
  return people + (stage === undefined ? 0 : 1) + someFields(given);
}

/** Who is reminded is read from the task or entry, unless it is a user by id or address. */
function reminded({ user }: Given): number {
  if (user === undefined) return 1;
  if (!isObject(user)) return 0;
  return 'user' in user ? 1 : 2;
}

const courtRule = ({ jurisdiction, trigger, service_type }: Given): number =>
  names(jurisdiction, trigger, service_type);

const byRole = { role: 'responsible_attorney' };
/** What is updated is read first. */
const UPDATE = 2;

/**
 * Calls of one try to Clio at most, by action, from its input as it is written or as it was rendered: those that look names
 * up count as if nothing were kept, and a list as one page. What a refused or doubtful try costs more is not in it.
 */
export const actionCalls: ReadonlyMap<string, (given: Given) => number> = new Map<
  string,
  (given: Given) => number
>([
  ['clio.task.create', ({ assignee = byRole, task_type }) => 1 + names(assignee, task_type)],
  ['clio.task.update', ({ assignee, task_type }) => UPDATE + names(assignee, task_type)],
  ['clio.task.complete', () => UPDATE],
  ['clio.task.list', ({ assignee, task_type }) => 1 + names(assignee, task_type)],
  // Its templates, the matter before and after, and the tasks that it made.
  ['clio.task_list.assign', ({ assignee, task_template_list }) => 4 + names(assignee, task_template_list)],
  // Clio sends on to where the dates are.
  ['clio.matter_docket.preview', (given) => 2 + courtRule(given)],
  // The dockets of the matter before, and once more: Clio is seldom done at once. Each further look is a call.
  ['clio.matter_docket.create', (given) => 3 + courtRule(given)],
  ['clio.note.create', () => 1],
  ['clio.note.update', () => UPDATE],
  ['clio.communication.log_phone_call', ({ from, to }) => 1 + sumOf(participant, from, to)],
  ['clio.communication.log_email', ({ from, to }) => 1 + sumOf(participant, from, to)],
  [
    'clio.calendar_entry.create',
    ({ calendar: of = byRole, attendees }) => 1 + calendar(of) + sumOf(calendar, attendees),
  ],
  [
    'clio.calendar_entry.update',
    ({ calendar: of, add_attendees, remove_attendees }) =>
      UPDATE + calendar(of) + sumOf(calendar, add_attendees, remove_attendees),
  ],
  ['clio.reminder.create', (given) => 2 + reminded(given)],
  ['clio.conversation_message.send', ({ receivers }) => 1 + sumOf(participant, receivers)],
  // The record, its content, and word that it is there.
  ['clio.document.upload', ({ folder, document_category }) => 3 + names(folder, document_category)],
  // Ordered, and looked for once more: Clio is seldom done at once. Each further look is a call.
  ['clio.document.generate', ({ document_template }) => 2 + name(document_template)],
  ['clio.folder.create', ({ folder, document_category }) => 1 + names(folder, document_category)],
  ['clio.matter.create', (given) => 1 + contact(given.client) + name(given.group) + matter(given)],
  ['clio.matter.update', (given) => UPDATE + matter(given)],
  ['clio.matter.close', () => UPDATE],
  ['clio.relationship.create', (given) => 2 + contact(given.contact)],
  ['clio.relationship.remove', (given) => 2 + contact(given.contact)],
  ['clio.contact.create', (given) => 1 + contact(given.company) + someFields(given)],
  [
    'clio.contact.update',
    (given) => UPDATE + contact(given.contact) + contact(given.company) + someFields(given),
  ],
  ['clio.contact.find', () => 3],
  ['clio.time_entry.create', ({ user, activity_description }) => 1 + names(user, activity_description)],
  [
    'clio.expense_entry.create',
    ({ user, expense_category, vendor }) => 1 + names(user, expense_category) + contact(vendor),
  ],
  ['clio.bill.update', () => UPDATE],
  ['clio.custom_action.create', () => 2],
  ['clio.request', () => 1],
]);
