import { causesOf } from './verdict.js';
import type { Truth, Verdict } from './verdict.js';

/**
 * True now and not true before. A value that was null before cannot have made the condition true; one that was not read
 * before might have, and then nobody knows whether this is a change.
 */
export function edgeOf(now: Verdict, before: Verdict): Verdict {
  const value = truthOfEdge(before);
  const reason = { true: {}, false: { reason: 'already_true' }, unknown: { reason: 'no_baseline' } }[
    `${value}`
  ];
  const children = [
    { ...now, name: now.name ?? 'now' },
    { ...asPrevious(before), name: 'before this change' },
  ];
  return { node: 'edge', path: now.path, value, ...reason, children };
}

function truthOfEdge(before: Verdict): Truth {
  if (before.value === 'unknown') return canBe(before, true) ? 'unknown' : true;
  return !before.value;
}

/** Whether the verdict could be `wanted` if the values that were not read were known. */
function canBe(verdict: Verdict, wanted: boolean): boolean {
  const { node, value, children, reason } = verdict;
  if (value !== 'unknown') return value === wanted;
  if (children === undefined) return reason === 'no_baseline';
  if (node === 'if') return causesOf(verdict).some((cause) => cause.reason === 'no_baseline');
  if (node === 'not') return children.some((child) => canBe(child, !wanted));
  const needsAll = (node === 'all' && wanted) || (node === 'any' && !wanted);
  return needsAll
    ? children.every((child) => canBe(child, wanted))
    : children.some((child) => canBe(child, wanted));
}

/** The explanation says where the values were read: in the record as it was. */
function asPrevious(verdict: Verdict): Verdict {
  const { missing, children } = verdict;
  return {
    ...verdict,
    ...(missing === undefined ? {} : { missing: missing.replace(/^[^.]+/, 'previous') }),
    ...(children === undefined ? {} : { children: children.map(asPrevious) }),
  };
}
