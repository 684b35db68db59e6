import type { Verdict } from './verdict.js';

/**
 * The conditions that kept a verdict from being true, with what they saw: of several ways to be true, those of the way
 * that lacks the fewest. Empty when it is true.
 */
export function missesOf(verdict: Verdict): Verdict[] {
  return missing(verdict, true);
}

function missing(verdict: Verdict, wanted: boolean): Verdict[] {
  const { node, value, children = [] } = verdict;
  if (value === wanted) return [];
  const isGroup = ['all', 'any', 'not', 'logic'].includes(node) && children.length > 0;
  if (!isGroup) return [verdict];
  if (node === 'not') return children.flatMap((child) => missing(child, !wanted));
  const each = children.map((child) => missing(child, wanted));
  const needsAll = node === 'logic' || (node === 'all') === wanted;
  return needsAll ? each.flat() : each.reduce((best, one) => (one.length < best.length ? one : best));
}
