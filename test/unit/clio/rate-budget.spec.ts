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
    budget.learn(limits(2, 30_000), undefined);
    const allowed = ask(budget, 5);
    await clock.advance(29_999);
    expect(allowed()).toBe(2);
    await clock.advance(1);
    expect(allowed()).toBe(5);
  });

  it('takes the lowest figure of a window, because answers overtake each other', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(limits(3, 30_000), undefined);
    budget.learn(limits(9, 30_000), undefined);
    const allowed = ask(budget, 10);
    await clock.advance(1000);
    expect(allowed()).toBe(3);
  });

  it('learns a higher limit', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(limits(80, 10_000, 80), undefined);
    const allowed = ask(budget, 200);
    await clock.advance(0);
    expect(allowed()).toBe(80);
  });

  it('stops everybody for Retry-After', async () => {
    const budget = new RateBudget(clock, undefined);
    budget.learn(new Headers(), 17_000);
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
    budget.learn(limits(0, 10_000), undefined);
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
      new Headers({ 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '', 'x-ratelimit-reset': 'soon' }),
      undefined,
    );
    const allowed = ask(budget, 60);
    await clock.advance(0);
    expect(allowed()).toBe(50);
  });
});
