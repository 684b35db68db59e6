import { readPath } from '../lib/json.js';
import type { JsonObject } from '../lib/json.js';
import type { Approver } from '../store/approval.entity.js';
import type { DirectoryEntry } from '../store/directory-entry.entity.js';

/** Who is asked, and what is wrong with those who cannot be. */
export interface Approvers {
  people: Approver[];
  /** In sentences; empty when everybody can be asked. */
  problems: string[];
}

/** The matter whose roles are meant, where the record is another: its id; null when the record names none. */
export function matterBehind(facts: JsonObject, model: string): string | null {
  if (model === 'matter') return null;
  const id = readPath(facts, `${model}.matter.id`) ?? readPath(facts, `${model}.matters.0.id`);
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

/** The roles that `asked` names: `responsible_attorney`. */
export function rolesIn(asked: readonly string[]): string[] {
  return asked.flatMap((who) => (who.startsWith('role:') ? who.slice('role:'.length) : []));
}

/**
 * Who `asked` names, as far as the firm's lists tell: a role of the record, a group, or a user. A list that was never
 * read (`known` has no entry of its kind) is taken to have everybody.
 */
export function approversOf(
  asked: readonly string[],
  facts: JsonObject,
  known: readonly DirectoryEntry[],
): Approvers {
  const found: Approvers = { people: [], problems: [] };
  for (const who of asked) {
    const result = approver(who, facts, known);
    if (typeof result === 'string') found.problems.push(result);
    else found.people.push(result);
  }
  return found;
}

function approver(asked: string, facts: JsonObject, known: readonly DirectoryEntry[]): Approver | string {
  const [, kind = 'user', name = asked] = /^(role|group|user):(.*)$/.exec(asked) ?? [];
  const list = known.filter((entry) => entry.kind === (kind === 'group' ? 'group' : 'user'));
  if (kind === 'role') {
    const id = readPath(facts, `matter.${name}.id`);
    if (typeof id !== 'number') return `${asked}: the matter has no ${name}, or cannot be read`;
    const written = readPath(facts, `matter.${name}.name`);
    const called = typeof written === 'string' ? written : `${name.replaceAll('_', ' ')} (user ${id})`;
    return present(asked, list, ({ recordId }) => recordId === String(id), called);
  }
  const isMeant = (entry: DirectoryEntry) =>
    kind === 'group' ? entry.name === name : entry.extra.email?.toLowerCase() === name.toLowerCase();
  return present(asked, list, isMeant, name);
}

function present(
  asked: string,
  list: readonly DirectoryEntry[],
  isMeant: (entry: DirectoryEntry) => boolean,
  name: string,
): Approver | string {
  const entry = list.find(isMeant);
  if (entry !== undefined && (entry.active !== 1 || entry.extra.gone === true))
    return `${asked}: ${entry.name} is not active at the firm any more`;
  if (entry === undefined && list.length > 0) return `${asked}: the firm has nobody of that name`;
  return { asked, id: entry?.recordId ?? '', name: entry?.name ?? name, email: entry?.extra.email ?? null };
}
