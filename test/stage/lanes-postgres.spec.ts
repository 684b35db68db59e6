import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getMaxListeners } from 'node:events';
import type { LaneHandler } from '../../src/lanes/lanes.js';
import { PostgresLanes } from '../../src/lanes/postgres-lanes.js';
import { fixedClock, systemClock, type Clock } from '../../src/lib/clock.js';
import type { Database } from '../../src/store/database.js';
import { EventStore } from '../../src/store/event.store.js';
import { assertHeld } from '../../src/store/held-lane.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Lane } from '../../src/store/lane.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { TestClock } from '../support/test-clock.js';
import { aConnection, anEvent } from '../support/rows.js';

const [, postgres] = databases;

/** Something that happens once, and can be waited for. */
function gate() {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('the lanes of several processes', () => {
  let opened: TestDatabase;
  let firm: string;
  let log: string[];
  let processes: PostgresLanes[];

  /** The lanes of one more process on the same database. */
  const process = async (
    clock: Clock = systemClock,
    role: 'all' | 'web' | 'worker' = 'all',
    database: Database = opened.database,
  ) => {
    const note = (message: string) => void log.push(message);
    const config = { databaseUrl: opened.url, role };
    const lanes = await PostgresLanes.open(config, database, clock, { error: note, warn: note });
    processes.push(lanes);
    return lanes;
  };
  const nothingToDo: LaneHandler = async () => null;
  /** As if the holder of the lane had been killed and its lease had run out. */
  const expire = () =>
    opened.database.write((tx) => tx.update(Lane, { connectionId: firm }, { expiresAt: 1 }));

  beforeEach(async () => {
    opened = await postgres.open();
    firm = (await aConnection(opened.database)).id;
    log = [];
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map((lanes) => lanes.stop()));
    await opened.close();
  });

  it('wakes every connection at start, and a wake at once', async () => {
    const lanes = await process();
    const gates = [gate(), gate()];
    const woken = [...gates];
    await lanes.serve(async () => {
      woken.shift()?.open();
      return null;
    });
    await gates[0]?.opened;
    await lanes.drain();
    const again = gate();
    woken.splice(0, woken.length, again);
    await lanes.wake(firm);
    await again.opened;
    expect(log).toEqual([]);
  });

  it('holds a lane in one process at a time, however many are woken', async () => {
    const both = await Promise.all([process(), process()]);
    const enough = gate();
    let running = 0;
    let most = 0;
    let calls = 0;
    const handler: LaneHandler = async () => {
      most = Math.max(most, ++running);
      await opened.database.ping();
      running--;
      if (++calls === 20) enough.open();
      // Due again at once until it has been seen often enough.
      return calls < 20 ? 0 : null;
    };
    for (const lanes of both) await lanes.serve(handler);
    for (let index = 0; index < 20; index++) await both[index % 2]?.wake(firm);
    await enough.opened;
    await Promise.all(both.map((lanes) => lanes.drain()));
    expect(most).toBe(1);
  });

  it('goes round once more for a wake that came while the lane was held', async () => {
    const lanes = await process();
    const [isIn, mayGo, cameAgain] = [gate(), gate(), gate()];
    let calls = 0;
    await lanes.serve(async () => {
      if (++calls === 2) cameAgain.open();
      isIn.open();
      await mayGo.opened;
      return null;
    });
    await isIn.opened;
    // Answered by another worker, which finds the lane held and leaves word.
    const left = lanes.drain();
    await lanes.wake(firm);
    mayGo.open();
    await Promise.all([left, cameAgain.opened]);
    expect((await opened.database.repo(Lane).findOneByOrFail({ connectionId: firm })).wanted).toBe(0);
  });

  it('lets a slow firm slow only itself', async () => {
    const other = (await aConnection(opened.database)).id;
    const lanes = await process();
    const [slow, otherDone] = [gate(), gate()];
    const isSlow = gate();
    await lanes.serve(async (connectionId) => {
      if (connectionId === firm) {
        isSlow.open();
        await slow.opened;
      } else if (isSlow.opened !== null) otherDone.open();
      return null;
    });
    await isSlow.opened;
    // A second job of the slow firm waits before the other's in the queue.
    await lanes.wake(firm);
    await lanes.wake(other);
    await otherDone.opened;
    slow.open();
  });

  it('sends a wake with its transaction: none when it is rolled back', async () => {
    const sender = await process(systemClock, 'web');
    const waiting = async () => {
      const [row] = await opened.database.dataSource.query<[{ count: string }]>(
        `select count(*) from pgboss.job where name = 'lanes' and state = 'created'`,
      );
      return Number(row.count);
    };
    const failing = opened.database.write(async (tx) => {
      await sender.wake(firm, undefined, tx);
      await tx.query('select * from no_such_table');
    });
    await expect(failing).rejects.toThrow(/no_such_table/);
    expect(await waiting()).toBe(0);
    await opened.database.write((tx) => sender.wake(firm, undefined, tx));
    expect(await waiting()).toBe(1);
    await sender.wake(firm);
    expect(await waiting()).toBe(1);
    // A later wake does not stand in the way of an earlier one.
    await sender.wake(firm, systemClock.now().getTime() + 3_600_000);
    await sender.wake(firm, systemClock.now().getTime() + 1_800_000);
    expect(await waiting()).toBe(3);
  });

  it('wakes from a web process, which works on nothing itself', async () => {
    const web = await process(systemClock, 'web');
    await web.serve(() => Promise.reject(new RangeError('a web process holds no lane')));
    const worker = await process(systemClock, 'worker');
    const came = gate();
    let isStarted = false;
    await worker.serve(async () => {
      if (isStarted) came.open();
      return null;
    });
    await worker.drain();
    isStarted = true;
    await web.wake(firm);
    await came.opened;
    expect(log).toEqual([]);
  });

  it('comes back at the time the handler said', async () => {
    const lanes = await process();
    const came = gate();
    let at: number | null = null;
    await lanes.serve(async () => {
      const now = systemClock.now().getTime();
      if (at === null) return (at = now + 300);
      if (now >= at) came.open();
      return null;
    });
    await came.opened;
    expect(log).toEqual([]);
  });

  it('takes over the lane of a holder that died', async () => {
    const [isIn, tookOver, dead] = [gate(), gate(), gate()];
    const first = await process(fixedClock(systemClock.now()));
    await first.serve(async () => {
      isIn.open();
      await dead.opened;
      return null;
    });
    await isIn.opened;
    const clock = new TestClock();
    const second = await process(clock);
    await second.serve(async () => {
      tookOver.open();
      return null;
    });
    await expire();
    await clock.advance(10_000);
    await tookOver.opened;
    dead.open();
  });

  it('refuses what a holder writes that wakes up late', async () => {
    const events = new EventStore(opened.database, systemClock);
    await events.append([anEvent(firm)]);
    const [event] = await events.received(firm, systemClock.now().getTime(), 1);
    if (event === undefined) throw new TypeError('no event');
    const [isIn, mayWrite, isRefused] = [gate(), gate(), gate()];
    const refusals: unknown[] = [];
    const late = await process(fixedClock(systemClock.now()));
    let fenceOfLate = 0;
    await late.serve(async (_connectionId, _signal, fence) => {
      fenceOfLate = fence;
      isIn.open();
      await mayWrite.opened;
      await events.settle([{ event, set: { status: 'ready' } }]).catch((error) => refusals.push(error));
      isRefused.open();
      return null;
    });
    await isIn.opened;
    await expire();
    const next = await process();
    const fences: number[] = [];
    await next.serve(async (_connectionId, _signal, fence) => {
      fences.push(fence);
      return null;
    });
    await next.drain();
    mayWrite.open();
    await isRefused.opened;
    expect(refusals).toMatchObject([{ code: 'lane.lost', retry: 'later' }]);
    expect(Math.min(...fences)).toBeGreaterThan(fenceOfLate);
    const check = opened.database.write((tx) => assertHeld(tx, firm, fenceOfLate));
    await expect(check).rejects.toThrow(/another process has taken it over/);
    expect((await opened.database.repo(InboundEvent).findOneByOrFail({ id: event.id })).status).toBe(
      'received',
    );
  });

  it('tells a holder that its lane is lost', async () => {
    const clock = new TestClock();
    const [isIn, hasHeard] = [gate(), gate()];
    const lanes = await process(clock);
    let reason: unknown;
    let mostListeners: number | undefined;
    await lanes.serve(async (_connectionId, signal) => {
      mostListeners = getMaxListeners(signal);
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
      hasHeard.open();
      return null;
    });
    await isIn.opened;
    await opened.database.write((tx) => tx.update(Lane, { connectionId: firm }, { fence: 99 }));
    await clock.advance(4_000);
    await hasHeard.opened;
    expect(reason).toMatchObject({ code: 'lane.lost' });
    // A batch of steps listens side by side; Node would warn of a leak.
    expect(mostListeners).toBe(Infinity);
  });

  it('keeps a lane as long as the holder lives', async () => {
    const clock = new TestClock();
    const [isIn, mayGo] = [gate(), gate()];
    const lanes = await process(clock);
    let wasLost = false;
    await lanes.serve(async (_connectionId, signal) => {
      isIn.open();
      await mayGo.opened;
      wasLost = signal.aborted;
      return null;
    });
    await isIn.opened;
    const leaseEnd = async () =>
      (await opened.database.repo(Lane).findOneByOrFail({ connectionId: firm })).expiresAt;
    await expire();
    await clock.advance(4_000);
    // The renewal is on its way when the timer has fired.
    while ((await leaseEnd()) === 1) await opened.database.ping();
    expect(await leaseEnd()).toBeGreaterThan(1);
    mayGo.open();
    await lanes.drain();
    expect(wasLost).toBe(false);
  });

  it('stops by itself when the lease cannot be renewed', async () => {
    const clock = new TestClock();
    const [isIn, hasHeard] = [gate(), gate()];
    const lanes = await process(clock);
    await lanes.serve(async (_connectionId, signal) => {
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      hasHeard.open();
      return null;
    });
    await isIn.opened;
    await opened.database.write(async (tx) => {
      // Whoever wants to renew the lease waits for this row.
      await tx.query('select 1 from lanes where connection_id = $1 for update', [firm]);
      await clock.advance(11_000);
      await hasHeard.opened;
    });
  });

  it('drains on what it had not done when it lost the lane', async () => {
    const clock = new TestClock();
    const isIn = gate();
    const lanes = await process(clock);
    let calls = 0;
    await lanes.serve(async (_connectionId, signal) => {
      if (++calls > 1) return null;
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return null;
    });
    await isIn.opened;
    const drained = lanes.drain();
    await opened.database.write(async (tx) => {
      await tx.query('select 1 from lanes where connection_id = $1 for update', [firm]);
      await clock.advance(11_000);
    });
    await drained;
    expect(calls).toBeGreaterThan(1);
  });

  it('drains on what a holder has lost that is still letting go of the lane', async () => {
    const clock = new TestClock();
    const [isIn, isLettingGo, isRefused, mayLetGo] = [gate(), gate(), gate(), gate()];
    /** The same database, where the holder's last statement is slow. */
    const slow = Object.create(opened.database) as Database;
    let statements: number | null = null;
    slow.write = async (work) => {
      const index = statements === null ? null : statements++;
      if (index === 0) {
        isLettingGo.open();
        await mayLetGo.opened;
      }
      const value = await opened.database.write(work);
      // Whoever cannot take the lane leaves word with its holder.
      if (index === 2) isRefused.open();
      return value;
    };
    const lanes = await process(clock, 'all', slow);
    let calls = 0;
    await lanes.serve(async (_connectionId, signal) => {
      if (++calls > 1) return null;
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      statements = 0;
      return null;
    });
    await isIn.opened;
    await opened.database.write(async (tx) => {
      await tx.query('select 1 from lanes where connection_id = $1 for update', [firm]);
      await clock.advance(11_000);
    });
    await isLettingGo.opened;
    const drained = lanes.drain();
    await isRefused.opened;
    mayLetGo.open();
    await drained;
    expect(calls).toBeGreaterThan(1);
  });

  it('hands what it holds to another process when it stops', async () => {
    const [isIn, goesOn] = [gate(), gate()];
    const first = await process();
    await first.serve(async (_connectionId, signal) => {
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return null;
    });
    await isIn.opened;
    const second = await process(new TestClock());
    let isFirstGone = false;
    await second.serve(async () => {
      if (isFirstGone) goesOn.open();
      return null;
    });
    isFirstGone = true;
    await first.stop();
    await goesOn.opened;
  });

  it('tries again after a failure, and says so', async () => {
    const clock = new TestClock();
    const lanes = await process(clock);
    const failed = gate();
    await lanes.serve(() => {
      failed.open();
      return Promise.reject(new RangeError('no such luck'));
    });
    await failed.opened;
    await lanes.drain();
    expect(log[0]).toMatch(new RegExp(`${firm} stopped and is tried again: no such luck`));
  });

  it('needs no order among processes that start together', async () => {
    const all = await Promise.all([process(), process(), process()]);
    await Promise.all(all.map((lanes) => lanes.serve(nothingToDo)));
    expect(log).toEqual([]);
  });
});
