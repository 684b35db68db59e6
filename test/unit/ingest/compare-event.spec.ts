import { describe, expect, it } from '@jest/globals';
import {
  compareEvent,
  needsRead,
  type EventFacts,
  type Known,
  type Sighting,
} from '../../../src/ingest/compare-event.js';
import type { JsonObject } from '../../../src/lib/json.js';

const FIELDS = 'id,etag,created_at,updated_at,status';

/** Version `n` of a matter, changed at second `at`. */
function version(n: number, over: JsonObject = {}, at = n): JsonObject {
  const updated_at = `2026-11-24T10:00:${String(at).padStart(2, '0')}-05:00`;
  return { id: 7, etag: `"v${n}"`, created_at: '2026-11-01T00:00:00Z', updated_at, status: `S${n}`, ...over };
}

let counter = 0;
function event(type: string, payload: JsonObject): EventFacts {
  return {
    id: `e${++counter}`,
    model: 'matter',
    type: `matter.${type}`,
    etag: payload['etag'] as string,
    payload,
  };
}

/** Follows events in order as the worker does. */
function follow(events: EventFacts[], from: Known | null = null, fresh?: JsonObject, echoes: string[] = []) {
  let known = from;
  return events.map((one) => {
    const sighting = compareEvent(one, known, { fields: FIELDS, fresh, isEcho: echoes.includes(one.id) });
    known = sighting.known;
    return sighting;
  });
}

/** What is known after one event. */
function after(type: string, payload: JsonObject): Known {
  return follow([event(type, payload)])[0]?.known as Known;
}

const seen = ({ record, previous, changed }: Sighting) => [record['status'], previous?.['status'], changed];

describe('compareEvent', () => {
  it('takes the first sight as a baseline', () => {
    const [sighting] = follow([event('updated', version(1))]);
    expect(sighting).toMatchObject({ record: version(1), previous: null, changed: null });
    expect(sighting?.known).toMatchObject({
      record: version(1),
      etag: '"v1"',
      updatedAt: version(1)['updated_at'],
    });
  });

  it('gives each event of a burst the state before it', () => {
    const sightings = follow([1, 2, 3].map((n) => event(n === 1 ? 'created' : 'updated', version(n))));
    expect(sightings.map(seen)).toEqual([
      ['S1', undefined, null],
      ['S2', 'S1', ['status']],
      ['S3', 'S2', ['status']],
    ]);
  });

  it('finds nothing changed in a version that is known', () => {
    const [, known] = follow([event('updated', version(1)), event('updated', version(2))]);
    for (const origin of [known?.known?.origin ?? null, null]) {
      const before = { ...(known?.known as Known), origin };
      expect(follow([event('updated', version(2))], before).map(seen)).toEqual([['S2', 'S2', []]]);
    }
  });

  it('handles a late delivery with the newest state, and keeps the newest state', () => {
    const known = after('updated', version(5));
    const [late] = follow([event('created', version(1))], known);
    expect(seen(late as Sighting)).toEqual(['S5', 'S5', []]);
    expect(late?.known).toBe(known);
  });

  it.each([['updated', 'opened'] as const, ['opened', 'updated'] as const])(
    'compares %s and %s of one change with the state before that change',
    (first, second) => {
      const events = [event(first, version(2)), event(second, version(2))];
      expect(follow(events, after('updated', version(1))).map(seen)).toEqual([
        ['S2', 'S1', ['status']],
        ['S2', 'S1', ['status']],
      ]);
    },
  );

  it('does not take the opening of a new matter for a change', () => {
    const events = [event('created', version(1)), event('opened', version(1))];
    expect(follow(events).map(seen)).toEqual([
      ['S1', undefined, null],
      ['S1', 'S1', []],
    ]);
  });

  it('does not report one change twice when the first of two events was read as the second', () => {
    const events = [event('updated', { id: 7, etag: '"v2"' }), event('opened', { id: 7, etag: '"v3"' })];
    expect(follow(events, after('updated', version(1)), version(3)).map(seen)).toEqual([
      ['S3', 'S1', ['status']],
      ['S3', 'S3', []],
    ]);
  });

  it('prefers the event’s own version to what Clio says by now', () => {
    const events = [event('updated', version(2)), event('updated', version(3))];
    expect(follow(events, after('updated', version(1)), version(4)).map(seen)).toEqual([
      ['S2', 'S1', ['status']],
      ['S3', 'S2', ['status']],
    ]);
  });

  it('asks Clio which of two versions of one second is the newer', () => {
    const known = after('updated', version(3, {}, 9));
    const older = event('updated', version(2, {}, 9));
    expect(follow([older], known, version(3, {}, 9)).map(seen)).toEqual([['S3', 'S3', []]]);
  });

  it('leaves a person’s change to its own event when our echo was read late', () => {
    const echo = event('updated', { id: 7, etag: '"v2"' });
    const person = event('updated', { id: 7, etag: '"v3"' });
    const sightings = follow([echo, person], after('updated', version(1)), version(3), [echo.id]);
    expect(sightings.map(seen)).toEqual([
      ['S3', 'S1', ['status']],
      ['S3', 'S1', ['status']],
    ]);
  });

  it('makes no baseline of what an echo of a new record was read as', () => {
    const echo = event('created', { id: 7, etag: '"v1"' });
    expect(follow([echo], null, version(2), [echo.id])[0]?.known).toBeNull();
  });

  it('moves the baseline with an echo of exactly its version', () => {
    const echo = event('updated', version(2));
    const [sighting] = follow([echo], after('updated', version(1)), undefined, [echo.id]);
    expect(sighting?.known?.record).toEqual(version(2));
  });

  it('tells of a deleted record what was last known of it, and forgets it', () => {
    const [gone] = follow([event('deleted', { id: 7, etag: '"v1"' })], after('updated', version(1)));
    expect(gone).toMatchObject({ record: version(1), previous: version(1), known: null });
  });

  it('has only the payload of a deleted record that was never seen', () => {
    const [gone] = follow([event('deleted', { id: 7, etag: '"v1"' })]);
    expect(gone).toMatchObject({ record: { id: 7 }, previous: null, known: null });
  });

  it('adds fields that are read for the first time without calling them changed', () => {
    const [sighting] = follow(
      [event('updated', version(2, { status: 'S1', note: 'x' }))],
      after('updated', version(1)),
    );
    expect(sighting?.changed).toEqual([]);
    expect(sighting?.known?.record).toMatchObject({ status: 'S1', note: 'x' });
  });

  it('compares a record without an etag by its time', () => {
    const events = [
      event('updated', version(1, { etag: null })),
      event('updated', version(2, { etag: null })),
    ];
    expect(follow(events).map(seen)[1]).toEqual(['S2', 'S1', ['status']]);
  });
});

describe('needsRead', () => {
  it.each<[string, EventFacts[], Known | null, boolean]>([
    ['a payload with every field', [event('created', version(1))], null, false],
    ['a payload without one', [event('created', { id: 7, etag: '"v1"' })], null, true],
    ['a deletion', [event('deleted', { id: 7, etag: '"v1"' })], null, false],
    ['versions in order', [event('created', version(1)), event('updated', version(2))], null, false],
    ['one version twice', [event('created', version(1)), event('opened', version(1))], null, false],
    [
      'two versions of one second',
      [event('created', version(1)), event('updated', version(2, {}, 1))],
      null,
      true,
    ],
    ['the known version', [event('updated', version(1))], after('updated', version(1)), false],
    ['the known second', [event('updated', version(2, {}, 1))], after('updated', version(1)), true],
    ['no readable time', [event('updated', version(1, { updated_at: 'soon' }))], null, true],
    ['one second without etags', [1, 1].map((n) => event('updated', version(n, { etag: null }))), null, true],
  ])('%s', (_, events, known, expected) => {
    expect(needsRead(events, known, FIELDS)).toBe(expected);
  });
});
