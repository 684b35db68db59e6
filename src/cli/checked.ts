import type { z } from 'zod';
import { requestWords } from '../admin/request-words.js';
import { RequestError } from '../lib/errors.js';

/**
 * What was typed in, as the API would take it.
 * @throws RequestError that says what cannot be done, and everything that is wrong.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  refusal = 'That cannot be asked',
): z.output<Schema> {
  const parsed = schema.safeParse(given, { error: requestWords });
  if (parsed.success) return parsed.data;
  throw new RequestError('request.invalid', `${refusal}: ${problemsIn(parsed.error)}.`);
}

/** `conditions.0.field: it must be a text; ...` */
export function problemsIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}
