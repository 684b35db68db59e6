import { textOf } from '../lib/json.js';
import { Unknown } from './unknown.js';
import type { UnknownReason } from './unknown.js';
import type { Verdict } from './verdict.js';

const words: Readonly<Record<string, string>> = {
  is: 'is',
  is_not: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  contains: 'contains',
  starts_with: 'starts with',
  matches: 'matches',
  any_of: 'has any of',
  gt: 'is more than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  changed: 'changed',
  changed_to: 'changed to',
  changed_from: 'changed from',
  older_than: 'lies at least this long ago:',
  within_next: 'comes within the next',
  held_for: 'has been so for',
};

const groups: Readonly<Record<string, string>> = {
  all: 'all of',
  any: 'any of',
  not: 'not',
  logic: 'logic',
  if: 'if',
  edge: 'true now, and not before this change',
};

/** Lines for people, indented by depth: `✓ matter is open: matter.status is Open`. */
export function renderVerdict(verdict: Verdict): string[] {
  const line = `${markOf(verdict)} ${[verdict.name, describe(verdict)].filter(Boolean).join(': ')}`;
  const below = (verdict.children ?? []).flatMap(renderVerdict);
  const notes = (verdict.notes ?? []).map((note) => `  · ${note}`);
  return [line, ...below.map((inner) => `  ${inner}`), ...notes];
}

function markOf({ value }: Verdict): string {
  if (value === 'unknown') return '?';
  return value ? '✓' : '✗';
}

function describe(verdict: Verdict): string {
  const { node, children, expected, reason } = verdict;
  if (node === 'error' || node === 'control') return String(reason);
  if (node === 'cap')
    return `at least ${text(verdict.actual)} records were found, and the cap is ${text(expected)}`;
  if (children !== undefined) return String(groups[node]);
  if (node === 'trigger')
    return `the trigger is ${text(expected)}${verdict.value === true ? '' : seen(verdict)}`;
  const claim = claimOf(verdict);
  if (verdict.value === 'unknown') return `${claim} (${blame(verdict)})`;
  return verdict.value ? claim : claim + seen(verdict);
}

function claimOf({ node, field = 'the condition', expected, expectedField }: Verdict): string {
  if (node === 'exists') return `${field} ${expected === false ? 'is missing or empty' : 'has a value'}`;
  const word = words[node];
  if (word === undefined) return `${field} holds`;
  const told = expected === undefined ? undefined : text(expected);
  const target =
    told !== undefined && expectedField !== undefined
      ? `${expectedField} (${told})`
      : (expectedField ?? told ?? '');
  return `${field} ${word} ${target}`.trimEnd();
}

/** What was there instead, or what it was before. */
function seen({ actual, before, node }: Verdict): string {
  if (actual === undefined) return '';
  if (before === undefined) return ` (it is ${text(actual)})`;
  const isSame = node === 'changed' || JSON.stringify(actual) === JSON.stringify(before);
  return isSame ? ` (it was ${text(before)} already)` : ` (it went from ${text(before)} to ${text(actual)})`;
}

function blame({ reason, missing = '' }: Verdict): string {
  return new Unknown(reason as UnknownReason, missing).sentence;
}

function text(value: unknown): string {
  const words = Array.isArray(value) ? value.map(word).join(', ') : word(value);
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

function word(value: unknown): string {
  if (value === '') return 'an empty text';
  return value === null ? 'empty' : textOf(value);
}
