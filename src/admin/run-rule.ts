import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import type { RuleBook } from '../rules/rule-book.js';
import { isManual, triggerId } from '../rules/trigger.js';
import { checkedKey } from '../store/answer-once.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import type { ManualEvent } from '../store/schedule.store.js';
import type { RecordName } from './explain-views.js';
import { found, foundRule } from './found.js';

export const runRequest = z.strictObject({
  record: z.string().describe('Kind and id: matter/123.'),
  connection: z.string().optional().describe('Needed where there are several connections.'),
});
export type RunRequest = z.infer<typeof runRequest>;

export const runAnswer = z.object({
  event_id: z.string().describe('Its decision says what came of it: GET /api/v1/events/{id}.'),
  connection_id: z.string(),
  is_new: z.boolean().describe('False when this Idempotency-Key has started the rule before.'),
});
export type RunAnswer = z.infer<typeof runAnswer>;

export interface ManualRun {
  ruleId: string;
  record: RecordName;
  connection?: string | undefined;
  /** The one connection that whoever asks is confined to; null for all. */
  scope: string | null;
  /** The same one starts the rule once. */
  key?: string | undefined;
}

/**
 * The event that starts a rule for one record because somebody wants it.
 * @throws RequestError `request.not_found` without such a rule; `request.conflict` where it cannot be started so.
 */
export async function manualEvent(
  book: RuleBook,
  database: Database,
  wanted: ManualRun,
): Promise<ManualEvent> {
  const { ruleId, record, key } = wanted;
  const broken = book.broken.some(({ id }) => id === ruleId);
  if (broken)
    throw new RequestError('request.conflict', `The rule ${ruleId} is broken; mend its file first.`);
  const { rule, needs } = foundRule(book, ruleId, book.find(ruleId) ?? null);
  const trigger = rule.triggers.find((one) => 'manual' in one);
  if (trigger === undefined || !isManual(rule))
    throw new RequestError(
      'request.conflict',
      `The rule ${ruleId} is not to be started by hand; add "- { manual: true }" to its triggers.`,
    );
  if (!needs.has(record.model))
    throw new RequestError(
      'request.conflict',
      `The rule ${ruleId} is about ${[...needs.keys()].join(', ')}, and not about a ${record.kind}.`,
    );
  return {
    connectionId: await connectionFor(database, wanted.connection),
    ruleId,
    triggerId: triggerId(trigger),
    model: record.model,
    recordId: record.id,
    key: checkedKey(key),
  };
}

/** The connection with this id, or the only one there is. @throws RequestError when that is not one. */
export async function connectionFor(database: Database, wanted: string | undefined): Promise<string> {
  const all = await database.repo(Connection).find({ select: { id: true }, order: { id: 'ASC' } });
  const ids = all.map(({ id }) => id);
  if (wanted !== undefined) return found('connection', wanted, ids.find((id) => id === wanted) ?? null);
  const [only] = ids;
  if (only === undefined)
    throw new RequestError('request.conflict', 'There is no connection to Clio; connect one first.');
  if (ids.length > 1)
    throw new RequestError(
      'request.invalid',
      `There are several connections; name one as "connection": ${ids.join(', ')}.`,
    );
  return only;
}
