import { nearest } from '../lib/did-you-mean.js';
import type { DirectoryEntry } from '../store/directory-entry.entity.js';
import { namedKinds, type NamedKind } from './directory-lists.js';
import type { NamedReference } from './needs.js';

/** A name in a rule that does not lead to one record. */
export interface BrokenReference {
  kind: string;
  name: string;
  /** What is wrong, in which rules, and what to do. */
  message: string;
}

type Entry = Pick<DirectoryEntry, 'kind' | 'recordId' | 'name' | 'parentId' | 'active' | 'extra'>;

/** More names than this help nobody. */
const MOST_CANDIDATES = 12;

/**
 * The references that do not lead to one record of the firm's lists. Pure. `entries` must be of every list that the
 * references are looked up in; references of a kind without a list are left out.
 */
export function checkReferences(
  references: readonly NamedReference[],
  entries: readonly Entry[],
): BrokenReference[] {
  return references.flatMap((reference) => {
    const kind = Object.hasOwn(namedKinds, reference.kind) ? namedKinds[reference.kind] : undefined;
    if (kind === undefined || kind.isRole) return [];
    const candidates = entries.filter(
      (entry) => entry.kind === kind.list && (kind.parent === undefined || entry.parentId === kind.parent),
    );
    const problem = problemOf(reference.name, kind, candidates);
    if (problem === null) return [];
    const { what, advice } = problem;
    return [{ kind: reference.kind, name: reference.name, message: `${what} ${used(reference)} ${advice}` }];
  });
}

/** The record that a reference leads to, where `checkReferences` finds nothing wrong with it. */
export function namedEntry(
  { kind, name }: Pick<NamedReference, 'kind' | 'name'>,
  entries: readonly Entry[],
): Entry | undefined {
  const { list, parent } = namedKinds[kind] ?? {};
  return entries.find(
    (entry) =>
      entry.kind === list &&
      entry.active === 1 &&
      (parent === undefined || entry.parentId === parent) &&
      isNamed(entry, name),
  );
}

interface Problem {
  what: string;
  advice: string;
}

function problemOf(name: string, kind: NamedKind, entries: readonly Entry[]): Problem | null {
  const active = entries.filter((entry) => entry.active === 1);
  const hits = active.filter((entry) => isNamed(entry, name));
  if (hits.length > 0) return ambiguous(name, kind, hits);
  const { label } = kind;
  const renamed = active.find(({ extra }) => extra.former?.includes(name) === true);
  if (renamed !== undefined)
    return {
      what: `The ${label} "${name}" is called "${nameOf(renamed, name)}" in Clio now.`,
      advice: 'Write the new name there.',
    };
  const inactive = entries.find((entry) => isNamed(entry, name));
  if (inactive !== undefined) {
    const how =
      kind.list === 'user' && inactive.extra.gone !== true ? 'is disabled in Clio' : 'was deleted in Clio';
    return {
      what: `The ${label} "${name}" ${how}.`,
      advice: 'Name another there, or bring it back in Clio.',
    };
  }
  return missing(name, kind, active);
}

function ambiguous(name: string, kind: NamedKind, hits: readonly Entry[]): Problem | null {
  const sharing = hits.filter(
    (hit) => hits.filter((other) => kind.isPerParent !== true || other.parentId === hit.parentId).length > 1,
  );
  if (sharing.length === 0) return null;
  const ids = sharing.map(({ recordId }) => recordId).join(', ');
  const unread =
    kind.list === 'custom_field'
      ? ' Until then it is left out of the record, and conditions on it are unknown.'
      : '';
  return {
    what: `Clio has ${sharing.length} ${kind.plural} called "${name}" (ids ${ids}), so nobody can tell which is meant.`,
    advice: `Rename all but one of them in Clio.${unread}`,
  };
}

function missing(name: string, { label, plural }: NamedKind, active: readonly Entry[]): Problem {
  const names = [...new Set(active.map((entry) => nameOf(entry, name)))];
  const close = nearest(name, names);
  const some = names.slice(0, MOST_CANDIDATES).join(', ') + (names.length > MOST_CANDIDATES ? ', …' : '');
  const known = names.length === 0 ? `Clio has no ${plural}.` : `Clio has: ${some}.`;
  return {
    what: `Clio has no ${label} "${name}".`,
    advice: `${close === undefined ? '' : `Did you mean "${close}"? `}${known} Correct the name there, or add it in Clio.`,
  };
}

/** A user goes by name or by e-mail address, whose case does not matter. */
function isNamed({ name, extra }: Entry, wanted: string): boolean {
  return name === wanted || extra.email?.toLowerCase() === wanted.toLowerCase();
}

/** In the way in which `asked` names it. */
function nameOf({ name, extra }: Entry, asked: string): string {
  return asked.includes('@') ? (extra.email ?? name) : name;
}

function used({ rules }: NamedReference): string {
  const [first = '', ...others] = rules;
  if (others.length === 0) return `The rule ${first} names it.`;
  return `The rules ${[first, ...others].join(', ')} name it.`;
}
