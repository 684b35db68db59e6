import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { UpstreamError } from '../lib/errors.js';
import type { ActionContext } from './action.js';
import { nonEmptyText, recordId } from './input-fields.js';
import { lookup, noMatch, type FirmList } from './lookup-list.js';

/** A record of the firm's own lists: its id, or its name as it stands in Clio. */
export const namedRecord = z.union([recordId, z.strictObject({ name: nonEmptyText })]);
export type NamedRecord = z.infer<typeof namedRecord>;

/** A list of the firm whose records rules may name instead of giving an id. */
export interface NameKind {
  /** For messages: `task type`. */
  label: string;
  list: FirmList;
  /** The field that people know the record by. */
  nameField: string;
  /** False for a record that is deleted or switched off and must not be chosen. */
  isActive?: (record: ClioRecord) => boolean;
}

const notDeleted = (record: ClioRecord) => record.deleted !== true && (record.deleted_at ?? null) === null;

/** What rules can name, by the resource's name in Clio's catalog. Stages go by practice area. */
export const nameKinds = {
  practice_area: kind('practice area', 'practice_areas'),
  task_type: {
    ...kind('task type', 'task_types'),
    list: { path: 'task_types', query: { enabled: true, fields: 'id,name' } },
  },
  calendar: kind('calendar', 'calendars'),
  task_template_list: kind('task list', 'task_template_lists'),
  document_template: {
    label: 'document template',
    list: { path: 'document_templates', query: { fields: 'id,filename' } },
    nameField: 'filename',
  },
  document_category: kind('document category', 'document_categories'),
  expense_category: kind('expense category', 'expense_categories'),
  activity_description: kind('activity description', 'activity_descriptions'),
  group: kind('group', 'groups'),
  /** Those that are set up for the firm, of more than a thousand. */
  jurisdiction: {
    label: 'jurisdiction set up for court rules',
    list: {
      path: 'court_rules/jurisdictions',
      query: { for_current_account: true, fields: 'id,description' },
    },
    nameField: 'description',
  },
  service_type: {
    label: 'service type',
    list: { path: 'court_rules/service_types', query: { fields: 'id,description' } },
    nameField: 'description',
  },
  user: {
    label: 'user',
    list: { path: 'users', query: { fields: 'id,name,email,enabled' } },
    nameField: 'name',
    isActive: (user: ClioRecord) => user.enabled !== false,
  },
} satisfies Readonly<Record<string, NameKind>>;

function kind(label: string, path: string): NameKind {
  return { label, list: { path, query: { fields: 'id,name' } }, nameField: 'name' };
}

/**
 * The id of what a rule names. An id is taken as it is.
 * @throws UpstreamError `clio.no_match` with the names there are, `clio.ambiguous` with the ids that share the name.
 */
export async function resolveNamed(
  name: keyof typeof nameKinds,
  wanted: NamedRecord,
  context: ActionContext,
): Promise<number> {
  return resolveIn(nameKinds[name], wanted, context, name);
}

/** Of a list that is no kind of its own. `key` is what the error's details call the name. Throws as `resolveNamed` does. */
export async function resolveIn(
  { list, nameField, label, isActive = notDeleted }: NameKind,
  wanted: NamedRecord,
  context: ActionContext,
  key: string,
): Promise<number> {
  if (typeof wanted === 'number') return wanted;
  const nameOf = (record: ClioRecord) => String(record[nameField]);
  const named = (records: readonly ClioRecord[]) =>
    records.filter((record) => isActive(record) && nameOf(record) === wanted.name);
  const record = await lookup(
    list,
    (records) => (named(records).length === 1 ? named(records)[0] : undefined),
    (records) => {
      const hits = named(records);
      if (hits.length > 1) return ambiguous(label, wanted.name, hits);
      const names = records.filter(isActive).map(nameOf);
      return noMatch(
        `Clio has no ${label} "${wanted.name}".${didYouMean(wanted.name, names)} It has: ${names.join(', ')}.`,
        { [key]: wanted.name },
      );
    },
    context,
  );
  return Number(record.id);
}

/** `hits` share a name, so nobody can tell which is meant. `label`: what they are, for the message. */
export function ambiguous(label: string, name: string, hits: readonly ClioRecord[]): UpstreamError {
  const ids = hits.map(({ id }) => id);
  return new UpstreamError(
    'clio.ambiguous',
    `Clio has ${hits.length} of the ${label} "${name}" (ids ${ids.join(', ')}). Rename all but one in Clio, or give the id in the rule.`,
    { retry: 'never', applied: 'no', details: { name, ids } },
  );
}
