import { beforeEach, describe, expect, it } from '@jest/globals';
import { RateBudget } from '../../../src/clio/rate-budget.js';
import { RuleError } from '../../../src/lib/errors.js';
import { TestClock } from '../../support/test-clock.js';

let clock: TestClock;
beforeEach(() => {
  clock = new TestClock();
});

/** Asks `count` times; answers how many were allowed so far. */
function ask(budget: RateBudget, count: number): () => number {
  let allowed = 0;
  for (let index = 0; index < count; index++) void budget.take().then(() => allowed++);
  return () => allowed;
}

const limits = (remaining: number, resetInMs: number, limit = 50) =>
  new Headers({
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String((clock.now().getTime() + resetInMs) / 1000),
  });

const answer = (headers: Headers, status = 200, retryAfterMs?: number) => ({ status, headers, retryAfterMs });

/** What Clio says when its clock is `aheadMs` ahead of ours. */
const toldBy = (aheadMs: number, remaining: number, resetInMs: number) =>
  answer(
    new Headers({
      date: new Date(clock.now().getTime() + aheadMs).toUTCString(),
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String((clock.now().getTime() + aheadMs + resetInMs) / 1000),
    }),
  );

describe('RateBudget', () => {
  it('starts with 50 calls in any minute', async () => {
    const allowed = ask(new RateBudget(clock, undefined), 120);
    await clock.advance(0);
    expect(allowed()).toBe(50);
    await clock.advance(59_999);
    expect(allowed()).toBe(50);
    await clock.advance(1);
    expect(allowed()).toBe(100);
    await clock.advance(60_000);
    expect(allowed()).toBe(120);
  });

  it("believes Clio's remaining calls over its own count", async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(limits(2, 30_000)));
    const allowed = ask(budget, 5);
    await clock.advance(29_999);
    expect(allowed()).toBe(2);
    await clock.advance(1);
    expect(allowed()).toBe(5);
  });

  it('takes the lowest figure of a window, because answers overtake each other', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(limits(3, 30_000)));
    budget.learn(answer(limits(9, 30_000)));
    const allowed = ask(budget, 10);
    await clock.advance(1000);
    expect(allowed()).toBe(3);
  });

  it.each([
    ['calls of a minute', () => new RateBudget(clock, undefined), 50],
    ['calls of an hour', () => new RateBudget(clock, 10), 10],
    [
      'a refusal',
      () => {
        const budget = new RateBudget(clock, undefined);
        budget.learn(answer(new Headers(), 429, 30_000));
        return budget;
      },
      0,
    ],
    [
      'a window that is used up',
      () => {
        const budget = new RateBudget(clock, undefined);
        budget.learn(answer(limits(0, 30_000)));
        return budget;
      },
      0,
    ],
  ])('is not stopped by %s when the clock is put back by days', async (_, make, first) => {
    const budget = make();
    const allowed = ask(budget, first + 1);
    await clock.advance(0);
    expect(allowed()).toBe(first);
    await clock.leap(-2 * 24 * 3_600_000);
    const later = ask(budget, 1);
    await clock.advance(2 * 3_600_000);
    expect([allowed(), later(), budget.spareInMs()]).toEqual([first + 1, 1, 0]);
  });

  it('learns a higher limit', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(limits(80, 10_000, 80)));
    const allowed = ask(budget, 200);
    await clock.advance(0);
    expect(allowed()).toBe(80);
  });

  it('stops everybody for Retry-After', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(new Headers(), 429, 17_000));
    const allowed = ask(budget, 3);
    await clock.advance(16_999);
    expect(allowed()).toBe(0);
    await clock.advance(1);
    expect(allowed()).toBe(3);
  });

  it('keeps an hourly cap', async () => {
    const allowed = ask(new RateBudget(clock, 60), 61);
    await clock.advance(3_599_999);
    expect(allowed()).toBe(60);
    await clock.advance(60_001);
    expect(allowed()).toBe(61);
  });

  it('lets a caller that gives up go, and the next one in', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(limits(0, 10_000)));
    const controller = new AbortController();
    const first = budget.take(controller.signal);
    const second = ask(budget, 1);
    controller.abort(new RuleError('rule.invalid', 'given up'));
    await expect(first).rejects.toThrow('given up');
    await clock.advance(10_000);
    expect(second()).toBe(1);
  });

  it('ignores headers that are not numbers', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(
      answer(
        new Headers({
          'x-ratelimit-limit': 'many',
          'x-ratelimit-remaining': '',
          'x-ratelimit-reset': 'soon',
        }),
      ),
    );
    const allowed = ask(budget, 60);
    await clock.advance(0);
    expect(allowed()).toBe(50);
  });

  it.each([
    ['an hour behind', 3_600_000],
    ['an hour ahead', -3_600_000],
  ])('waits for the end of the window, not longer, by a clock that is %s', async (_, aheadMs) => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(toldBy(aheadMs, 0, 20_000));
    const allowed = ask(budget, 1);
    await clock.advance(19_999);
    expect(allowed()).toBe(0);
    await clock.advance(1);
    expect(allowed()).toBe(1);
  });

  it('waits a minute at most, even when Clio does not tell its time', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(answer(limits(0, 3_600_000)));
    const allowed = ask(budget, 1);
    await clock.advance(59_999);
    expect(allowed()).toBe(0);
    await clock.advance(1);
    expect(allowed()).toBe(1);
  });

  it('slows down after a 429 that does not say for how long, and longer after the next', async () => {
    const budget = new RateBudget(clock, undefined);
    // Calls that were under way together are refused together: that is one refusal.
    for (let call = 0; call < 10; call++) budget.learn(answer(new Headers(), 429));
    const first = ask(budget, 1);
    await clock.advance(4_999);
    expect(first()).toBe(0);
    await clock.advance(1);
    expect(first()).toBe(1);

    budget.learn(answer(new Headers(), 429));
    const second = ask(budget, 1);
    await clock.advance(9_999);
    expect(second()).toBe(0);
    await clock.advance(1);
    expect(second()).toBe(1);

    budget.learn(answer(new Headers(), 200));
    budget.learn(answer(new Headers(), 429));
    const third = ask(budget, 1);
    await clock.advance(5_000);
    expect(third()).toBe(1);
  });

  it('knows how far the two clocks are apart', () => {
    const budget = new RateBudget(clock, undefined);
    expect(budget.skewMs).toBe(0);
    budget.learn(toldBy(-420_000, 10, 20_000));
    expect(budget.skewMs).toBe(-420_000);
  });

  it('spares calls in the background only while more than half of the window is left', async () => {
    const budget = new RateBudget(clock, undefined);
    expect(budget.spareInMs()).toBe(0);
    budget.learn(answer(limits(26, 30_000)));
    expect(budget.spareInMs()).toBe(0);
    budget.learn(answer(limits(25, 30_000)));
    expect(budget.spareInMs()).toBe(30_000);
    const steps = ask(budget, 25);
    await clock.advance(0);
    expect(steps()).toBe(25);
    expect(budget.spareInMs()).toBe(30_000);
    await clock.advance(60_000);
    expect(budget.spareInMs()).toBe(0);
  });

  it('spares none while Clio refuses, and counts for itself until Clio has said how much there is', async () => {
    const budget = new RateBudget(clock, undefined);
    ask(budget, 24);
    await clock.advance(0);
    expect(budget.spareInMs()).toBe(0);
    ask(budget, 1);
    await clock.advance(0);
    expect(budget.spareInMs()).toBe(60_000);
    budget.learn(answer(new Headers(), 429, 90_000));
    expect(budget.spareInMs()).toBe(90_000);
  });

  it('lets go of a caller that gives up, though it is not its turn', async () => {
    const budget = new RateBudget(clock, undefined);
    const before = ask(budget, 51);
    const stop = new AbortController();
    const given = budget.take(stop.signal).catch((error: unknown) => error);
    const after = ask(budget, 1);
    const reason = new RuleError('rule.invalid', 'The engine is stopping.');
    await clock.advance(0);
    stop.abort(reason);
    expect(await given).toBe(reason);
    expect([before(), after()]).toEqual([50, 0]);
    await clock.advance(60_000);
    expect([before(), after()]).toEqual([51, 1]);
    expect(await budget.take(stop.signal).catch((error: unknown) => error)).toBe(reason);
  });
});
