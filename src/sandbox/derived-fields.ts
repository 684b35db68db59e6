import { isObject } from '../lib/json.js';
import { shownCustomFieldValues } from './custom-field-values.js';
import { messagesOf } from './conversations.js';
import { asText, Reference, type Firm, type Value, type Values } from './firm.js';

type Derive = (values: Values, firm: Firm) => Value;

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const amount = (value: Value | undefined): number => (typeof value === 'number' ? value : 0);

/** Money in whole cents, hours in hundredths: sums of decimals must not drift. */
const rounded = (value: number): number => Math.round(value * 100) / 100;

function initials(values: Values): string {
  const words = text(values['name']).split(' ').filter(Boolean);
  return words.map((word) => word[0]?.toUpperCase() ?? '').join('');
}

/** The address marked as default, or else the first. */
function primary(list: Value | undefined, mark: string, name: string): Value {
  const entries = (Array.isArray(list) ? list : []).filter((entry) => isObject(entry)) as Values[];
  return (entries.find((entry) => entry[mark] === true) ?? entries[0])?.[name] ?? null;
}

function refersTo(value: Value | undefined, model: string, id: Value | undefined): boolean {
  return value instanceof Reference && value.model === model && value.id === asText(id);
}

const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  draft: ['awaiting_approval', 'awaiting_payment', 'deleted'],
  awaiting_approval: ['awaiting_payment', 'deleted'],
  awaiting_payment: ['paid', 'void'],
  paid: ['awaiting_payment', 'void'],
};

/** The states that a bill may go to from `state`. */
export function billTransitions(state: Value | undefined): string[] {
  return [...(TRANSITIONS[text(state)] ?? [])];
}

const hours = (values: Values) => rounded(amount(values['quantity']) / 3600);

/** Time is paid by the hour, everything else by the piece. */
function activityTotal(values: Values): number {
  const units = values['type'] === 'TimeEntry' ? hours(values) : amount(values['quantity']);
  return rounded(units * amount(values['price']));
}

/** Fields that Clio computes. They are not stored, so they cannot go stale. */
const DERIVED: Readonly<Record<string, Readonly<Record<string, Derive>>>> = {
  contact: {
    custom_field_values: customFieldValues,
    initials,
    is_client: ({ id }, firm) =>
      firm.list('matter').some((matter) => refersTo(matter.values['client'], 'contact', id)),
    primary_email_address: ({ email_addresses }) => primary(email_addresses, 'default_email', 'address'),
    primary_phone_number: ({ phone_numbers }) => primary(phone_numbers, 'default_number', 'number'),
  },
  user: { initials },
  matter: {
    custom_field_values: customFieldValues,
    has_tasks: ({ id }, firm) =>
      firm.list('task').some((task) => refersTo(task.values['matter'], 'matter', id)),
    relationships: ({ id }, firm) =>
      firm
        .list('relationship')
        .filter((relationship) => refersTo(relationship.values['matter'], 'matter', id))
        .map((relationship) => new Reference('relationship', relationship.id)),
    client_id: ({ client }) => (client instanceof Reference ? Number(client.id) : null),
  },
  bill: {
    available_state_transitions: ({ state }) => billTransitions(state),
    balance: (values) => (closedBill(values) ? 0 : rounded(amount(values['total']) - amount(values['paid']))),
    due: (values) => (closedBill(values) ? 0 : rounded(amount(values['total']) - amount(values['paid']))),
  },
  activity: {
    quantity_in_hours: (values) => (values['type'] === 'TimeEntry' ? hours(values) : null),
    rounded_quantity_in_hours: (values) => (values['type'] === 'TimeEntry' ? hours(values) : null),
    rounded_quantity: (values) => values['quantity'] ?? null,
    total: (values) => (values['no_charge'] === true ? 0 : activityTotal(values)),
    non_billable_total: (values) => (values['non_billable'] === true ? activityTotal(values) : 0),
  },
  calendar_entry: {
    calendar_owner_id: ({ calendar_owner }) =>
      calendar_owner instanceof Reference ? Number(calendar_owner.id) : null,
  },
  conversation: {
    messages: (values, firm) => messagesOf(firm, values),
    first_message: (values, firm) => messagesOf(firm, values)[0] ?? null,
    last_message: (values, firm) => messagesOf(firm, values).at(-1) ?? null,
    message_count: (values, firm) => messagesOf(firm, values).length,
  },
  task_template_list: {
    templates_count: ({ id }, firm) =>
      firm
        .list('task_template')
        .filter(({ values }) => refersTo(values['task_template_list'], 'task_template_list', id)).length,
  },
};

function customFieldValues({ custom_field_values: values }: Values, firm: Firm): Value {
  return shownCustomFieldValues(firm, values);
}

function closedBill({ state }: Values): boolean {
  return ['paid', 'void', 'deleted'].includes(text(state));
}

/** The value of one field as Clio would show it, associations still as references. */
export function fieldValue(firm: Firm, model: string, values: Values, name: string): Value {
  const derive = DERIVED[model]?.[name];
  return derive === undefined ? (values[name] ?? null) : derive(values, firm);
}
