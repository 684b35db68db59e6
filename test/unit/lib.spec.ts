import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from '../../src/lib/backoff.js';
import { delay, fixedClock, systemClock } from '../../src/lib/clock.js';
import { didYouMean, nearest } from '../../src/lib/did-you-mean.js';
import {
  assertNever,
  InvariantError,
  messageOf,
  RuleError,
  StoreError,
  UpstreamError,
} from '../../src/lib/errors.js';
import { newId, newSecret, referenceOf } from '../../src/lib/ids.js';
import { canonicalJson, contentHash, isSameJson, readPath } from '../../src/lib/json.js';

describe('backoffMs', () => {
  const policy = { backoff: 'exponential', delayMs: 1000, maxDelayMs: 60_000 } as const;

  it.each([
    [1, 1000],
    [2, 2000],
    [5, 16_000],
    [7, 60_000],
    [500, 60_000],
  ])('after %d tries waits %d ms at the middle of the spread', (attempt, expected) => {
    expect(backoffMs(attempt, policy, 0.5)).toBe(expected);
  });

  it('stays the same when fixed', () => {
    expect(backoffMs(5, { ...policy, backoff: 'fixed' }, 0.5)).toBe(1000);
  });

  it('spreads over 80 to 120 percent', () => {
    expect(backoffMs(1, policy, 0)).toBe(800);
    expect(backoffMs(1, policy, 0.999999)).toBe(1200);
  });
});

describe('ids', () => {
  it('sort in the order they were made', () => {
    const ids = Array.from({ length: 200 }, newId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(200);
  });

  it('give the same reference for the same step, without letters that look like digits', () => {
    expect(referenceOf('step-1')).toBe(referenceOf('step-1'));
    expect(referenceOf('step-1')).not.toBe(referenceOf('step-2'));
    fc.assert(fc.property(fc.string(), (id) => /^[0-9A-HJKMNP-TV-Z]{8}$/.test(referenceOf(id))));
  });

  it('makes secrets of 256 bits', () => {
    expect(Buffer.from(newSecret(), 'base64url')).toHaveLength(32);
    expect(newSecret()).not.toBe(newSecret());
  });
});

describe('readPath', () => {
  const record = { matter: { stage: { name: 'Discovery' }, tags: [{ id: 7 }], none: null } };

  it.each([
    ['matter.stage.name', 'Discovery'],
    ['matter.tags.0.id', 7],
    ['matter.none', null],
    ['matter.none.deeper', undefined],
    ['matter.stage.name.length', undefined],
    ['matter.constructor.name', undefined],
    ['__proto__', undefined],
    ['matter.tags.length', 1],
  ])('%s', (path, expected) => {
    expect(readPath(record, path)).toBe(expected);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(contentHash({ a: 1, b: [{ c: 1, d: 2 }] })).toBe(contentHash({ b: [{ d: 2, c: 1 }], a: 1 }));
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(isSameJson([1, 2], [2, 1])).toBe(false);
  });

  it('parses back to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('did you mean', () => {
  it.each([
    ['conditon', 'conditions'],
    ['triger', 'triggers'],
    ['MATTER.STATUS', 'matter.status'],
  ])('%s', (word, expected) => {
    expect(nearest(word, ['actions', 'conditions', 'triggers', 'matter.status'])).toBe(expected);
  });

  const words = ['responsible_attorney', 'originating_attorney', 'due_at', 'matter_stage', 'matter_stage_updated_at', 'name', 'id', 'is', 'description']; // prettier-ignore

  it.each([
    ['attorney_responsible', 'responsible_attorney'],
    ['responsibleAttorney', 'responsible_attorney'],
    ['attorney_responsable', 'responsible_attorney'],
    ['due', 'due_at'],
    ['dueDate', 'due_at'],
    ['desc', 'description'],
    ['nmae', 'name'],
    ['nam', 'name'],
    ['di', 'id'],
    ['si', 'is'],
    ['stage', 'matter_stage'],
    ['stageMatter', 'matter_stage'],
  ])('%s', (word, expected) => {
    expect(nearest(word, words)).toBe(expected);
  });

  it.each(['no', 'who', 'attorney', 'at', 'home', 'x', ''])('guesses nothing from "%s"', (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });

  it('keeps quiet when nothing is near', () => {
    expect(didYouMean('zebra', ['actions', 'conditions'])).toBe('');
    expect(didYouMean('acton', ['actions'])).toBe(' Did you mean "actions"?');
  });
});

describe('clock', () => {
  it('stands still when fixed', () => {
    const at = new Date('2026-03-02T10:00:00Z');
    const clock = fixedClock(at);
    clock.now().setFullYear(1999);
    expect(clock.now()).toEqual(at);
    let fired = false;
    clock.after(0, () => (fired = true))();
    expect(fired).toBe(false);
  });

  it('ends a delay early when it is aborted', async () => {
    const controller = new AbortController();
    const waiting = delay(systemClock, 60_000, controller.signal);
    controller.abort(new RuleError('rule.invalid', 'stop'));
    await expect(waiting).rejects.toThrow('stop');
    await expect(delay(systemClock, 60_000, controller.signal)).rejects.toThrow('stop');
  });

  it('fires after a delay', async () => {
    await expect(delay(systemClock, 1, new AbortController().signal)).resolves.toBeUndefined();
    await expect(delay(systemClock, 1)).resolves.toBeUndefined();
  });
});

describe('errors', () => {
  it('carry their code, their cause and whether a write may have been applied', () => {
    const cause = new StoreError('store.unavailable', 'locked');
    const error = new UpstreamError('clio.timeout', 'No answer.', {
      retry: 'later',
      applied: 'maybe',
      cause,
    });
    expect(error).toMatchObject({
      name: 'UpstreamError',
      code: 'clio.timeout',
      retry: 'later',
      applied: 'maybe',
      cause,
    });
    expect(error.details).toEqual({});
  });

  it('have a message for anything thrown', () => {
    expect(messageOf('plain')).toBe('plain');
    expect(messageOf(new InvariantError('ours'))).toBe('ours');
    expect(() => assertNever('x' as never)).toThrow(/"x"/);
  });
});
