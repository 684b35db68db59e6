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

/** Why those who were asked cannot answer any more, where that is so of all of them: nobody is left. */
export function allLeft(people: readonly Approver[], known: readonly DirectoryEntry[]): string[] {
  const left = people.flatMap(({ asked, id, name }) => {
    const list = listFor(asked, known);
    const found = present(asked, list, isOf(asked, id === '' ? null : id), name, id);
    return typeof found === 'string' ? [found] : [];
  });
  return left.length === people.length ? left : [];
}

function approver(asked: string, facts: JsonObject, known: readonly DirectoryEntry[]): Approver | string {
  const { kind, name } = partsOf(asked);
  const list = listFor(asked, known);
  if (kind !== 'role') return present(asked, list, isOf(asked, null), name);
  const id = readPath(facts, `matter.${name}.id`);
  if (typeof id !== 'number') return `${asked}: the matter has no ${name}, or cannot be read`;
  const written = readPath(facts, `matter.${name}.name`);
  const called = typeof written === 'string' ? written : `${name.replaceAll('_', ' ')} (user ${id})`;
  return present(asked, list, isOf(asked, String(id)), called, String(id));
}

/** `role:responsible_attorney`, `group:Partners`, `user:ann@firm.example` or `ann@firm.example`. */
function partsOf(asked: string): { kind: string; name: string } {
  const [, kind = 'user', name = asked] = /^(role|group|user):(.*)$/.exec(asked) ?? [];
  return { kind, name };
}

function listFor(asked: string, known: readonly DirectoryEntry[]): DirectoryEntry[] {
  const wanted = partsOf(asked).kind === 'group' ? 'group' : 'user';
  return known.filter((entry) => entry.kind === wanted);
}

/** By the id where it is known, else by the name. */
function isOf(asked: string, id: string | null): (entry: DirectoryEntry) => boolean {
  const { kind, name } = partsOf(asked);
  if (id !== null) return ({ recordId }) => recordId === id;
  if (kind === 'group') return (entry) => entry.name === name;
  return ({ extra }) => extra.email?.toLowerCase() === name.toLowerCase();
}

function present(
  asked: string,
  list: readonly DirectoryEntry[],
  isMeant: (entry: DirectoryEntry) => boolean,
  name: string,
  id = '',
): Approver | string {
  const entry = list.find(isMeant);
  if (entry !== undefined && (entry.active !== 1 || entry.extra.gone === true))
    return `${asked}: ${entry.name} is not active at the firm any more`;
  if (entry === undefined && list.length > 0) return `${asked}: the firm has nobody of that name`;
  return {
    asked,
    id: entry?.recordId ?? id,
    name: entry?.name ?? name,
    email: entry?.extra.email ?? null,
  };
}
