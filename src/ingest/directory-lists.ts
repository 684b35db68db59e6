import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { DirectoryExtra } from '../store/directory-entry.entity.js';
import type { ListedRecord } from '../store/directory.store.js';

/** One of the firm's own lists: where it is read, and what its records are called. */
interface DirectoryListFacts {
  path: string;
  query: Readonly<Record<string, string>>;
  /** The fields of one record that make an entry. */
  entry: (record: ClioRecord) => Pick<ListedRecord, 'name' | 'parentId' | 'active' | 'extra'>;
}

/** A name that rules use: the list it stands in, what people call it, and the part of the list it is looked up in. */
export interface NamedKind {
  list: string;
  /** `practice area`. */
  label: string;
  plural: string;
  /** The `parentId` that an entry must have. */
  parent?: string;
  /** True where two records of different parents may share a name. */
  isPerParent?: true;
  /** True where the name stands for whoever the record says: the list is only to be known. */
  isRole?: true;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const idOf = (value: unknown) =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : null;
const isThere = ({ deleted, deleted_at, enabled }: ClioRecord) =>
  deleted !== true && (deleted_at ?? null) === null && enabled !== false;

function list(model: string, over: Partial<DirectoryListFacts> & { fields?: string } = {}) {
  const { fields = 'id,name', ...rest } = over;
  const entry: DirectoryListFacts['entry'] = (record) => ({
    name: textOf(record['name']),
    parentId: null,
    active: isThere(record) ? 1 : 0,
    extra: {},
  });
  return { path: resourceFacts(model).path, query: { fields }, entry, ...rest };
}

/** A list whose records people know by their description. */
function described(model: string, query: Readonly<Record<string, string>> = {}) {
  const entry: DirectoryListFacts['entry'] = ({ description }) => ({
    name: textOf(description),
    parentId: null,
    active: 1,
    extra: {},
  });
  return list(model, { query: { ...query, fields: 'id,description' }, entry });
}

/** The lists the directory can read, by the resource's name in Clio's catalog. */
const lists: Readonly<Record<string, DirectoryListFacts>> = {
  activity_description: list('activity_description'),
  calendar: list('calendar'),
  custom_field: list('custom_field', {
    fields: 'id,name,parent_type,field_type,deleted,picklist_options{id,option,deleted_at}',
    entry: (record) => ({
      name: textOf(record['name']),
      parentId: textOf(record['parent_type']).toLowerCase(),
      active: isThere(record) ? 1 : 0,
      extra: { type: textOf(record['field_type']), ...optionsOf(record['picklist_options']) },
    }),
  }),
  document_category: list('document_category'),
  document_template: list('document_template', {
    fields: 'id,filename',
    entry: ({ filename }) => ({ name: textOf(filename), parentId: null, active: 1, extra: {} }),
  }),
  expense_category: list('expense_category'),
  group: list('group'),
  jurisdiction: described('jurisdiction', { for_current_account: 'true' }),
  matter_stage: list('matter_stage', {
    fields: 'id,name,practice_area_id',
    entry: ({ name, practice_area_id: area }) => ({
      name: textOf(name),
      parentId: idOf(area),
      active: 1,
      extra: {},
    }),
  }),
  practice_area: list('practice_area'),
  service_type: described('service_type'),
  task_template_list: list('task_template_list'),
  task_type: list('task_type', { fields: 'id,name,deleted_at' }),
  user: list('user', {
    fields: 'id,name,email,enabled',
    entry: (record) => ({
      name: textOf(record['name']),
      parentId: null,
      active: isThere(record) ? 1 : 0,
      extra: textOf(record['email']) === '' ? {} : { email: textOf(record['email']) },
    }),
  }),
};

function optionsOf(options: unknown): Pick<DirectoryExtra, 'options'> {
  const found = (Array.isArray(options) ? (options as unknown[]) : []).filter(isObject).flatMap((option) => {
    const id = idOf(option['id']);
    return id === null ? [] : [{ id, name: textOf(option['option']) }];
  });
  return found.length === 0 ? {} : { options: found };
}

/** What is asked of Clio for a list, and how its answer is kept. */
export function directoryList(kind: string): DirectoryListFacts | undefined {
  return Object.hasOwn(lists, kind) ? lists[kind] : undefined;
}

/** A record of a list as the directory keeps it. */
export function listedRecord({ entry }: DirectoryListFacts, record: ClioRecord): ListedRecord {
  return { recordId: String(record.id), ...entry(record) };
}

const named = (kind: string, label: string, plural = `${label}s`): NamedKind => ({
  list: kind,
  label,
  plural,
});

/** The kinds of names that rules and actions use; most are a list of their own. */
export const namedKinds: Readonly<Record<string, NamedKind>> = {
  activity_description: named('activity_description', 'activity description'),
  calendar: named('calendar', 'calendar'),
  contact_custom_field: {
    list: 'custom_field',
    label: 'custom field of contacts',
    plural: 'custom fields of contacts',
    parent: 'contact',
  },
  document_category: named('document_category', 'document category', 'document categories'),
  document_template: named('document_template', 'document template'),
  expense_category: named('expense_category', 'expense category', 'expense categories'),
  group: named('group', 'group'),
  jurisdiction: named('jurisdiction', 'jurisdiction'),
  matter_custom_field: {
    list: 'custom_field',
    label: 'custom field of matters',
    plural: 'custom fields of matters',
    parent: 'matter',
  },
  matter_stage: { ...named('matter_stage', 'matter stage'), isPerParent: true },
  practice_area: named('practice_area', 'practice area'),
  role: { ...named('user', 'role'), isRole: true },
  service_type: named('service_type', 'service type'),
  task_template_list: named('task_template_list', 'task list'),
  task_type: named('task_type', 'task type'),
  user: named('user', 'user'),
};
