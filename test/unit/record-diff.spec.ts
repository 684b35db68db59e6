import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changedPaths, mergeRecord } from '../../src/lib/record-diff.js';
import { isObject, isSameJson, readPath, type JsonObject } from '../../src/lib/json.js';

const stage = { id: 1, name: 'Intake' };

describe('changedPaths', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['nothing', { status: 'Open' }, { status: 'Open' }, []],
    ['a field', { status: 'Open' }, { status: 'Closed' }, ['status']],
    ['a field set to null', { status: 'Open' }, { status: null }, ['status']],
    ['a field of an association', { s: stage }, { s: { ...stage, name: 'Discovery' } }, ['s.name']],
    ['an association set', { s: null }, { s: stage }, ['s.id', 's.name']],
    ['an association cleared', { s: stage }, { s: null }, ['s.id', 's.name']],
    ['an association without fields set', { s: null }, { s: {} }, ['s']],
    ['an association where a text was', { s: 'Intake' }, { s: stage }, ['s']],
    ['a list, as a whole', { matters: [{ id: 1 }] }, { matters: [{ id: 1 }, { id: 2 }] }, ['matters']],
    ['keys in another order', { s: { a: 1, b: 2 } }, { s: { b: 2, a: 1 } }, []],
    ['bookkeeping', { etag: 'a', updated_at: '1' }, { etag: 'b', updated_at: '2' }, []],
    ['a field seen for the first time', {}, { status: 'Open' }, []],
    ['an inner field seen for the first time', { s: { id: 1 } }, { s: stage }, []],
    ['a field not read this time', { status: 'Open' }, {}, []],
    ['an association hidden from us', { s: stage }, { s: { id: null, name: null, redacted: true } }, []],
    ['an association shown again', { s: { id: null, redacted: true } }, { s: stage }, []],
    ['hours hidden from us', { quantity: 60 }, { quantity: null, quantity_redacted: true }, []],
    [
      'hours shown again',
      { quantity_in_hours: null, quantity_redacted: true },
      { quantity_in_hours: 1, quantity_redacted: false },
      [],
    ],
    ['hours that are not hidden', { quantity: 60 }, { quantity: 90, quantity_redacted: false }, ['quantity']],
    ['several, sorted', { b: 1, a: 1 }, { b: 2, a: 2 }, ['a', 'b']],
  ])('%s', (_, previous, record, paths) => {
    expect(changedPaths(previous, record)).toEqual(paths);
  });
});

const leaf = fc.oneof(
  fc.constantFrom(null, 'a', 'b', 0, 1, true),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
);
const association = fc.record({ id: fc.integer({ min: 1, max: 3 }), name: leaf });
const shape = fc.record({ status: leaf, matters: leaf, client: fc.option(association), stage: association });

describe('the difference of two readings with the same fields', () => {
  it('turns the older into the newer when it is applied', () => {
    fc.assert(
      fc.property(shape, shape, (previous, record) => {
        const applied = structuredClone(previous) as JsonObject;
        for (const path of changedPaths(previous, record)) assign(applied, path, record);
        expect(isSameJson(applied, record)).toBe(true);
      }),
    );
  });

  it('names only what differs', () => {
    fc.assert(
      fc.property(shape, shape, (previous, record) => {
        for (const path of changedPaths(previous, record))
          expect(isSameJson(readPath(previous, path), readPath(record, path))).toBe(false);
      }),
    );
  });

  it('is empty against itself', () => {
    fc.assert(
      fc.property(shape, (record) => {
        expect(changedPaths(record as JsonObject, structuredClone(record) as JsonObject)).toEqual([]);
      }),
    );
  });
});

/** Puts the newer value at `path`; a whole association where one side has none. */
function assign(target: JsonObject, path: string, record: JsonObject): void {
  const [field = '', inner] = path.split('.');
  const holder = target[field];
  const now = record[field];
  if (inner !== undefined && isObject(holder) && isObject(now)) holder[inner] = now[inner] ?? null;
  else target[field] = now ?? null;
}

describe('mergeRecord', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['takes the newer value', { a: 1 }, { a: 2 }, { a: 2 }],
    ['keeps what was not read', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['keeps inner fields of the same record', { s: stage }, { s: { id: 1 } }, { s: stage }],
    ['drops inner fields of another record', { s: stage }, { s: { id: 2 } }, { s: { id: 2 } }],
    ['drops inner fields of who knows which record', { s: { name: 'x' } }, { s: { a: 1 } }, { s: { a: 1 } }],
    ['takes a cleared association', { s: stage }, { s: null }, { s: null }],
    ['keeps an association that is hidden now', { s: stage }, { s: { redacted: true } }, { s: stage }],
    ['takes one that is shown again', { s: { redacted: true } }, { s: stage }, { s: stage }],
    [
      'keeps hours that are hidden now',
      { quantity: 60, quantity_redacted: false, note: 'a' },
      { quantity: null, quantity_redacted: true, note: 'b' },
      { quantity: 60, quantity_redacted: false, note: 'b' },
    ],
    ['takes an association where none was', { s: null }, { s: stage }, { s: stage }],
  ])('%s', (_, known, fresh, merged) => {
    expect(mergeRecord(known, fresh)).toEqual(merged);
  });
});
