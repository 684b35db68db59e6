import { RequestError } from '../lib/errors.js';

/** The value, or a RequestError `request.not_found` that names what was looked for. */
export function found<Value>(what: string, id: string, value: Value | null | undefined): Value {
  if (value !== null && value !== undefined) return value;
  throw new RequestError(
    'request.not_found',
    `There is no ${what} "${id}"; list the ${what}s to see which there are.`,
  );
}
