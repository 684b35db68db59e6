import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextStart, shareBatch, slotsOf } from '../../../src/store/run-control.js';

describe('nextStart', () => {
  it('never lets more than the limit start in a period, loses nothing, and keeps the order', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (waits, limit, periodMs) => {
          const starts: number[] = [];
          let now = 0;
          for (const wait of waits) {
            now += wait;
            const at = nextStart(starts.at(-limit) ?? null, { key: '', limit, periodMs }, now);
            expect(at).toBeGreaterThanOrEqual(now);
            expect(at).toBeGreaterThanOrEqual(starts.at(-1) ?? 0);
            starts.push(at);
          }
          for (const start of starts)
            expect(starts.filter((at) => at > start - periodMs && at <= start).length).toBeLessThanOrEqual(
              limit,
            );
        },
      ),
    );
  });

  it('delays nothing that has room', () => {
    expect(nextStart(null, { key: '', limit: 1, periodMs: 60 }, 5)).toBe(5);
    expect(nextStart(10, { key: '', limit: 1, periodMs: 60 }, 70)).toBe(70);
    expect(nextStart(10, { key: '', limit: 1, periodMs: 60 }, 69)).toBe(70);
  });
});

describe('shareBatch', () => {
  it('fills the batch in the order of classes, and starves none', () => {
    const counts = fc.integer({ min: 0, max: 80 });
    fc.assert(
      fc.property(counts, counts, counts, fc.integer({ min: 1, max: 60 }), (urgent, plain, bulk, limit) => {
        const classes = [urgent, plain, bulk].map((count, place) =>
          Array.from({ length: count }, (_, index) => ({ place, index })),
        );
        const taken = shareBatch(classes, limit);
        expect(taken).toHaveLength(Math.min(limit, urgent + plain + bulk));
        const places = taken.map(({ place }) => place);
        expect(places).toEqual([...places].sort());
        for (const [place, members] of classes.entries()) {
          const own = taken.filter((one) => one.place === place);
          expect(own).toEqual(members.slice(0, own.length));
          if (place > 0)
            expect(own.length).toBeGreaterThanOrEqual(Math.min(members.length, Math.floor(limit / 10)));
        }
        const later = Math.min(plain, Math.floor(limit / 10)) + Math.min(bulk, Math.floor(limit / 10));
        const first = places.filter((place) => place === 0).length;
        expect(first).toBe(Math.min(urgent, limit - later));
      }),
    );
  });
});

describe('slotsOf', () => {
  it('is one, but for parallel', () => {
    const of = (mode: 'queued' | 'parallel', max: number | null) => slotsOf({ key: '', mode, max });
    expect([of('queued', 9), of('parallel', 3), of('parallel', null), slotsOf(null)]).toEqual([
      1,
      3,
      null,
      1,
    ]);
  });
});
