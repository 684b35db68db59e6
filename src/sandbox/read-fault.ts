import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { faultsOf, type Fault } from './faults.js';

const places = z.looseObject({ on: z.enum(['request', 'delivery', 'connection']), kind: z.string() });

/** Checks a fault that came over HTTP. @throws RequestError that names what is known. */
export function readFault(value: unknown): Fault {
  const place = places.safeParse(value);
  if (!place.success)
    throw refused('it is {"on": "request", "delivery" or "connection", "kind": "...", ...}');
  const { on, kind } = place.data;
  const schema = faultsOf[on];
  const kinds = schema.options.map((option) => option.shape.kind.value);
  if (!kinds.some((known) => known === kind)) {
    throw refused(`the kinds of a ${on} are ${kinds.join(', ')}, not "${kind}"`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refused(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; '),
  );
}

function refused(why: string): RequestError {
  return new RequestError('request.invalid', `The fault cannot be used: ${why}.`);
}
