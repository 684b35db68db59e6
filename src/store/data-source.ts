import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Alert } from './alert.entity.js';
import { ApiToken } from './api-token.entity.js';
import { Approval } from './approval.entity.js';
import { Attempt } from './attempt.entity.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditHead } from './audit-head.entity.js';
import { Connection } from './connection.entity.js';
import { Debounce } from './debounce.entity.js';
import { Decision } from './decision.entity.js';
import type { Dialect } from './dialect.js';
import { DirectoryEntry } from './directory-entry.entity.js';
import { DirectoryList } from './directory-list.entity.js';
import { EngineState } from './engine-state.entity.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { InboundEvent } from './inbound-event.entity.js';
import { Job } from './job.entity.js';
import { Lane } from './lane.entity.js';
import { Lookup } from './lookup.entity.js';
import { Initial1764000000000 } from './migrations/1-initial.js';
import { Alerts1764100000000 } from './migrations/2-alerts.js';
import { ConnectionUpkeep1764200000000 } from './migrations/3-connection-upkeep.js';
import { Polling1764300000000 } from './migrations/4-polling.js';
import { Doubts1764400000000 } from './migrations/5-doubts.js';
import { Directory1764500000000 } from './migrations/6-directory.js';
import { Control1764800000000 } from './migrations/9-control.js';
import { Schedules1764700000000 } from './migrations/8-schedules.js';
import { Flow1764600000000 } from './migrations/7-flow.js';
import { Audit1765200000000 } from './migrations/13-audit.js';
import { Changes1765200000001 } from './migrations/13-changes.js';
import { ApiTokens1765300000000 } from './migrations/14-api-tokens.js';
import { AdminLists1765400000000 } from './migrations/15-admin-lists.js';
import { Interventions1765500000000 } from './migrations/16-interventions.js';
import { OwnCreations1765700000000 } from './migrations/18-own-creations.js';
import { ApiRules1765600000000 } from './migrations/17-api-rules.js';
import { ApprovalEdits1766000000000 } from './migrations/21-approval-edits.js';
import { Jobs1765800000000 } from './migrations/19-jobs.js';
import { Reverts1765900000000 } from './migrations/20-reverts.js';
import { Lookups1766100000000 } from './migrations/22-lookups.js';
import { Overtaken1766200000000 } from './migrations/23-overtaken.js';
import { PollCursor } from './poll-cursor.entity.js';
import { RuleOverride } from './rule-override.entity.js';
import { RulePause } from './rule-pause.entity.js';
import { RuleRecord } from './rule-record.entity.js';
import { RuleVersion } from './rule-version.entity.js';
import { Run } from './run.entity.js';
import { Schedule } from './schedule.entity.js';
import { Session } from './session.entity.js';
import { Snapshot } from './snapshot.entity.js';
import { SpentKey } from './spent-key.entity.js';
import { Step } from './step.entity.js';
import { Subscription } from './subscription.entity.js';

const entities = [
  Alert,
  ApiToken,
  Approval,
  Attempt,
  AttemptWrite,
  AuditEntry,
  AuditHead,
  Connection,
  Debounce,
  Decision,
  DirectoryEntry,
  DirectoryList,
  EngineState,
  IdempotencyKey,
  InboundEvent,
  Job,
  Lane,
  Lookup,
  PollCursor,
  RuleOverride,
  RulePause,
  RuleRecord,
  RuleVersion,
  Run,
  Schedule,
  Session,
  Snapshot,
  SpentKey,
  Step,
  Subscription,
];

/** A data source, not yet connected. A read-only one neither migrates nor creates anything. */
export function dataSourceFor(dialect: Dialect, readOnly: boolean): DataSource {
  const logger = new Logger('Store');
  // The pool replaces the connection; without a listener the process would end.
  const warn = (error: Error) => logger.warn(`A connection to ${dialect.label} broke: ${error.message}`);
  return new DataSource({
    ...dialect.options(readOnly, warn),
    entities,
    migrations: readOnly
      ? []
      : [
          Initial1764000000000,
          Alerts1764100000000,
          ConnectionUpkeep1764200000000,
          Polling1764300000000,
          Doubts1764400000000,
          Directory1764500000000,
          Flow1764600000000,
          Control1764800000000,
          Schedules1764700000000,
          Audit1765200000000,
          Changes1765200000001,
          ApiTokens1765300000000,
          AdminLists1765400000000,
          Interventions1765500000000,
          OwnCreations1765700000000,
          ApiRules1765600000000,
          ApprovalEdits1766000000000,
          Jobs1765800000000,
          Reverts1765900000000,
          Lookups1766100000000,
          Overtaken1766200000000,
        ],
    migrationsTransactionMode: 'all',
  });
}
