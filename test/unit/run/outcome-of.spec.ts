import { describe, expect, it } from '@jest/globals';
import type { Safety } from '../../../src/act/action.js';
import type { Outcome } from '../../../src/lib/outcome.js';
import { outcomeOf, type RetryPolicy } from '../../../src/run/outcome-of.js';
import type { StepFailure } from '../../../src/run/step-failure.js';

const now = Date.UTC(2026, 10, 24, 9, 0, 0);
const policy: RetryPolicy = {
  maxAttempts: 3,
  backoff: 'exponential',
  delayMs: 30_000,
  maxDelayMs: 3_600_000,
};
const problem = { code: 'clio.server_error', message: 'Clio failed.' };
const evenly = 0.5; // no spread: 100 percent of the wait

const failure = (facts: Partial<StepFailure>): StepFailure => ({
  problem,
  cause: 'later',
  applied: 'no',
  inDoubt: false,
  ...facts,
});
const retryIn = (seconds: number): Outcome => ({ kind: 'retry', at: now + seconds * 1000, error: problem });
const fail: Outcome = { kind: 'fail', error: problem };
const unknown: Outcome = { kind: 'unknown', error: problem };

interface Row {
  when: string;
  facts: Partial<StepFailure>;
  tries?: [made: number, counted: number];
  safety?: Safety;
  then: Outcome;
}

const rows: Row[] = [
  { when: 'no authorisation', facts: { cause: 'authorisation' }, then: retryIn(900) },
  {
    when: 'no authorisation, many tries later',
    facts: { cause: 'authorisation' },
    tries: [99, 99],
    then: retryIn(900),
  },
  {
    when: 'no authorisation for a probe',
    facts: { cause: 'authorisation', inDoubt: true },
    then: retryIn(900),
  },
  {
    when: 'rate limited with a Retry-After',
    facts: { cause: 'weather', retryAfterMs: 7_000 },
    then: retryIn(7),
  },
  { when: 'rate limited without one', facts: { cause: 'weather' }, tries: [2, 1], then: retryIn(60) },
  { when: 'bad weather beyond the policy', facts: { cause: 'weather' }, tries: [40, 3], then: retryIn(3600) },
  { when: 'bad weather for a once action', facts: { cause: 'weather' }, safety: 'once', then: retryIn(30) },
  { when: 'refused for good', facts: { cause: 'never' }, then: fail },
  { when: 'refused for good, once action', facts: { cause: 'never' }, safety: 'once', then: fail },
  { when: 'probe refused for good', facts: { cause: 'never', inDoubt: true }, then: unknown },
  {
    when: 'our own bug after the effect, perhaps',
    facts: { cause: 'never', applied: 'maybe' },
    then: unknown,
  },
  { when: 'answer lost, once action', facts: { applied: 'maybe' }, safety: 'once', then: unknown },
  { when: 'not applied, once action', facts: {}, safety: 'once', then: retryIn(30) },
  { when: 'not applied, first try', facts: {}, then: retryIn(30) },
  { when: 'not applied, second try', facts: {}, tries: [2, 2], then: retryIn(60) },
  { when: 'not applied, last try', facts: {}, tries: [3, 3], then: fail },
  {
    when: 'not applied, last by all tries but not by those that count',
    facts: {},
    tries: [5, 2],
    then: retryIn(60),
  },
  { when: 'answer lost, first try', facts: { applied: 'maybe' }, then: retryIn(30) },
  { when: 'answer lost, last try', facts: { applied: 'maybe' }, tries: [3, 3], then: unknown },
  {
    when: 'answer lost, last try, repeatable',
    facts: { applied: 'maybe' },
    tries: [3, 3],
    safety: 'repeatable',
    then: unknown,
  },
  { when: 'probe failed on the last try', facts: { inDoubt: true }, tries: [3, 3], then: unknown },
  { when: 'cut off by a stop of the engine', facts: { applied: 'maybe', retryAfterMs: 0 }, then: retryIn(0) },
  { when: 'a server that names its own delay', facts: { retryAfterMs: 5_000 }, then: retryIn(5) },
];

describe('outcomeOf', () => {
  it('is done with the output when the try succeeded, whatever came before', () => {
    const outcome = outcomeOf({ ok: true, output: { id: 4 } }, { made: 9, counted: 9 }, 'once', policy, {
      now,
      random: evenly,
    });
    expect(outcome).toEqual({ kind: 'done', output: { id: 4 } });
  });

  it('is skipped with the reason when the try left all as it is', () => {
    const left = { ok: true, output: {}, leftAlone: 'Somebody changed it.' } as const;
    const at = { now, random: evenly };
    expect(outcomeOf(left, { made: 1, counted: 1 }, 'once', policy, at)).toEqual({
      kind: 'skip',
      reason: 'Somebody changed it.',
    });
  });

  it.each(rows)(
    '$when: $then.kind',
    ({ facts, tries: [made, counted] = [1, 1], safety = 'check-first', then }) => {
      const result = { ok: false, failure: failure(facts) } as const;
      expect(outcomeOf(result, { made, counted }, safety, policy, { now, random: evenly })).toEqual(then);
    },
  );

  it('spreads the wait over 80 to 120 percent, and leaves what Clio asked for alone', () => {
    const at = (facts: Partial<StepFailure>, random: number) =>
      outcomeOf({ ok: false, failure: failure(facts) }, { made: 1, counted: 1 }, 'check-first', policy, {
        now,
        random,
      });
    expect(at({}, 0)).toEqual(retryIn(24));
    expect(at({}, 0.999999)).toEqual(retryIn(36));
    expect(at({ retryAfterMs: 10_000 }, 0)).toEqual(retryIn(10));
  });

  it('keeps a fixed delay when the policy says so', () => {
    const fixed: RetryPolicy = { ...policy, backoff: 'fixed', delayMs: 60_000 };
    const result = { ok: false, failure: failure({}) } as const;
    const outcome = outcomeOf(result, { made: 2, counted: 2 }, 'check-first', fixed, { now, random: evenly });
    expect(outcome).toEqual(retryIn(60));
  });
});
