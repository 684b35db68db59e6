import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Attempt } from './attempt.entity.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { Connection } from './connection.entity.js';
import { Decision } from './decision.entity.js';
import { dialectOf } from './dialect.js';
import { InboundEvent } from './inbound-event.entity.js';
import { Lane } from './lane.entity.js';
import { Initial1764000000000 } from './migrations/1-initial.js';
import { PollCursor } from './poll-cursor.entity.js';
import { RuleRecord } from './rule-record.entity.js';
import { RuleVersion } from './rule-version.entity.js';
import { Run } from './run.entity.js';
import { Snapshot } from './snapshot.entity.js';
import { Step } from './step.entity.js';
import { Subscription } from './subscription.entity.js';

const entities = [
  Attempt,
  AttemptWrite,
  Connection,
  Decision,
  InboundEvent,
  Lane,
  PollCursor,
  RuleRecord,
  RuleVersion,
  Run,
  Snapshot,
  Step,
  Subscription,
];

/** The part of better-sqlite3's handle that we use directly. */
interface SqliteHandle {
  pragma(text: string): unknown;
}

/** How long a statement waits for another process to let go of the file, in milliseconds. */
const BUSY_TIMEOUT_MS = 2000;

/** A data source for `databaseUrl`, not yet connected. A read-only one neither migrates nor creates anything. */
export function dataSourceFor(databaseUrl: string, readOnly: boolean): DataSource {
  const { name, target } = dialectOf(databaseUrl);
  const shared = {
    entities,
    migrations: readOnly ? [] : [Initial1764000000000],
    migrationsTransactionMode: 'all' as const,
  };
  if (name === 'postgres')
    return new DataSource({
      ...shared,
      type: 'postgres',
      url: target,
      poolErrorHandler: () => undefined,
    } as DataSourceOptions);
  if (!readOnly) mkdirSync(dirname(target), { recursive: true });
  return new DataSource({
    ...shared,
    type: 'better-sqlite3',
    database: target,
    readonly: readOnly,
    fileMustExist: readOnly,
    timeout: BUSY_TIMEOUT_MS,
    prepareDatabase: (handle: SqliteHandle) => {
      if (!readOnly) handle.pragma('journal_mode = WAL');
      handle.pragma('synchronous = FULL');
      handle.pragma('foreign_keys = ON');
    },
  } as DataSourceOptions);
}
