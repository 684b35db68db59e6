import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getMaxListeners } from 'node:events';
import { EmbeddedLanes } from '../../src/lanes/embedded-lanes.js';
import type { LaneHandler } from '../../src/lanes/lanes.js';
import { aConnection } from '../support/rows.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { TestClock } from '../support/test-clock.js';

const [sqlite] = databases;

/** Something that happens once, and can be waited for. */
function gate() {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('the lanes of one process', () => {
  let opened: TestDatabase;
  let clock: TestClock;
  let lanes: EmbeddedLanes;
  let errors: string[];
  let calls: string[];
  let firm: string;

  /** Notes every call; `next` says when to come again. */
  const noting =
    (next: (connectionId: string) => number | null = () => null): LaneHandler =>
    async (connectionId) => {
      calls.push(connectionId);
      return next(connectionId);
    };
  const inSeconds = (seconds: number) => clock.now().getTime() + seconds * 1000;

  beforeEach(async () => {
    opened = await sqlite.open();
    clock = new TestClock();
    errors = [];
    calls = [];
    const error = (message: string) => void errors.push(message);
    lanes = new EmbeddedLanes(opened.database, clock, { error });
    firm = (await aConnection(opened.database)).id;
  });
  afterEach(async () => {
    await lanes.stop();
    await opened.close();
  });

  it('wakes every connection at start', async () => {
    const other = await aConnection(opened.database);
    await lanes.serve(noting());
    expect(calls.sort()).toEqual([firm, other.id].sort());
  });

  it('wakes nobody before somebody serves', async () => {
    await lanes.wake(firm);
    expect(calls).toEqual([]);
  });

  it('has one handler per connection at a time; a wake meanwhile makes it run once more', async () => {
    const [isIn, mayGo, cameAgain] = [gate(), gate(), gate()];
    let running = 0;
    let most = 0;
    await lanes.serve(async (connectionId) => {
      calls.push(connectionId);
      if (calls.length === 2) cameAgain.open();
      most = Math.max(most, ++running);
      isIn.open();
      await mayGo.opened;
      running--;
      return null;
    });
    await isIn.opened;
    await Promise.all([lanes.wake(firm), lanes.wake(firm), lanes.wake(firm)]);
    mayGo.open();
    await cameAgain.opened;
    await lanes.stop();
    expect([most, calls.length]).toEqual([1, 2]);
  });

  it('works on another connection while one is slow', async () => {
    const other = (await aConnection(opened.database)).id;
    const slow = gate();
    const done = gate();
    await lanes.serve(async (connectionId) => {
      if (connectionId === firm) await slow.opened;
      else done.open();
      return null;
    });
    await done.opened;
    slow.open();
    expect(other).not.toBe(firm);
  });

  it('comes again when the handler said, and not before', async () => {
    const times = [inSeconds(10), null, null];
    await lanes.serve(noting(() => times.shift() ?? null));
    await lanes.drain();
    const before = calls.length;
    await clock.advance(9_999);
    expect(calls).toHaveLength(before);
    await clock.advance(1);
    expect(calls).toHaveLength(before + 1);
  });

  it('comes again at once when something is due already', async () => {
    const times = [inSeconds(-1), inSeconds(0), null];
    await lanes.serve(noting(() => times.shift() ?? null));
    await lanes.drain();
    expect(times).toEqual([]);
  });

  it('keeps the earliest of several later wakes', async () => {
    await lanes.serve(noting());
    await lanes.drain();
    calls = [];
    await lanes.wake(firm, inSeconds(20));
    await lanes.wake(firm, inSeconds(5));
    await lanes.wake(firm, inSeconds(10));
    await clock.advance(5_000);
    expect(calls).toEqual([firm]);
  });

  it('wakes after the commit, and never for what was rolled back', async () => {
    await lanes.serve(noting());
    await lanes.drain();
    calls = [];
    await opened.database.write(async (tx) => {
      await lanes.wake(firm, undefined, tx);
      expect(calls).toEqual([]);
    });
    expect(calls).toEqual([firm]);
    const failing = opened.database.write(async (tx) => {
      await lanes.wake(firm, undefined, tx);
      await tx.query('select * from no_such_table');
    });
    await expect(failing).rejects.toThrow(/no_such_table/);
    await lanes.drain();
    expect(calls).toEqual([firm, firm]);
  });

  it('sweeps every 30 seconds, so that a lost wake costs no work', async () => {
    const swept = gate();
    let late = '';
    await lanes.serve(async (connectionId) => {
      if (connectionId === late) swept.open();
      calls.push(connectionId);
      return null;
    });
    await lanes.drain();
    calls = [];
    late = (await aConnection(opened.database)).id;
    await clock.advance(29_999);
    expect(calls).toEqual([]);
    await clock.advance(1);
    await swept.opened;
  });

  it('tries again after a failure, and says so', async () => {
    let isBroken = true;
    await lanes.serve(async (connectionId) => {
      if (isBroken) throw new RangeError('no such luck');
      calls.push(connectionId);
      return null;
    });
    await lanes.drain();
    expect(errors[0]).toMatch(/tried again: no such luck/);
    isBroken = false;
    await clock.advance(5_000);
    await lanes.drain();
    expect(calls.length).toBeGreaterThan(0);
    expect(errors.every((message) => message.includes(firm))).toBe(true);
  });

  it('lets any number of calls listen for the stop, without a warning of a leak', async () => {
    let most: number | undefined;
    await lanes.serve(async (_connectionId, signal) => {
      most = getMaxListeners(signal);
      return null;
    });
    await lanes.drain();
    expect(most).toBe(Infinity);
  });

  it('stops by telling the handler, waits for it, and starts nothing more', async () => {
    const isIn = gate();
    const mayEnd = gate();
    let hasEnded = false;
    await lanes.serve(async (_connectionId, signal) => {
      isIn.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await mayEnd.opened;
      hasEnded = true;
      return null;
    });
    await isIn.opened;
    const stopped = lanes.stop();
    expect(hasEnded).toBe(false);
    mayEnd.open();
    await stopped;
    expect(hasEnded).toBe(true);
    await lanes.wake(firm);
    await clock.advance(60_000);
    await lanes.stop();
  });

  it('counts the holdings', async () => {
    const fences: number[] = [];
    await lanes.serve(async (_connectionId, _signal, fence) => {
      fences.push(fence);
      return null;
    });
    await lanes.drain();
    await lanes.drain();
    expect(fences).toEqual(fences.map((_, index) => index + 1));
    expect(fences.length).toBeGreaterThan(1);
  });
});
