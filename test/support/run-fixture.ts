import type { Action } from '../../src/act/action.js';
import { actions as allActions } from '../../src/act/catalog.js';
import { ClioClients } from '../../src/clio/clio-clients.js';
import type { Config } from '../../src/config/config.js';
import type { Clock } from '../../src/lib/clock.js';
import { newId, referenceOf } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import { matchEvent } from '../../src/match/match-event.js';
import { ControlSteps } from '../../src/run/control-steps.js';
import type { RecordSource } from '../../src/run/record-source.js';
import { RunWorker } from '../../src/run/run.worker.js';
import { AttemptWrite } from '../../src/store/attempt-write.entity.js';
import { Attempt } from '../../src/store/attempt.entity.js';
import { ApprovalSteps } from '../../src/run/approval-steps.js';
import { ApprovalStore } from '../../src/store/approval.store.js';
import { DirectoryStore } from '../../src/store/directory.store.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { Connection } from '../../src/store/connection.entity.js';
import type { Database } from '../../src/store/database.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { foundLookups, type AskedLookups, type ReadLookups } from '../../src/rules/lookup.js';
import { RunStore } from '../../src/store/run.store.js';
import { SealedText } from '../../src/store/sealed-text.js';
import { Step } from '../../src/store/step.entity.js';
import type { Outbound } from '../../src/act/outbound.js';
import { noon, nowhere } from './action-context.js';
import { aCompiledRule } from './compiled-rule.js';

/** A step as a rule writes it; what is left out has the language's defaults. */
export interface StepInput {
  action: string;
  with: JsonObject;
  id?: string;
  if?: JsonObject;
  continue_on_error?: boolean;
  retry?: JsonObject;
}

const encryptionKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }];
const connectionId = 'connection-1';

/** The run stage over a real database and a Clio at `baseUrl`, from noon on; the clock moves by `advance` only. */
export class RunFixture {
  runs: RunStore;
  approvals: ApprovalStore;
  worker: RunWorker;
  /** What a wait finds at Clio; null when the record is gone. */
  today: JsonObject | null = { id: 77, display_number: '00077-Doe', status: 'Open', client: null };
  /** How often records were read. */
  reads = 0;
  /** Set when Clio does not answer. */
  silence: Error | null = null;
  /** What every lookup finds, and what was asked. */
  items: JsonObject[] = [];
  readonly asked: AskedLookups[] = [];
  private at = noon.getTime();
  private readonly sealed = new SealedText(encryptionKeys);

  private constructor(
    readonly database: Database,
    private readonly actions: ReadonlyMap<string, Action>,
    private readonly outbound: Outbound,
  ) {
    this.runs = new RunStore(database);
    this.approvals = new ApprovalStore(database);
    this.worker = this.newWorker();
  }

  static async start(
    database: Database,
    baseUrl: string,
    extra: readonly Action[] = [],
    accessToken = 'a-token',
    outbound = nowhere,
  ): Promise<RunFixture> {
    const actions = new Map([...allActions, ...extra.map((action) => [action.name, action] as const)]);
    const fixture = new RunFixture(database, actions, outbound);
    await database.write((tx) =>
      tx.insert(Connection, {
        id: connectionId,
        name: 'Firm',
        region: null,
        baseUrl,
        userId: '1',
        userName: 'Ada',
        accountId: null,
        accountName: null,
        status: 'active',
        accessToken: fixture.sealed.seal(accessToken),
        refreshToken: null,
        tokenExpiresAt: null,
        createdAt: fixture.at,
        updatedAt: fixture.at,
      }),
    );
    return fixture;
  }

  get now(): number {
    return this.at;
  }

  advance(seconds: number): void {
    this.at += seconds * 1000;
  }

  private readonly records: RecordSource = {
    lookUp: ({ asked }) => {
      if (this.silence !== null) return Promise.reject(this.silence);
      this.asked.push(asked);
      return Promise.resolve(this.readFor(Object.keys(asked)));
    },
    read: ({ ids }) => {
      if (this.silence !== null) return Promise.reject(this.silence);
      this.reads += 1;
      const { today } = this;
      return Promise.resolve(
        new Map(today === null ? [] : ids.map((id) => [id, { ...today, id: Number(id) }])),
      );
    },
    runUrl: (id) => `https://praetor.example/api/v1/runs/${id}`,
  };

  /** A new process, that sees the database as `database`; nothing of the one before stays in memory. */
  restart(database: Database): void {
    this.runs = new RunStore(database);
    this.approvals = new ApprovalStore(database);
    this.worker = this.newWorker(database);
  }

  /** A worker of a new process: it remembers nothing. */
  newWorker(database = this.database): RunWorker {
    const clock: Clock = { now: () => new Date(this.at), after: () => () => undefined };
    const config = { encryptionKeys, clio: { hourlyCap: undefined } } as unknown as Config;
    const alerts = new AlertStore(database, clock);
    const clients = new ClioClients(database, this.sealed, alerts, config, clock);
    const source = {
      forConnection: (id: string) => clients.forConnection(id),
      outbound: this.outbound,
    };
    const directory = new DirectoryStore(database);
    const asking = new ApprovalSteps(this.approvals, directory, alerts, this.actions, clock);
    const control = new ControlSteps(this.records, asking, clock);
    return new RunWorker(this.runs, control, source, this.actions, clock);
  }

  /** Plans a run as match does, on matter `recordId`, of a rule with the keys of `rule`. Returns the run's id. */
  async plan(steps: readonly StepInput[], recordId = '77', rule: JsonObject = {}): Promise<string> {
    const event = await this.readyEvent(recordId);
    const id = newId();
    const facts = {
      event: { id: event.id, type: event.type },
      matter: { id: Number(recordId), display_number: `000${recordId}-Doe`, status: 'Open', client: null },
      rule: { id: 'a-rule', timezone: 'UTC', owner: 'paul.marsh@praetor-law.example', ...rule },
      run: { id, started_at: new Date(this.at).toISOString() },
      now: new Date(this.at).toISOString(),
    };
    const planned = steps.map(({ id: key, action, ...definition }, position) => {
      const stepId = newId();
      return {
        id: stepId,
        key: key ?? String(position),
        action,
        definition: {
          omit_null: false,
          continue_on_error: false,
          timezone: 'UTC',
          ...definition,
        },
        reference: referenceOf(stepId),
      };
    });
    const run = { id, mode: 'active' as const, idempotencyKey: null, facts, depth: 1, steps: planned };
    const decision = {
      ruleId: 'a-rule',
      ruleHash: 'h',
      outcome: 'matched' as const,
      reason: 'condition_true',
    };
    await this.runs.recordDecisions(event, [{ ...decision, explanation: null, shadow: false, run }], this.at);
    return id;
  }

  /** Plans a run of a rule with flow as match does, on matter `recordId`. Returns the run's id. */
  async planRule(rule: object, recordId = '77'): Promise<string> {
    const stored = await this.readyEvent(recordId);
    const parts = [{ id: 1 }, { id: 2 }];
    const matter = {
      id: Number(recordId),
      display_number: `000${recordId}-Doe`,
      status: 'Open',
      client: null,
      parts,
    };
    const event = { ...stored, record: matter, previous: null };
    const compiled = aCompiledRule({ triggers: [{ event: 'matter.created' }], ...rule });
    const found = foundLookups(this.readFor([...compiled.lookups.keys()]));
    const lookups = new Map([[compiled.hash, found]]);
    const moment = { now: new Date(this.at), clioUrl: 'https://clio.example', newId, lookups };
    const decisions = matchEvent(event, [compiled], moment, this.actions);
    await this.runs.recordDecisions(stored, decisions, this.at);
    return String(decisions[0]?.run?.id);
  }

  private readFor(names: readonly string[]): ReadLookups {
    const { items } = this;
    return Object.fromEntries(names.map((name) => [name, { items, more: false }]));
  }

  /** Drains until nothing is due now. Returns how many steps were moved. */
  async drain(signal = new AbortController().signal): Promise<number> {
    let moved = 0;
    for (let count = -1; count !== 0; moved += count) count = await this.worker.drain(connectionId, signal);
    return moved;
  }

  /** One call of the worker. */
  drainOnce(signal = new AbortController().signal): Promise<number> {
    return this.worker.drain(connectionId, signal);
  }

  dueSteps(): Promise<{ step: Step; run: Run }[]> {
    return this.runs.dueSteps(connectionId, this.at, 50);
  }

  nextDueAt(): Promise<number | null> {
    return this.runs.nextDueAt(connectionId);
  }

  run(id: string): Promise<Run> {
    return this.database.repo(Run).findOneByOrFail({ id });
  }

  steps(runId: string): Promise<Step[]> {
    return this.database.repo(Step).find({ where: { runId }, order: { position: 'ASC' } });
  }

  attempts(runId: string): Promise<Attempt[]> {
    return this.database.repo(Attempt).find({ where: { runId }, order: { id: 'ASC' } });
  }

  writes(): Promise<AttemptWrite[]> {
    return this.database.repo(AttemptWrite).find();
  }

  connection(): Promise<Connection> {
    return this.database.repo(Connection).findOneByOrFail({ id: connectionId });
  }

  /** As after the firm authorised us again. */
  async reconnect(): Promise<void> {
    await this.database.write((tx) => tx.update(Connection, { id: connectionId }, { status: 'active' }));
  }

  private async readyEvent(recordId: string): Promise<InboundEvent> {
    const id = newId();
    const event = {
      id,
      connectionId,
      subscriptionId: null,
      source: 'webhook',
      model: 'matter',
      recordId,
      type: 'matter.created',
      etag: null,
      dedupeKey: id,
      payload: {},
      receivedAt: this.at,
      status: 'ready',
      reason: null,
      attempts: 0,
      dueAt: this.at,
      types: null,
      webhookAt: null,
      record: {},
      previous: null,
      changed: null,
      causedByRunId: null,
      depth: 0,
      targetRule: null,
      targetTrigger: null,
      plannedAt: null,
      tick: null,
      replayOf: null,
    } satisfies InboundEvent;
    await this.database.write((tx) => tx.insert(InboundEvent, event as object));
    return event;
  }
}
