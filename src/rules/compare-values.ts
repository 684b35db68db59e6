import { isSameJson } from '../lib/json.js';
import { looksLikeDate, momentOrdinals, parseMoment } from './dates.js';
import type { Moment } from './dates.js';
import { Unknown } from './unknown.js';

/** Dates and date-times that mean the same are the same, however they are written; everything else is strict. */
export function isSameValue(a: unknown, b: unknown, zone: string): boolean {
  if (a === b) return true;
  if (typeof a === 'object' && typeof b === 'object') return isSameJson(a, b);
  const moments = typeof a === 'string' && typeof b === 'string' ? momentsOf([a, b], zone) : undefined;
  if (moments === undefined) return false;
  const [left, right] = momentOrdinals(moments);
  return left === right;
}

/**
 * Numbers in the order of the values. Only numbers with numbers and dates with dates have an order; Unknown
 * `not_a_date` when only some can be read as dates, else `wrong_type`. `labels` says where the values were read.
 */
export function ordinalsOf(
  values: readonly unknown[],
  labels: readonly string[],
  zone: string,
): readonly number[] | Unknown {
  if (values.every((value) => typeof value === 'number')) return values;
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length < values.length || !texts.some(looksLikeDate))
    return new Unknown('wrong_type', labels[0] ?? '');
  const moments = momentsOf(texts, zone);
  if (moments !== undefined) return momentOrdinals(moments);
  const culprit = texts.findIndex((text) => parseMoment(text, zone) === undefined);
  return new Unknown('not_a_date', labels[culprit] ?? '');
}

function momentsOf(texts: readonly string[], zone: string): Moment[] | undefined {
  const moments = texts.map((text) => parseMoment(text, zone)).filter((moment) => moment !== undefined);
  return moments.length === texts.length ? moments : undefined;
}
