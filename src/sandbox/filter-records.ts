import type { ResourceFacts } from '../clio/catalog/catalog.js';
import { isObject } from '../lib/json.js';
import { fieldValue } from './derived-fields.js';
import { asText, Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';
import { entriesOf } from './inline-list.js';
import { Refusal, invalidArgument, notInSandbox } from './refusal.js';

/** A query as it arrived: `ids[]` and its like may repeat. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

type Test = (values: Values) => boolean;
type MakeTest = (firm: Firm, asked: string) => Test;

const text = (value: Value | undefined) => (typeof value === 'string' ? value : '');
const refersTo = (value: Value | undefined, id: string) => value instanceof Reference && value.id === id;
const day = (value: Value | undefined) => text(value).slice(0, 10);

/** Times are kept in whole seconds and compared with the instant given, edge included. */
function since(field: string): MakeTest {
  return (_firm, asked) => {
    const from = Date.parse(asked);
    if (Number.isNaN(from)) throw invalidArgument(`'${asked}' is not a valid time`);
    return (values) => Date.parse(text(values[field])) >= from;
  };
}

/** On or before a day, or no later than an instant. */
function upTo(field: string): MakeTest {
  return (_firm, asked) => {
    const until = Date.parse(asked);
    if (Number.isNaN(until)) throw invalidArgument(`'${asked}' is not a valid time`);
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(asked);
    return (values) => {
      if (text(values[field]) === '') return false;
      return isDay ? day(values[field]) <= asked : Date.parse(text(values[field])) <= until;
    };
  };
}

const from =
  (field: string): MakeTest =>
  (_firm, asked) =>
  (values) =>
    day(values[field]) !== '' && day(values[field]) >= asked.slice(0, 10);
const until =
  (field: string): MakeTest =>
  (_firm, asked) =>
  (values) =>
    day(values[field]) !== '' && day(values[field]) <= asked.slice(0, 10);

/** Through the matter of a task or note, or through any matter of a bill. */
function ofMatter(field: string): MakeTest {
  return (firm, id) => (values) => {
    const matters = Array.isArray(values['matters']) ? values['matters'] : [values['matter'] ?? null];
    return matters.some(
      (matter) => matter instanceof Reference && refersTo(firm.find('matter', matter.id)?.values[field], id),
    );
  };
}

/** Clio's text on messages: these compare the conversation, not the message. */
function ofConversation(field: string): MakeTest {
  const make = since(field);
  return (firm, asked) => {
    const test = make(firm, asked);
    return ({ conversation }) =>
      conversation instanceof Reference && test(firm.find('conversation', conversation.id)?.values ?? {});
  };
}

function external(name: string): MakeTest {
  return (_firm, asked) => (values) =>
    entriesOf(values['external_properties']).some((property) => property[name] === asked);
}

const overdue =
  (firm: Firm): Test =>
  (values) =>
    values['state'] === 'awaiting_payment' &&
    day(values['due_at']) !== '' &&
    day(values['due_at']) < firm.today();

const EVERY: Test = () => true;

/** Where an activity stands: `draft` is on a bill that was not sent. What may not be billed is neither billed nor unbilled. */
const ACTIVITY_STATUS: Readonly<Record<string, Test>> = {
  billed: ({ billed }) => billed === true,
  draft: ({ billed, on_bill }) => on_bill === true && billed !== true,
  unbilled: ({ billed, on_bill, non_billable }) =>
    billed !== true && on_bill !== true && non_billable !== true,
  billable: ({ non_billable }) => non_billable !== true,
  non_billable: ({ non_billable }) => non_billable === true,
};

/** Filters that do not compare the field of their own name; `*` holds for every resource. */
const TESTS: Readonly<Record<string, MakeTest>> = {
  '*.updated_since': since('updated_at'),
  '*.created_since': since('created_at'),
  // Says how `parent_id` is meant; see `inFolder`.
  '*.scope': () => EVERY,
  '*.external_property_name': external('name'),
  '*.external_property_value': external('value'),
  'task.complete': (_firm, asked) => (values) => (values['status'] === 'complete') === (asked === 'true'),
  'task.due_at_from': from('due_at'),
  'task.due_at_to': until('due_at'),
  'task.due_at_present': (_firm, asked) => (values) => (day(values['due_at']) !== '') === (asked === 'true'),
  'task.client_id': ofMatter('client'),
  'task.responsible_attorney_id': ofMatter('responsible_attorney'),
  'task.assignee_type': (_firm, asked) => (values) =>
    values['assignee'] instanceof Reference && values['assignee'].model === asked,
  'bill.matter_id': (_firm, id) => (values) =>
    Array.isArray(values['matters']) && values['matters'].some((matter) => refersTo(matter, id)),
  'bill.query': (_firm, asked) => (values) => values['number'] === asked,
  'bill.bill_number': (_firm, asked) => (values) => values['number'] === asked,
  'bill.due_after': from('due_at'),
  'bill.due_before': until('due_at'),
  'bill.issued_after': from('issued_at'),
  'bill.issued_before': until('issued_at'),
  'bill.overdue_only': (firm, asked) => (asked === 'true' ? overdue(firm) : EVERY),
  'bill.status': (firm, asked) => (asked === 'overdue' ? overdue(firm) : EVERY),
  'bill.type': (_firm, asked) => (values) => text(values['kind']).startsWith(asked),
  'bill.responsible_attorney_id': ofMatter('responsible_attorney'),
  'bill.originating_attorney_id': ofMatter('originating_attorney'),
  'activity.start_date': from('date'),
  'activity.end_date': until('date'),
  'activity.status': (_firm, asked) => {
    const test = ACTIVITY_STATUS[asked];
    // Nothing of an activity's fields says so.
    if (test === undefined) throw notInSandbox(`the activity status ${asked}`);
    return test;
  },
  'calendar_entry.from': from('end_at'),
  'calendar_entry.to': until('start_at'),
  'calendar_entry.calendar_id': (_firm, id) => (values) => refersTo(values['calendar_owner'], id),
  'calendar_entry.has_court_rule': (_firm, asked) => (values) =>
    asText(values['court_rule'] ?? false) === asked,
  'jurisdiction.for_current_account': (_firm, asked) => (values) =>
    asText(values['valid_subscription'] ?? false) === asked,
  'calendar_entry.is_all_day': (_firm, asked) => (values) => asText(values['all_day'] ?? false) === asked,
  'communication.received_since': since('received_at'),
  'communication.received_before': upTo('received_at'),
  'communication.contact_id': (_firm, id) => (values) =>
    [values['senders'], values['receivers']].some(
      (list) => Array.isArray(list) && list.some((entry) => refersTo(entry, id)),
    ),
  'contact.query': (_firm, asked) => {
    const inside = contains(['address', 'number', 'street', 'city'], asked);
    const lists = ['email_addresses', 'phone_numbers', 'addresses'];
    return (values) =>
      contains(['name', 'title'], asked)(values) ||
      lists.some((list) => entriesOf(values[list]).some(inside));
  },
  'contact.client_only': (firm, asked) => (values) =>
    asked !== 'true' || fieldValue(firm, 'contact', values, 'is_client') === true,
  'contact.email_only': (firm, asked) => (values) =>
    asked !== 'true' || fieldValue(firm, 'contact', values, 'primary_email_address') !== null,
  'conversation.contact_id': (_firm, id) => (values) =>
    entriesOf(values['memberships']).some(
      ({ member }) => member instanceof Reference && member.model === 'contact' && member.id === id,
    ),
  'conversation_message.created_since': ofConversation('created_at'),
  'conversation_message.updated_since': ofConversation('updated_at'),
  'custom_field.visible_and_required': (_firm, asked) => (values) =>
    (values['displayed'] === true && values['required'] === true) === (asked === 'true'),
  'reminder.subject_id': (_firm, id) => (values) => asText((values['subject'] as Values)['id']) === id,
  'reminder.subject_type': (_firm, asked) => (values) =>
    asText((values['subject'] as Values)['type']).toLowerCase() === asked.replace('_', ''),
  'user.name': (_firm, asked) => contains(['name', 'first_name', 'last_name'], asked),
  'user.role': (_firm, asked) => (values) =>
    Array.isArray(values['roles']) && values['roles'].includes(asked),
  'user.include_co_counsel': () => EVERY,
  'user.pending_setup': (_firm, asked) => () => asked !== 'true',
  'task_type.enabled': (_firm, asked) => (values) =>
    ((values['deleted_at'] ?? null) === null) === (asked === 'true'),
  // Leaves out areas of English legal aid, of which the sandbox has none.
  'practice_area.matter_id': () => EVERY,
  'matter_stage.practice_area_id': (_firm, id) => (values) => values['practice_area_id'] === id,
  'document.include_deleted': () => EVERY,
  'folder.include_deleted': () => EVERY,
  'document.show_uncompleted': () => EVERY,
};

const SEARCHED = [
  'name', 'display_number', 'description', 'subject', 'detail', 'summary', 'location', 'body', 'note', 'reference',
  'filename', 'email', 'client_reference',
]; // prettier-ignore

/** Words anywhere in the texts, whatever their case: Clio does not say how its search splits them. */
function contains(fields: readonly string[], asked: string): Test {
  const wanted = asked.toLowerCase();
  return (values) => fields.some((field) => text(values[field]).toLowerCase().includes(wanted));
}

/**
 * The records that pass every filter. Filters that Clio does not have are reported and have no effect.
 * @throws Refusal 422 for a wrong value or a required filter that is absent, 501 for one that the sandbox lacks.
 */
export function filterRecords(
  firm: Firm,
  facts: ResourceFacts,
  query: Query,
  ignored: (name: string) => void,
): StoredRecord[] {
  const tests: Test[] = [visible(facts.name, query)];
  let candidates: StoredRecord[] | undefined;
  for (const [key, raw] of Object.entries(query)) {
    const custom = /^custom_field_values\[(\d+)\]$/.exec(key);
    const name = key.replace(/\[.*\]$/, '');
    const filter = facts.filters[name];
    if (raw === undefined) continue;
    const asked: readonly string[] = typeof raw === 'string' ? [raw] : raw;
    if (filter !== undefined && custom !== null) {
      tests.push(...asked.map((condition) => customField(firm, custom[1] ?? '', condition)));
    } else if (filter === undefined || (filter.array === true) !== key.endsWith('[]')) ignored(key);
    else if (name === 'ids') candidates = byIds(firm, facts.name, asked);
    else if (name === 'parent_id' && facts.fields['parent']?.resource === 'LinkedFolder')
      tests.push(inFolder(firm, asked[0] ?? '', query));
    else if (name !== 'custom_field_ids') tests.push(testOf(firm, facts, name, asked));
  }
  for (const [name, { required }] of Object.entries(facts.filters)) {
    if (required && query[name] === undefined) throw invalidArgument(`${name} is required`);
  }
  return (candidates ?? firm.list(facts.name)).filter(({ values }) => tests.every((test) => test(values)));
}

function byIds(firm: Firm, model: string, ids: readonly string[]): StoredRecord[] {
  const found = [...new Set(ids)].map((id) => firm.find(model, id)).filter((record) => record !== undefined);
  return found.sort((a, b) => Number(a.id) - Number(b.id));
}

/** What lies in a folder, or with `scope=descendants` anywhere below it. */
function inFolder(firm: Firm, id: string, { scope }: Query): Test {
  const test: Test = ({ parent }) => {
    if (!(parent instanceof Reference)) return false;
    const above = firm.find('folder', parent.id)?.values;
    return parent.id === id || (scope === 'descendants' && above !== undefined && test(above));
  };
  return test;
}

/** What is deleted or in the trash, and what is still being uploaded, shows only when asked for. */
function visible(model: string, query: Query): Test {
  if (model === 'custom_field' && query['deleted'] === undefined)
    return (values) => values['deleted'] !== true;
  if (model !== 'document' && model !== 'folder') return EVERY;
  return (values) => {
    const version = values['latest_document_version'];
    const uploading = isObject(version) && version['fully_uploaded'] === false;
    const deleted = (values['deleted_at'] ?? null) !== null;
    return (
      (!deleted || query['include_deleted'] === 'true') &&
      (!uploading || query['show_uncompleted'] === 'true')
    );
  };
}

function testOf(firm: Firm, facts: ResourceFacts, name: string, asked: readonly string[]): Test {
  const filter = facts.filters[name];
  for (const value of asked) {
    if (filter?.enum !== undefined && filter.array !== true && !filter.enum.includes(value)) {
      throw invalidArgument(`'${value}' is not a valid ${name}`);
    }
    if (filter?.type === 'integer' && !/^(\d+|null)$/.test(value))
      throw invalidArgument(`'${value}' is not a valid ${name}`);
  }
  const make = TESTS[`${facts.name}.${name}`] ?? TESTS[`*.${name}`] ?? generalTest(facts, name);
  const tests = asked.map((value) => make(firm, value));
  const isRange = filter?.enum?.includes('=DATE') === true;
  return (values) => (isRange ? tests.every((test) => test(values)) : tests.some((test) => test(values)));
}

/** A filter compares the field of its name, an association by `<name>_id`, one of several values by the plural. */
function generalTest(facts: ResourceFacts, name: string): MakeTest {
  if (name === 'query') return (_firm, asked) => contains(SEARCHED, asked);
  const association = name.replace(/_id$/, '');
  if (association !== name && facts.fields[association]?.resource !== undefined) {
    return (_firm, id) => (values) =>
      id === 'null' ? (values[association] ?? null) === null : refersTo(values[association], id);
  }
  const field = [name, name.replace(/es$/, '')].find((candidate) => facts.fields[candidate] !== undefined);
  if (field === undefined) throw notInSandbox(`the filter ${name} of ${facts.path}`);
  if (facts.fields[field]?.type === 'date') return comparedDate(field);
  return (firm, asked) => (values) =>
    asText(fieldValue(firm, facts.name, values, field) ?? false).toLowerCase() === asked.toLowerCase();
}

type Comparable = string | number;

const COMPARISONS: Readonly<Record<string, (a: Comparable, b: Comparable) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** `>=2026-01-01` as operator and value; what names no operator means equality. */
function comparison(asked: string): [operator: string, wanted: string] {
  const [, operator = '=', wanted = ''] = /^(<=|>=|<|>|=)?(.*)$/s.exec(asked) ?? [];
  return [operator, wanted];
}

/** `open_date[]=>=2026-01-01`. */
function comparedDate(field: string): MakeTest {
  return (_firm, asked) => {
    const [operator, wanted] = comparison(asked);
    return (values) =>
      day(values[field]) !== '' && COMPARISONS[operator]?.(day(values[field]), wanted) === true;
  };
}

/** Types of custom fields whose values have an order; the others know equality alone. */
const ORDERED_TYPES = ['currency', 'date', 'time', 'numeric'];

/** `custom_field_values[12]=>=105.4`, where 12 is the field's id. */
function customField(firm: Firm, id: string, asked: string): Test {
  const type = asText(firm.find('custom_field', id)?.values['field_type']);
  const [operator, wanted] = comparison(asked);
  if (operator !== '=' && !ORDERED_TYPES.includes(type)) {
    const message = `The operator ${operator} is not supported for a custom field of type '${type}'`;
    throw new Refusal(400, 'ArgumentError', message);
  }
  const isAmount = type === 'currency' || type === 'numeric';
  const inOrder = (value: string): Comparable => (isAmount ? Number(value) : value);
  const holds = (value: Value | undefined) =>
    asText(value) !== '' && COMPARISONS[operator]?.(inOrder(asText(value)), inOrder(wanted)) === true;
  return (values) =>
    entriesOf(values['custom_field_values']).some(
      (value) => refersTo(value['custom_field'], id) && holds(value['value']),
    );
}
