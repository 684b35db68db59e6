import { In } from 'typeorm';
import { z } from 'zod';
import { Alert } from '../store/alert.entity.js';
import { CHANGE_KINDS, type Change, type ChangeKind, type ChangePosition } from '../store/change.store.js';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { Run } from '../store/run.entity.js';
import { RequestError } from '../lib/errors.js';
import { viewAlert } from './alert-views.js';
import { viewDecision } from './decision-views.js';
import { viewEvent } from './event-views.js';
import { viewRun } from './run-story.js';

const kind = CHANGE_KINDS.join('|');

export const liveQuery = z.strictObject({
  kinds: z
    .string()
    .regex(new RegExp(`^(${kind})(,(${kind}))*$`), `some of ${CHANGE_KINDS.join(', ')}, with commas between`)
    .optional()
    .describe('Only these, for example run,alert; all unless said.'),
  connection_id: z.string().optional(),
});
export type LiveQuery = z.infer<typeof liveQuery>;

/** What a message's data is, as JSON. Its `event` field is the kind. */
interface LiveMessage {
  kind: ChangeKind;
  /** At the time of the change; the record shows it as it is now. */
  status: string;
  record: { connection_id: string | null };
}

/** The messages of some changes, in their order; without what the query leaves out or is not there any more. */
export async function messagesOf(
  database: Database,
  changes: readonly Change[],
  query: LiveQuery,
): Promise<{ change: Change; message: LiveMessage }[]> {
  const kinds = query.kinds?.split(',');
  const wanted = changes.filter((change) => kinds?.includes(change.kind) ?? true);
  const ids = (of: ChangeKind) => ({
    id: In(wanted.filter((change) => change.kind === of).map(({ subjectId }) => subjectId)),
  });
  const [events, decisions, runs, alerts] = await Promise.all([
    database.repo(InboundEvent).findBy(ids('event')),
    database.repo(Decision).findBy(ids('decision')),
    database.repo(Run).findBy(ids('run')),
    database.repo(Alert).findBy(ids('alert')),
  ]);
  const records = new Map<string, LiveMessage['record']>(
    [
      ...events.map(viewEvent),
      ...decisions.map(shortDecision),
      ...runs.map(viewRun),
      ...alerts.map(viewAlert),
    ].map((record) => [record.id, record] as const),
  );
  return wanted.flatMap((change) => {
    const record = records.get(change.subjectId);
    if (record === undefined || !isOf(query.connection_id, record)) return [];
    return [{ change, message: { kind: change.kind, status: change.status, record } }];
  });
}

/** The tree of reasons is asked for by those who want it: it can be large. */
function shortDecision(decision: Decision) {
  return viewDecision({ ...decision, explanation: null });
}

function isOf(connectionId: string | undefined, record: LiveMessage['record']): boolean {
  return connectionId === undefined || record.connection_id === connectionId;
}

export function positionText({ xid, seq }: ChangePosition): string {
  return `${xid}.${seq}`;
}

/** @throws RequestError when it is not an id that this stream gave. */
export function positionOf(text: string): ChangePosition {
  const [, xid, seq] = /^(\d{1,16})\.(\d{1,16})$/.exec(text) ?? [];
  if (xid === undefined || seq === undefined)
    throw new RequestError(
      'request.invalid',
      'The Last-Event-ID is not one that this stream gave; connect without it and read the lists.',
    );
  return { xid: Number(xid), seq: Number(seq) };
}
