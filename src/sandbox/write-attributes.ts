import { catalog, resourceFacts, type FieldFacts } from '../clio/catalog/catalog.js';
import { isObject } from '../lib/json.js';
import { writeAttendees } from './attendees.js';
import { billTransitions } from './derived-fields.js';
import type { Data } from './check-attributes.js';
import { writeCustomFieldValues } from './custom-field-values.js';
import { asText, Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';
import { entriesOf, mergeEntries } from './inline-list.js';
import { Refusal, invalidArgument, notInSandbox } from './refusal.js';
import { reminderSubject } from './reminders.js';

/** Who writes, and where. */
export interface Writer {
  firm: Firm;
  /** The user's id. */
  user: string;
  /** The sandbox's own address, for upload links. */
  origin: string;
}

type Translate = (writer: Writer, value: Value, current: Values) => Record<string, Value>;

/** Which stored model an association leads to. */
const MODEL_OF_SCHEMA: ReadonlyMap<string, string> = new Map([
  ...Object.values(catalog.resources).map(({ schema, name }) => [schema, name] as const),
  ['LinkedFolder', 'folder'],
  ['JurisdictionsToTrigger', 'court_rule_trigger'],
  ['Activity_Task', 'task'],
  ['Activity_CalendarEntry', 'calendar_entry'],
  ['NotificationMethod', 'notification_method'],
]);

/** What Clio takes and never shows again. */
const NO_TRACE = new Set([
  'notify_assignee',
  'send_email_notification',
  'reset_matter_number',
  'copy_version',
  'use_grace_period',
  'communication_id',
]);

/** Attributes whose meaning is more than their value; see `finishRecord` for those that make other records. */
const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  'matter.status': (_writer, value) => ({ status: capitalised(value) }),
  'matter.custom_field_values': ({ firm }, value, current) => ({
    custom_field_values: writeCustomFieldValues(firm, 'matter', current['custom_field_values'], value),
  }),
  'contact.custom_field_values': ({ firm }, value, current) => ({
    custom_field_values: writeCustomFieldValues(firm, 'contact', current['custom_field_values'], value),
  }),
  'matter.task_template_list_instances': ({ firm }, value) => {
    for (const { task_template_list: list } of entriesOf(value)) {
      const { id } = (isObject(list) ? list : {}) as Values;
      refer(firm, 'task_template_list', id, 'task_template_list');
    }
    return {};
  },
  'matter.statute_of_limitations': () => ({}),
  'task.assignee': ({ firm }, value) => ({ assignee: participant(firm, value, 'assignee') }),
  'communication.senders': ({ firm }, value) => ({ senders: participants(firm, value, 'senders') }),
  'communication.receivers': ({ firm }, value) => ({ receivers: participants(firm, value, 'receivers') }),
  'document.parent': ({ firm }, value) => parentOf(firm, value),
  'folder.parent': ({ firm }, value) => parentOf(firm, value),
  'document.restore': (_writer, value) => (value === true ? { deleted_at: null } : {}),
  'folder.restore': (_writer, value) => (value === true ? { deleted_at: null } : {}),
  'document.uuid': (_writer, value, current) => {
    if (value !== uploadOf(current)['uuid']) throw noUpload();
    return {};
  },
  'document.fully_uploaded': (_writer, value, current) => {
    const version = uploadOf(current);
    if (value === true && version['size'] === undefined) throw noUpload();
    return {
      latest_document_version: { ...version, fully_uploaded: value },
      size: version['size'] ?? null,
    };
  },
  'calendar_entry.attendees': ({ firm }, value, current) => ({
    attendees: writeAttendees(firm, current['attendees'], value),
  }),
  'conversation_message.attachment': ({ firm }, value) => {
    const { document_id: id } = (isObject(value) ? value : {}) as Values;
    return { document: refer(firm, 'document', id, 'attachment.document_id') };
  },
  'conversation_message.matter': ({ firm }, value) => {
    const { id } = (isObject(value) ? value : {}) as Values;
    return { matter: refer(firm, 'matter', id, 'matter') };
  },
  'conversation_message.receivers': ({ firm }, value) => ({
    receivers: participants(firm, value, 'receivers'),
  }),
  'conversation_message.subject': (_writer, value) => ({ subject: value }),
  'document_automation.formats': (_writer, value) => ({
    formats: value,
    export_formats: Array.isArray(value) ? (value[0] ?? null) : null,
  }),
  'reminder.duration_unit': (_writer, value) => ({ duration_unit: value }),
  'reminder.duration_value': (_writer, value) => ({ duration_value: value }),
  'reminder.subject': ({ firm }, value) => ({ subject: reminderSubject(firm, value) }),
  'bill.state': (_writer, value, current) => ({ state: billState(value, current) }),
};

/**
 * What checked attributes change in a record, by Clio's read names.
 * @throws Refusal 422 when a value leads nowhere, 501 when Clio can do it and the sandbox cannot.
 */
export function writeAttributes(
  writer: Writer,
  model: string,
  data: Data,
  current: Values,
): Record<string, Value> {
  const changes: Record<string, Value> = {};
  for (const [name, value] of Object.entries(data)) {
    const translate = TRANSLATIONS[`${model}.${name}`];
    Object.assign(
      changes,
      translate === undefined
        ? plainly(writer.firm, { model, name, value: value as Value, current })
        : translate(writer, value as Value, current),
    );
  }
  return changes;
}

interface Write {
  model: string;
  name: string;
  value: Value;
  current: Values;
}

function plainly(firm: Firm, { model, name, value, current }: Write): Record<string, Value> {
  const field = resourceFacts(model).fields[name];
  if (field === undefined) {
    if (NO_TRACE.has(name)) return {};
    throw notInSandbox(`${model}.${name}`);
  }
  return { [name]: stored(firm, field, name, value, current[name]) };
}

/** A value in the form in which the firm keeps the field. */
export function stored(firm: Firm, field: FieldFacts, name: string, value: Value, current?: Value): Value {
  if (field.resource !== undefined) return association(firm, field, name, value, current);
  if (typeof value !== 'string') return value;
  if (field.type === 'date') return value.slice(0, 10);
  return field.type === 'date-time' ? firm.timestamp(firm.instant(value)) : value;
}

function association(firm: Firm, field: FieldFacts, name: string, value: Value, current?: Value): Value {
  const model = MODEL_OF_SCHEMA.get(field.resource ?? '');
  if (field.type === 'array') {
    return model === undefined
      ? mergeEntries(firm, current, value, name)
      : entriesOf(value).map((entry) => refer(firm, model, entry['id'], name));
  }
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === 'id') {
    return value['id'] === null ? null : refer(firm, model ?? name, value['id'], name);
  }
  return isObject(current) && !(current instanceof Reference) ? { ...current, ...value } : value;
}

/** @throws Refusal 422 when the record does not exist. */
function refer(firm: Firm, model: string, id: Value | undefined, name: string): Reference {
  const found = recordOf(firm, model, id);
  if (found === undefined) throw invalidArgument(`${name} ${shownId(id)} does not exist`);
  return new Reference(model, found.id);
}

function recordOf(firm: Firm, model: string, id: Value | undefined): StoredRecord | undefined {
  return typeof id === 'number' || typeof id === 'string' ? firm.find(model, String(id)) : undefined;
}

const shownId = (id: Value | undefined) =>
  typeof id === 'number' || typeof id === 'string' ? id : 'without an id';

function participant(firm: Firm, value: Value, name: string): Reference {
  const { id, type } = (isObject(value) ? value : {}) as Values;
  return refer(firm, type === 'User' ? 'user' : 'contact', id, name);
}

function participants(firm: Firm, value: Value, name: string): Value {
  return entriesOf(value)
    .filter((entry) => entry['_deleted'] !== true)
    .map((entry) => participant(firm, entry, name));
}

/** A folder or document lies in the root folder of a matter or contact, in a folder, or is a version of a document. */
function parentOf(firm: Firm, value: Value): Record<string, Value> {
  const { id, type } = (isObject(value) ? value : {}) as Values;
  const owner = refer(firm, asText(type).toLowerCase(), id, 'parent');
  if (owner.model === 'matter') return { matter: owner, contact: null, parent: rootFolder(firm, owner) };
  if (owner.model === 'contact') return { contact: owner, matter: null, parent: rootFolder(firm, owner) };
  const values = firm.find(owner.model, owner.id)?.values ?? {};
  return {
    matter: values['matter'] ?? null,
    contact: values['contact'] ?? null,
    parent: owner.model === 'document' ? (values['parent'] ?? null) : owner,
  };
}

/** Clio makes the root folder of a matter or contact when something is first put there. */
function rootFolder(firm: Firm, owner: Reference): Reference {
  const record = firm.find(owner.model, owner.id);
  const present = record?.values['folder'];
  if (record === undefined || present instanceof Reference) return present as Reference;
  const name = record.values['display_number'] ?? record.values['name'] ?? null;
  const folder = firm.insert('folder', { type: 'Folder', name, root: true, [owner.model]: owner }, true);
  record.values = { ...record.values, folder: new Reference('folder', folder.id) };
  return new Reference('folder', folder.id);
}

const noUpload = () => new Refusal(422, 'UploadNotFoundError', 'Upload not found');

function uploadOf({ latest_document_version: version }: Values): Values {
  return isObject(version) ? version : {};
}

function capitalised(value: Value): Value {
  return typeof value === 'string' ? `${value.charAt(0).toUpperCase()}${value.slice(1)}` : value;
}

function billState(value: Value, { state }: Values): Value {
  const possible = billTransitions(state);
  if (state !== undefined && value !== state && !possible.includes(asText(value))) {
    throw invalidArgument(`a bill cannot go from ${asText(state)} to ${asText(value)}`);
  }
  return value;
}
