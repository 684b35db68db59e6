import { In, type FindOptionsWhere } from 'typeorm';
import { isObject, textOf, type JsonObject } from '../lib/json.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { Attempt, type Write } from './attempt.entity.js';
import type { Database } from './database.js';
import type { InboundEvent } from './inbound-event.entity.js';
import type { Settlement } from './run-settlement.js';
import { Step } from './step.entity.js';

/** A record of Clio's in one of a connection's models. */
type OfModel = Pick<InboundEvent, 'connectionId' | 'model'>;

type EventFacts = OfModel & Pick<InboundEvent, 'recordId' | 'etag' | 'type'>;

/** What runs of ours wrote of some records. */
export interface OwnVersions {
  /** The version in which a run made it, by record id; empty where Clio's answer carried none. */
  made: Map<string, string>;
  /** Versions of records that a run wrote. */
  written: { recordId: string; etag: string }[];
}

/** The row by which a write is known when it comes back. */
export function ownWrite({ run, makes }: Settlement, { model, id, etag, deleted }: Write): AttemptWrite {
  const record = { connectionId: run.connectionId, model, recordId: id };
  const by = { runId: run.id, depth: run.depth };
  if (deleted === true) return { ...record, ...by, etag: 'deleted', kind: 'delete' };
  return { ...record, ...by, etag: etag ?? '', kind: makes?.includes(model) === true ? 'create' : 'change' };
}

/**
 * The write of ours that an event tells of: of exactly this version, or, for a record that is new, the one that made it, and
 * for one that is gone, the one that removed it. Null when it is not ours.
 */
export async function findWrite(
  database: Database,
  { connectionId, model, recordId, etag, type }: EventFacts,
): Promise<AttemptWrite | null> {
  const record = { connectionId, model, recordId };
  // A person may delete a version that we wrote: its etag tells nothing.
  if (type.endsWith('.deleted')) return database.repo(AttemptWrite).findOneBy({ ...record, kind: 'delete' });
  const where: FindOptionsWhere<AttemptWrite>[] = [
    ...(etag === null ? [] : [{ ...record, etag }]),
    ...(type.endsWith('.created') ? [{ ...record, kind: 'create' as const }] : []),
  ];
  if (where.length === 0) return null;
  const writes = await database.repo(AttemptWrite).find({ where });
  return writes.find((write) => write.etag === etag) ?? writes[0] ?? null;
}

/** What is known as ours of the records of a page. */
export async function ownVersions(
  database: Database,
  { connectionId, model }: OfModel,
  page: { recordIds: readonly string[]; etags: readonly string[] },
): Promise<OwnVersions> {
  const ofRecords = { connectionId, model, recordId: In([...page.recordIds]) };
  const writes = await database.repo(AttemptWrite).find({
    where: [
      { ...ofRecords, kind: 'create' },
      { ...ofRecords, etag: In([...page.etags]) },
    ],
    select: { recordId: true, etag: true, kind: true },
  });
  return {
    made: new Map(
      writes.flatMap(({ recordId, etag, kind }) => (kind === 'create' ? [[recordId, etag]] : [])),
    ),
    written: writes.map(({ recordId, etag }) => ({ recordId, etag })),
  };
}

/** The record as the answer to its creation by the run told of it; null when that was not kept. */
export async function recordAsMade(
  database: Database,
  runId: string,
  { model, recordId }: Pick<InboundEvent, 'model' | 'recordId'>,
): Promise<JsonObject | null> {
  const attempts = await database.repo(Attempt).findBy({ runId, result: 'done' });
  const attempt = attempts.find(({ writes }) =>
    writes?.some((write) => write.model === model && write.id === recordId),
  );
  if (attempt === undefined) return null;
  const step = await database.repo(Step).findOneBy({ id: attempt.stepId });
  const output = step?.output ?? null;
  const record = isObject(output?.['record']) ? output['record'] : output;
  return record !== null && textOf(record['id'] ?? null) === recordId ? record : null;
}
