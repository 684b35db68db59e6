import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf, RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { Slices, type Pace } from '../lib/pace.js';
import { JobStore, type JobProgress } from '../store/job.store.js';

/** Does the work and gives its result. It tells the pace after each step, and ends with whatever the pace throws. */
export type JobWork = (pace: Pace) => Promise<JsonObject>;

interface Task extends JobProgress {
  id: string;
  work: JobWork;
  stop: AbortController;
  /** What the row says. */
  told: string;
}

const AT_ONCE = 2;
const MOST_WAITING = 20;
/** Two jobs at once, and a page of the database in each, stay below 20 ms together. */
const SLICE_MS = 5;
const REPORT_MS = 1_000;
/** Also when nothing has moved: a word of life. */
const ALIVE_MS = 15_000;
const SWEEP_MS = 60_000;

const FAILED =
  'The engine failed on this job; its log has the details. Please report it with the time of the job.';
const STOPPED = 'The server was stopped before this job was done, and nothing of it is kept; start it again.';
const TOO_LARGE = 'The result is too large to be kept; ask for fewer days or fewer rules.';
/** In characters of JSON. */
const LARGEST_RESULT = 262_144;

/** Does the jobs that this process took in, two at a time, in slices that leave room for everything else. */
@Injectable()
export class JobRunner implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Jobs');
  private readonly waiting: Task[] = [];
  private readonly running = new Map<Task, Promise<void>>();
  private cancelReport: (() => void) | null = null;
  private aliveAt = 0;
  private isStopping = false;

  constructor(
    private readonly store: JobStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What a process before this one left will not go on. */
  async onModuleInit(): Promise<void> {
    await this.store.sweep({ isStart: true });
  }

  /** Does not wait for the work: it ends with its next step, and whatever it still tells comes too late. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    const left = [...this.waiting.splice(0), ...this.running.keys()];
    for (const { stop } of left) stop.abort();
    for (const task of left) await this.end(task, { status: 'failed', error: STOPPED });
    this.cancelReport?.();
  }

  /** @throws RequestError when too many wait, or the server is about to stop. */
  assertRoom(): void {
    if (this.isStopping)
      throw new RequestError('request.conflict', 'The server is about to stop; ask again in a minute.', {
        details: { status: 503, retryAfterMs: 60_000 },
      });
    if (this.waiting.length >= MOST_WAITING)
      throw new RequestError(
        'request.too_many',
        `${MOST_WAITING} jobs wait for their turn already; ask again when some of them are done, or cancel some.`,
        { details: { retryAfterMs: 30_000 } },
      );
  }

  /** Begins with a job whose row is committed, at once or when it is its turn. */
  accept(id: string, work: JobWork): void {
    this.waiting.push({ id, work, stop: new AbortController(), done: 0, total: null, told: '' });
    this.next();
    this.planReport();
  }

  /** Lets go of a job that was ended, if it is one of this process. */
  drop(id: string): void {
    const at = this.waiting.findIndex((task) => task.id === id);
    if (at >= 0) this.waiting.splice(at, 1);
    for (const task of this.running.keys()) if (task.id === id) task.stop.abort();
  }

  /** Resolves when nothing is under way in this process. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Never rejects: the next one is a minute away, and nobody would catch it. */
  @Interval('jobs', SWEEP_MS)
  async sweep(): Promise<void> {
    try {
      await this.store.sweep();
    } catch (error) {
      this.logger.warn(`The jobs were not looked through (${messageOf(error)}); they are in a minute.`);
    }
  }

  private next(): void {
    while (this.running.size < AT_ONCE && !this.isStopping) {
      const task = this.waiting.shift();
      if (task === undefined) return;
      const over = this.run(task).finally(() => {
        this.running.delete(task);
        this.next();
      });
      this.running.set(task, over);
    }
  }

  /** Never rejects. What cannot be written down is found when the lease ends. */
  private async run(task: Task): Promise<void> {
    try {
      if (!(await this.store.begin(task.id))) return;
      const result = await task.work(paceOf(task));
      const isSmall = JSON.stringify(result).length <= LARGEST_RESULT;
      const end = isSmall ? ({ status: 'done', result } as const) : failed(TOO_LARGE);
      if (!task.stop.signal.aborted) await this.end(task, end);
    } catch (error) {
      // Whoever stopped it says what became of it.
      if (task.stop.signal.aborted) return;
      if (!(error instanceof EngineError))
        this.logger.error(`The job ${task.id} failed: ${messageOf(error)}`);
      await this.end(task, failed(error instanceof EngineError ? error.message : FAILED));
    }
  }

  private async end({ id, done, total }: Task, end: Parameters<JobStore['finish']>[1]): Promise<void> {
    try {
      await this.store.finish(id, end, { done, total });
    } catch (error) {
      this.logger.warn(`The end of the job ${id} was not noted (${messageOf(error)}).`);
    }
  }

  /** Only while there is work. */
  private planReport(): void {
    this.cancelReport ??= this.clock.after(REPORT_MS, () => void this.report());
  }

  private async report(): Promise<void> {
    const now = this.clock.now().getTime();
    const isDue = now >= this.aliveAt + ALIVE_MS;
    if (isDue) this.aliveAt = now;
    for (const task of [...this.running.keys(), ...this.waiting]) {
      const { id, done, total } = task;
      const told = `${done}/${total}`;
      if (told === task.told && !isDue) continue;
      try {
        if (!(await this.store.report(id, { done, total }))) this.drop(id);
        task.told = told;
      } catch (error) {
        this.logger.warn(`How far the job ${id} is was not noted (${messageOf(error)}).`);
      }
    }
    this.cancelReport = null;
    if (this.running.size + this.waiting.length > 0 && !this.isStopping) this.planReport();
  }
}

function failed(error: string): { status: 'failed'; error: string } {
  return { status: 'failed', error };
}

function paceOf(task: Task): Pace {
  const slices = new Slices(SLICE_MS);
  return {
    begins: (total) => {
      task.total = total;
    },
    step: (done) => {
      task.stop.signal.throwIfAborted();
      task.done = task.total === null ? done : Math.min(done, task.total);
      return slices.turn();
    },
  };
}
