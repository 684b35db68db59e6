import { LessThanOrEqual, MoreThan, type EntityManager, type ObjectLiteral } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import { contentHash, type JsonObject } from '../lib/json.js';
import type { Database } from './database.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { insertOnce } from './insert-once.js';

/** Answers are kept for a day. */
const KEPT_MS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,200}$/;

export interface NamedRequest {
  /** Whose key it is: two callers may have the same. */
  actorId: string;
  route: string;
  /** The header Idempotency-Key; undefined when none was sent. */
  key: string | undefined;
  body: object;
}

/** @throws RequestError `request.invalid` when it cannot be a key. */
export function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || KEY.test(key)) return key;
  throw new RequestError('request.invalid', 'An Idempotency-Key has 1 to 200 visible characters.');
}

/**
 * The answer of `work`, or, when the same request was answered within a day, that answer without any work. Both are one
 * transaction: what fails leaves no key behind and may be asked again. `now` in epoch milliseconds.
 * @throws RequestError `request.key_reused` (422) when the key was used for another body.
 */
export async function answerOnce<Answer extends object>(
  tx: EntityManager,
  { actorId, route, key, body }: NamedRequest,
  now: number,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (checkedKey(key) === undefined) return work();
  const name = { actorId, route, key: key as string };
  await tx.delete(IdempotencyKey, { createdAt: LessThanOrEqual(now - KEPT_MS) });
  const bodyHash = contentHash(body);
  // Of two requests at once the second waits here for the first to be committed, and then finds its answer.
  if (!(await insertOnce(tx, IdempotencyKey, { ...name, bodyHash, answer: null, createdAt: now }))) {
    return answerIn(await tx.findOneByOrFail(IdempotencyKey, name), bodyHash) as Answer;
  }
  const answer = await work();
  await tx.update<ObjectLiteral>(IdempotencyKey, name, { answer: answer as JsonObject });
  return answer;
}

/** The answer that is kept for a request; null when there is none. @throws RequestError as `answerOnce`. */
export async function keptAnswer<Answer extends object>(
  database: Database,
  { actorId, route, key, body }: NamedRequest,
  now: number,
): Promise<Answer | null> {
  if (checkedKey(key) === undefined) return null;
  const name = { actorId, route, key: key as string, createdAt: MoreThan(now - KEPT_MS) };
  const known = await database.repo(IdempotencyKey).findOneBy(name);
  return known === null ? null : (answerIn(known, contentHash(body)) as Answer);
}

function answerIn({ key, bodyHash, answer }: IdempotencyKey, wanted: string): JsonObject | null {
  if (bodyHash === wanted) return answer;
  throw new RequestError(
    'request.key_reused',
    `The Idempotency-Key "${key}" was sent with another body before; nothing was done. Send a new key for a new request.`,
  );
}
