import { LessThanOrEqual } from 'typeorm';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { EngineApi } from '../../src/demo/engine-api.js';
import { freePort } from '../../src/demo/free-port.js';
import { connect } from '../../src/demo/start-demo.js';
import { alertsPage } from '../../src/admin/alert-views.js';
import { connectionsPage, type ConnectionView } from '../../src/admin/connection-views.js';
import { eventDetail, eventsPage, type EventDetail } from '../../src/admin/event-views.js';
import { runsPage } from '../../src/admin/run-views.js';
import { runStoryView, type RunStory } from '../../src/admin/run-story.js';
import { LANES, type Lanes } from '../../src/lanes/lanes.js';
import { delay, systemClock } from '../../src/lib/clock.js';
import { InvariantError } from '../../src/lib/errors.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
import type { CallLine } from '../../src/sandbox/traffic.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { serve, type Served } from '../../src/serve.js';
import { Connection } from '../../src/store/connection.entity.js';
import { Database } from '../../src/store/database.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { PollCursor } from '../../src/store/poll-cursor.entity.js';
import { MatchWorker } from '../../src/match/match.worker.js';
import { RunStore } from '../../src/store/run.store.js';
import { Step } from '../../src/store/step.entity.js';
import { TestClock } from './test-clock.js';

/** What a rule waits for longer stays. */
const LONGEST_JUMP_MS = 3_600_000;

export const ADMIN_TOKEN = 'a-token-for-tests-with-enough-letters';

/** What the engine is started with, beside a sandbox and a database. */
export async function settingsFor(sandbox: Sandbox, databaseUrl: string, rulesDir: string) {
  const port = await freePort();
  return {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEY: '5a'.repeat(32),
    RULES_DIR: rulesDir,
    ADMIN_TOKEN,
    CLIO_BASE_URL: sandbox.origin,
    CLIO_CLIENT_ID: sandbox.clientId,
    CLIO_CLIENT_SECRET: sandbox.clientSecret,
    LOG_LEVEL: 'fatal',
  };
}

/** Writes rule files into a new folder; a name may lead into a folder of its own. */
export function rulesFolder(files: Record<string, string>): { folder: string; remove: () => void } {
  const folder = join(mkdtempSync(join(tmpdir(), 'praetor-rules-')), 'rules');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, remove: () => rmSync(join(folder, '..'), { recursive: true }) };
}

/** The engine's API as seen by somebody with the admin token. */
export function adminOf(url: string): EngineApi {
  return new EngineApi(url, ADMIN_TOKEN);
}

/** Of the pool behind TypeORM's PostgreSQL; that of SQLite has none. */
type PoolCounts = Record<'totalCount' | 'idleCount' | 'waitingCount', number>;

/** A firm with its Clio and its engine: signed webhooks go in, calls of Clio's API come out. Both share one clock. */
export class LawFirm {
  readonly clock = new TestClock();
  sandbox: Sandbox;
  /** The environment the engine was started with. */
  settings: Record<string, string>;
  private served: Served | null;
  private removeRules: () => void;

  /** `before` prepares the firm's Clio before anybody watches it. */
  static async open(
    databaseUrl: string,
    rules: Record<string, string>,
    before: (control: SandboxControl) => void = () => undefined,
  ): Promise<LawFirm> {
    const firm = new LawFirm();
    const { folder, remove } = rulesFolder(rules);
    firm.removeRules = remove;
    firm.sandbox = await startSandbox({ clock: firm.clock });
    before(firm.control);
    firm.settings = await settingsFor(firm.sandbox, databaseUrl, folder);
    await firm.startEngine();
    await connect(firm.url);
    await firm.rest();
    firm.control.clearCalls();
    return firm;
  }

  async close(): Promise<void> {
    await this.stopEngine();
    await this.sandbox.stop();
    this.removeRules();
  }

  /** With other settings than before where `over` says so. */
  async startEngine(over: Record<string, string> = {}): Promise<void> {
    Object.assign(this.settings, over);
    this.served = await serve(loadConfig(this.settings), this.clock);
  }

  async stopEngine(): Promise<void> {
    await this.served?.stop();
    this.served = null;
  }

  get app(): Served['app'] {
    return this.engine.app;
  }

  get control(): SandboxControl {
    return this.sandbox.control;
  }

  get database(): Database {
    return this.app.get(Database);
  }

  get url(): string {
    return this.engine.url;
  }

  private get engine(): Served {
    if (this.served === null) throw new InvariantError('The engine is stopped.');
    return this.served;
  }

  /** Until every list of Clio that is due was looked through, and all that follows from it is done. */
  async sweep(): Promise<void> {
    for (;;) {
      await this.rest();
      const now = this.clock.now().getTime();
      const due = await this.database.repo(PollCursor).countBy({ dueAt: LessThanOrEqual(now) });
      if (due === 0) return;
      // The walks wait for budget that the steps leave.
      await this.clock.advance(5_000);
    }
  }

  /** Somebody at the firm does something; resolves when all that follows from it is done. */
  async play<T>(act: (control: SandboxControl) => T | Promise<T>): Promise<T> {
    const result = await act(this.control);
    await this.rest();
    return result;
  }

  /** Until every delivery is made and nothing is due any more; the clock jumps to what is due within an hour. */
  async rest(): Promise<void> {
    for (;;) {
      await this.pump(this.control.settle());
      await this.settleLanes();
      const dueAt = await this.nextDueAt();
      // A lane that a slow machine lost to the quick clock leaves what is under way to its next holder.
      if (dueAt === null && (await this.countUnderWay()) === 0) return;
      if (dueAt === null) continue;
      await this.clock.advance(Math.max(dueAt - this.clock.now().getTime(), 0));
    }
  }

  /** Until every delivery is made and nothing is due at the present time; what is due later stays. */
  async settled(): Promise<void> {
    await this.pump(this.control.settle());
    await this.settleLanes();
  }

  /** Until nothing is due at the present time; what is due later stays. */
  async settleLanes(): Promise<void> {
    await this.pump(this.app.get<Lanes>(LANES).drain());
  }

  /** `POST /api/v4/tasks.json 201`, without the calls that only read. */
  writes(): string[] {
    return this.calls().filter((call) => !call.startsWith('GET'));
  }

  /** Without the reads of what is looked through in the background. */
  calls(): string[] {
    const calls = this.control.calls().filter((call) => !isUpkeep(call));
    return calls.map(({ method, path, status }) => `${method} ${path} ${status ?? 'cut'}`);
  }

  async runs(): Promise<RunStory[]> {
    const api = adminOf(this.url);
    const { data } = await api.get('runs?limit=200', runsPage);
    return Promise.all(data.reverse().map(({ id }) => api.get(`runs/${id}`, runStoryView)));
  }

  /** `scope_missing bill`, oldest first. */
  async openAlerts(): Promise<string[]> {
    const { data } = await adminOf(this.url).get('alerts?limit=200', alertsPage);
    return data.reverse().map(({ kind, subject }) => `${kind} ${subject}`);
  }

  async connections(): Promise<ConnectionView[]> {
    return (await adminOf(this.url).get('connections?limit=200', connectionsPage)).data.reverse();
  }

  async events(): Promise<EventDetail[]> {
    const api = adminOf(this.url);
    const { data } = await api.get('events?limit=200', eventsPage);
    return Promise.all(data.reverse().map(({ id }) => api.get(`events/${id}`, eventDetail)));
  }

  /** `matter.created opening matched`, oldest first. */
  async decisions(): Promise<string[]> {
    return (await this.events()).flatMap(({ type, model, decisions }) =>
      decisions.map(
        ({ rule_id, outcome }) => `${model}.${type.replace(`${model}.`, '')} ${rule_id} ${outcome}`,
      ),
    );
  }

  /**
   * What waits on the clock (a budget, a slow answer) gets its time, second by second, but only while nothing is at work:
   * a slow machine must not look like a slow Clio.
   */
  private async pump(work: Promise<void>): Promise<void> {
    const done = work.then(() => true);
    for (;;) {
      const idle = this.isIdle();
      if (await Promise.race([done, idle.then(() => false)])) return;
      if (await idle) await this.clock.advance(1_000);
    }
  }

  /**
   * Whether nobody looks at the clock or waits for the database for a while. Several short looks, with a turn of the event loop
   * after each: a process that got no time has not been idle, and its answers come in that turn.
   */
  private async isIdle(): Promise<boolean> {
    const { reads } = this.clock;
    for (let looks = 0; looks < 5; looks++) {
      await delay(systemClock, 10);
      await new Promise((resolve) => setImmediate(resolve));
      if (this.clock.reads !== reads || this.queries() > 0) return false;
    }
    return true;
  }

  /** How many connections to a PostgreSQL are at work or waited for. */
  private queries(): number {
    const pool = (this.database.dataSource.driver as { master?: Partial<PoolCounts> }).master;
    const { totalCount = 0, idleCount = 0, waitingCount = 0 } = pool ?? {};
    return totalCount - idleCount + waitingCount;
  }

  private async countUnderWay(): Promise<number> {
    const steps = await this.database.repo(Step).countBy({ status: 'running' });
    return steps + (await this.database.repo(InboundEvent).countBy({ status: 'ready' }));
  }

  private async nextDueAt(): Promise<number | null> {
    const [runs, match] = [this.app.get(RunStore), this.app.get(MatchWorker, { strict: false })];
    const connections = await this.database.repo(Connection).find();
    const times = await Promise.all(
      connections.flatMap(({ id }) => [runs.nextDueAt(id), match.nextDueAt(id), runs.lookups.nextDueAt(id)]),
    );
    const latest = this.clock.now().getTime() + LONGEST_JUMP_MS;
    return times.reduce(
      (soonest, at) => (at === null || at > latest || (soonest !== null && soonest < at) ? soonest : at),
      null,
    );
  }
}

/** A page of a walk through a list, or the question whether known records are still there. */
function isUpkeep({ method, query }: CallLine): boolean {
  const isWalk = 'updated_since' in query || 'page_token' in query || query['include_deleted'] !== undefined;
  return method === 'GET' && (isWalk || query['fields'] === 'id');
}
