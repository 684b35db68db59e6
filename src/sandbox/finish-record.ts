import type { Data } from './check-attributes.js';
import { finishMessage } from './conversations.js';
import { finishDocket } from './court-rules.js';
import { fieldValue } from './derived-fields.js';
import { asText, Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';
import { entriesOf } from './inline-list.js';
import { invalidArgument } from './refusal.js';
import { finishReminder } from './reminders.js';
import { PUT_HEADERS } from './uploads.js';
import { newSecret } from '../lib/ids.js';
import type { Writer } from './write-attributes.js';

type Finish = (writer: Writer, next: Values, previous: Values | undefined) => Record<string, Value>;

/** What a record has from birth when nobody said otherwise. */
const AT_BIRTH: Readonly<Record<string, Values>> = {
  matter: { status: 'Open', billable: true, billing_method: 'hourly', shared: false },
  contact: { is_co_counsel: false, is_clio_for_client_user: false, is_bill_recipient: false },
  task: {
    status: 'pending',
    priority: 'Normal',
    permission: 'public',
    description_text_type: 'plain_text',
    statute_of_limitations: false,
    notify_completion: false,
    time_entries_count: 0,
  },
  note: { detail_text_type: 'plain_text', time_entries_count: 0 },
  bill: {
    state: 'draft',
    type: 'MatterBill',
    kind: 'revenue_kind',
    total: 0,
    paid: 0,
    pending: 0,
    shared: false,
  },
  activity: { billed: false, on_bill: false, flat_rate: false, non_billable: false, no_charge: false },
  calendar_entry: { all_day: false, court_rule: false, permission: 'owner', time_entries_count: 0 },
  communication: { time_entries_count: 0 },
  document: { type: 'Document', locked: false },
  document_automation: { state: 'queued', documents: [] },
  folder: { type: 'Folder', locked: false, root: false },
  matter_docket: { status: 'not_started' },
  custom_field: { deleted: false, displayed: true, required: false },
  clio_payments_payment: { state: 'pending', currency: 'USD' },
};

/** Sums of money that Clio takes without a rate table: the sandbox's lawyers all cost the same. */
const HOURLY_RATE = 300;

const FINISH: Readonly<Record<string, Finish>> = {
  matter: finishMatter,
  contact: finishContact,
  task: ({ firm, user }, next, previous) => ({
    assigner: next['assigner'] ?? new Reference('user', user),
    completed_at:
      next['status'] !== 'complete'
        ? null
        : previous?.['status'] === 'complete'
          ? (previous['completed_at'] ?? null)
          : firm.timestamp(),
  }),
  note: ({ firm, user }, next) => ({
    author: next['author'] ?? new Reference('user', user),
    date: next['date'] ?? firm.today(),
    ...requireParent(next),
  }),
  bill: finishBill,
  activity: ({ user }, next) => ({
    user: next['user'] ?? new Reference('user', user),
    quantity: next['quantity'] ?? (next['type'] === 'TimeEntry' ? 0 : 1),
    price: next['price'] ?? (next['type'] === 'TimeEntry' ? HOURLY_RATE : 0),
  }),
  relationship: (_writer, { matter, contact }) => {
    if (!(matter instanceof Reference)) throw invalidArgument('matter is required');
    if (!(contact instanceof Reference)) throw invalidArgument('contact is required');
    return {};
  },
  communication: ({ user }, next) => ({ user: next['user'] ?? new Reference('user', user) }),
  calendar_entry: (_writer, next) => {
    const isBackwards = Date.parse(asText(next['end_at'])) < Date.parse(asText(next['start_at']));
    if (isBackwards) throw invalidArgument('end_at must not be before start_at');
    return {};
  },
  conversation_message: ({ firm, user }, next) => finishMessage(firm, user, next),
  reminder: ({ firm }, next) => finishReminder(firm, next),
  document: finishDocument,
  matter_docket: ({ firm }, next) => finishDocket(firm, next),
  folder: ({ user }, next) => ({ creator: next['creator'] ?? new Reference('user', user) }),
};

/**
 * What follows from what was written: defaults, numbers, dates of a change of state.
 * @throws Refusal 422 when the record as a whole is not possible.
 */
export function finishRecord(
  writer: Writer,
  model: string,
  changes: Values,
  previous: Values | undefined,
): Record<string, Value> {
  const next = { ...(previous ?? AT_BIRTH[model]), ...changes };
  return { ...next, ...FINISH[model]?.(writer, next, previous) };
}

function requireParent({ type, matter, contact }: Values): Record<string, never> {
  const parent = type === 'Contact' ? contact : matter;
  if (!(parent instanceof Reference)) throw invalidArgument(`${asText(type).toLowerCase()} is required`);
  return {};
}

const pad = (number: number) => String(number).padStart(5, '0');

function finishMatter(writer: Writer, next: Values, previous: Values | undefined): Record<string, Value> {
  const { firm } = writer;
  const finished: Record<string, Value> = { ...stageOf(firm, next, previous) };
  const { client, status } = next;
  if (previous === undefined) {
    const number = firm.nextId('matter number');
    const name = client instanceof Reference ? firm.find('contact', client.id)?.values : undefined;
    const last = name?.['last_name'] ?? name?.['name'];
    finished['number'] = number;
    finished['display_number'] = next['display_number'] ?? `${pad(number)}-${asText(last ?? 'Matter')}`;
    finished['user'] = new Reference('user', writer.user);
    if (status !== 'Pending') finished['open_date'] = next['open_date'] ?? firm.today();
  }
  if (status !== previous?.['status']) {
    if (status === 'Pending') finished['pending_date'] = next['pending_date'] ?? firm.today();
    if (status === 'Closed') finished['close_date'] = next['close_date'] ?? firm.today();
    if (status === 'Open') finished['close_date'] = null;
  }
  return finished;
}

const idOf = (value: Value | undefined) => (value instanceof Reference ? value.id : undefined);

/** A stage belongs to one practice area. That another one's is refused is what Clio's data model suggests. */
function stageOf(firm: Firm, next: Values, previous: Values | undefined): Record<string, Value> {
  const stage = idOf(next['matter_stage']);
  const area = idOf(next['practice_area']);
  const moved = stage !== idOf(previous?.['matter_stage']);
  if (stage === undefined) return moved ? { matter_stage_updated_at: firm.timestamp() } : {};
  const stageArea = firm.find('matter_stage', stage)?.values['practice_area_id'];
  if (area !== undefined && stageArea !== area) {
    if (moved) throw invalidArgument(`matter_stage ${stage} belongs to another practice area`);
    return { matter_stage: null, matter_stage_updated_at: firm.timestamp() };
  }
  return moved ? { matter_stage_updated_at: firm.timestamp() } : {};
}

function finishContact(_writer: Writer, next: Values, previous: Values | undefined): Record<string, Value> {
  return {
    ...nameOf(next, previous),
    email_addresses: withPrimary(next['email_addresses'], previous?.['email_addresses'], 'default_email'),
    phone_numbers: withPrimary(next['phone_numbers'], previous?.['phone_numbers'], 'default_number'),
  };
}

/** One entry is the primary one: the one last written as the default, or else the first. */
function withPrimary(next: Value | undefined, previous: Value | undefined, mark: string): Value {
  const entries = entriesOf(next);
  const old = entriesOf(previous);
  const isNew = (entry: Values) =>
    entry[mark] === true && old.find(({ id }) => id === entry['id'])?.[mark] !== true;
  const primary = entries.find(isNew) ?? entries.find((entry) => entry[mark] === true) ?? entries[0];
  return entries.map((entry) => ({ ...entry, [mark]: entry === primary, primary: entry === primary }));
}

function nameOf(next: Values, previous: Values | undefined): Record<string, Value> {
  if (next['type'] === 'Company') {
    if (!next['name']) throw invalidArgument('name is required');
    return {};
  }
  const parts = ['first_name', 'middle_name', 'last_name'];
  const said = parts.map((part) => asText(next[part])).filter((part) => part !== '');
  const renamed = next['name'] !== previous?.['name'];
  if (typeof next['name'] === 'string' && next['name'] !== '' && (renamed || said.length === 0)) {
    const words = next['name'].split(' ');
    return { first_name: words.slice(0, -1).join(' '), middle_name: null, last_name: words.at(-1) ?? null };
  }
  if (said.length === 0) throw invalidArgument('name is required');
  return { name: said.join(' ') };
}

function finishBill(
  { firm, user }: Writer,
  next: Values,
  previous: Values | undefined,
): Record<string, Value> {
  const finished: Record<string, Value> = {};
  if (previous === undefined) {
    const [matter] = Array.isArray(next['matters']) ? next['matters'] : [];
    const client = matter instanceof Reference ? firm.find('matter', matter.id)?.values['client'] : undefined;
    finished['number'] = next['number'] ?? String(firm.nextId('bill number'));
    finished['client'] = next['client'] ?? client ?? null;
    finished['user'] = new Reference('user', user);
  }
  if (next['state'] === 'awaiting_payment') finished['issued_at'] = next['issued_at'] ?? firm.today();
  if (next['state'] === 'paid' && previous?.['state'] !== 'paid') {
    finished['paid'] = next['total'] ?? null;
    finished['paid_at'] = firm.timestamp();
  }
  return finished;
}

/** A document made through the API waits for its bytes: an upload link, then `fully_uploaded`. */
function finishDocument(writer: Writer, next: Values, previous: Values | undefined): Record<string, Value> {
  if (previous !== undefined) return {};
  const { firm, origin, user } = writer;
  const uuid = newSecret();
  const version: Values = {
    id: firm.nextId('document_version'),
    etag: firm.etag('document_version'),
    uuid,
    filename: next['filename'] ?? next['name'] ?? null,
    version_number: 1,
    fully_uploaded: next['fully_uploaded'] ?? false,
    put_url: `${origin}/uploads/${uuid}`,
    put_headers: [...PUT_HEADERS],
    created_at: firm.timestamp(),
    updated_at: firm.timestamp(),
  };
  return { latest_document_version: version, creator: new Reference('user', user) };
}

/** Writes on a matter that make tasks: lists of task templates, and a statute of limitations. */
export function makeTasksOf(writer: Writer, matter: StoredRecord, data: Data): void {
  const { firm } = writer;
  const made: Values[] = [];
  for (const instance of entriesOf((data['task_template_list_instances'] ?? []) as Value)) {
    made.push(assignList(writer, matter, instance));
  }
  if (made.length > 0) {
    const instances = [...entriesOf(matter.values['task_template_list_instances']), ...made];
    matter.values = { ...matter.values, task_template_list_instances: instances };
  }
  const limitation = data['statute_of_limitations'] as Values | null | undefined;
  if (limitation) {
    const values = { name: 'Statute of limitations', statute_of_limitations: true, ...limitation };
    const task = firm.insert('task', taskOf(writer, matter, values));
    matter.values = { ...matter.values, statute_of_limitations: new Reference('task', task.id) };
  }
}

function assignList(writer: Writer, matter: StoredRecord, instance: Values): Values {
  const { firm } = writer;
  const { id: listId } = instance['task_template_list'] as Values;
  const templates = firm
    .list('task_template')
    .filter(({ values }) => idOf(values['task_template_list']) === asText(listId));
  const assignee = instance['assignee_id'];
  const reference =
    assignee === undefined ? undefined : { assignee: new Reference('user', asText(assignee)) };
  for (const { values: template } of templates) {
    const { name = null, description = null, priority = 'Normal' } = template;
    const due = instance['due_at'];
    const due_at = typeof due === 'string' ? due.slice(0, 10) : null;
    const values = { name, description, priority, ...reference, due_at };
    firm.insert('task', taskOf(writer, matter, values));
  }
  const id = firm.nextId('task_template_list_instance');
  const at = firm.timestamp();
  return { id, etag: firm.etag('task_template_list_instance'), created_at: at, updated_at: at };
}

function taskOf(writer: Writer, matter: StoredRecord, values: Values): Values {
  const attorney = fieldValue(writer.firm, 'matter', matter.values, 'responsible_attorney');
  const task = {
    matter: new Reference('matter', matter.id),
    assignee: attorney ?? new Reference('user', writer.user),
    ...values,
  };
  return finishRecord(writer, 'task', task, undefined);
}
