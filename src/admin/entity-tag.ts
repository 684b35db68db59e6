import { RequestError } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';

/** The strong ETag, with its quotes, of what is shown: equal content has an equal tag, whatever replica answers. */
export function etagOf(shown: unknown): string {
  return `"${contentHash(shown).slice(0, 32)}"`;
}

/**
 * Refuses a change of something that is no longer what the caller saw. Call it in the transaction of the change, with the
 * tag of what that transaction reads; `details` tell the caller what is there now. Without the header `ifMatch` there is nothing to compare.
 * @throws RequestError `request.stale` (412).
 */
export function requireMatch(
  ifMatch: string | undefined,
  current: string,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes(current)) return;
  throw new RequestError(
    'request.stale',
    `The ${what} was changed since you read it; nothing was done. Read it again and send the new ETag in If-Match.`,
    { details },
  );
}

/** The same where a change over another's change would lose it. @throws RequestError `request.unconditional` (428) too. */
export function requireSentMatch(
  ifMatch: string | undefined,
  current: string,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  if (ifMatch === undefined)
    throw new RequestError(
      'request.unconditional',
      `The ${what} can only be changed with the header If-Match; read it, and send the ETag of the answer there.`,
    );
  requireMatch(ifMatch, current, what, details);
}
