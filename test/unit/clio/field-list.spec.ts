import { describe, expect, it } from '@jest/globals';
import {
  asksForSame,
  coversFields,
  fieldList,
  fieldParts,
  joinParts,
  parseFields,
  webhookFields,
} from '../../../src/clio/field-list.js';
import { makeState, readState } from '../../../src/clio/oauth-state.js';
import { signatureOf, verifySignature } from '../../../src/clio/webhook-signature.js';
import { catalog, resourceFacts } from '../../../src/clio/catalog/catalog.js';

describe('fieldList', () => {
  it.each([
    [[], 'id,etag,created_at,updated_at'],
    [['status'], 'id,etag,created_at,updated_at,status'],
    [['matter_stage.name'], 'id,etag,created_at,updated_at,matter_stage{id,name}'],
    [['client'], 'id,etag,created_at,updated_at,client{id}'],
    [
      ['client.name', 'client.first_name', 'client.name'],
      'id,etag,created_at,updated_at,client{first_name,id,name}',
    ],
    [['no_such_field', 'client.no_such_field'], 'id,etag,created_at,updated_at,client{id}'],
  ])('%j', (paths, expected) => {
    expect(fieldList('matter', paths)).toBe(expected);
  });

  it('asks of hours whether they are hidden', () => {
    const always = 'id,etag,created_at,updated_at';
    expect(fieldList('activity', ['quantity_in_hours'])).toBe(
      `${always},quantity_in_hours,quantity_redacted`,
    );
    expect(fieldList('activity', ['note'])).toBe(`${always},note`);
  });

  it('reads through list indices', () => {
    expect(fieldList('bill', ['matters.0.id', 'matters.1.display_number'])).toContain(
      'matters{display_number,id}',
    );
  });
});

describe('fields that are longer than Clio takes', () => {
  const { fields } = resourceFacts('matter');
  const everything = Object.entries(fields).flatMap(([field, { resource = '' }]) => [
    field,
    ...Object.keys(catalog.schemas[resource] ?? {}).map((inner) => `${field}.${inner}`),
  ]);
  const long = fieldList('matter', everything);
  const pairs = (text: string) =>
    parseFields(text).flatMap(([field, nested]) =>
      nested.length === 0 ? [field] : nested.map((inner) => `${field}.${inner}`),
    );

  it('leave a webhook with what tells versions apart', () => {
    expect(long.length).toBeGreaterThan(3_000);
    expect(webhookFields('matter', everything)).toEqual({
      fields: 'id,etag,created_at,updated_at',
      isCut: true,
    });
    expect(webhookFields('matter', ['status'])).toMatchObject({ isCut: false });
  });

  it('are read in parts that Clio takes, each with the version, and none is left out', () => {
    const parts = fieldParts(long);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(1_000);
      expect(part).toMatch(/^id,etag,created_at,updated_at,/);
    }
    expect([...new Set(parts.flatMap(pairs))].sort()).toEqual(pairs(long).sort());
    expect(fieldParts('id,status')).toEqual(['id,status']);
  });

  it('are put together again, also inside an association that was read in two', () => {
    const version = { id: 1, etag: '"a"', updated_at: 't' };
    expect(
      joinParts(
        { ...version, status: 'Open', client: { id: 2, name: 'A' }, group: { id: 3 } },
        { ...version, client: { type: 'Person' }, group: null },
      ),
    ).toEqual({ ...version, status: 'Open', client: { id: 2, name: 'A', type: 'Person' }, group: null });
    expect(joinParts(version, { ...version, etag: '"b"' })).toBeNull();
    expect(joinParts(version, { ...version, updated_at: 'later' })).toBeNull();
  });

  it.each([
    ['id,client{name,id}', 'client{id, name},id', true],
    ['id,client{id}', 'id,client{id,name}', false],
    ['id', 'id,etag', false],
  ])('%s asks for the same as %s: %s', (one, other, same) => {
    expect(asksForSame(one, other)).toBe(same);
  });
});

describe('coversFields', () => {
  it.each([
    [{ id: 1, client: { id: 2, name: 'a' } }, 'id,client{id,name}', true],
    [{ id: 1, client: null }, 'id,client{id,name}', true],
    [{ id: 1, client: { id: 2 } }, 'id,client{id,name}', false],
    [{ id: 1 }, 'id,etag', false],
    [{ id: 1, matters: [{ id: 1 }, { id: 2 }] }, 'id,matters{id}', true],
    [{ id: 1, matters: [{ id: 1 }, {}] }, 'id,matters{id}', false],
    [null, 'id', false],
  ])('%j has %s: %s', (payload, fields, expected) => {
    expect(coversFields(payload, fields)).toBe(expected);
  });

  it('parses nested names', () => {
    expect(parseFields('id, a{b, c},d')).toEqual([
      ['id', []],
      ['a', ['b', 'c']],
      ['d', []],
    ]);
  });
});

describe('the signature of a delivery', () => {
  const raw = Buffer.from('{"data":{"id":1}}');
  const good = signatureOf(raw, 'secret');

  it.each([
    ['the current secret', good, ['secret'], true],
    ['the previous secret', good, ['newer', 'secret'], true],
    ['another secret', good, ['other'], false],
    ['no secret yet', good, [], false],
    ['no signature', undefined, ['secret'], false],
    ['an empty signature', '', ['secret'], false],
    ['upper-case hex', good.toUpperCase(), ['secret'], false],
    ['a cut signature', good.slice(0, 63), ['secret'], false],
  ])('with %s', (_name, signature, secrets, expected) => {
    expect(verifySignature(raw, signature, secrets)).toBe(expected);
  });

  it('covers every byte', () => {
    expect(verifySignature(Buffer.concat([raw, Buffer.from(' ')]), good, ['secret'])).toBe(false);
  });
});

describe('the OAuth state', () => {
  const key = Buffer.alloc(32, 'k');
  const now = new Date('2026-03-02T10:00:00Z');
  const state = makeState(key, now, { region: 'eu', by: 'admin' });

  it('is ours for ten minutes', () => {
    expect(readState(key, state, new Date(now.getTime() + 599_000))).toEqual({ region: 'eu', by: 'admin' });
    expect(readState(key, state, new Date(now.getTime() + 600_000))).toBeNull();
  });

  it('cannot be made, stretched, or moved to another region or name by anybody else', () => {
    const [nonce, expires, region, by, signature] = state.split('.');
    expect(readState(Buffer.alloc(32, 'x'), state, now)).toBeNull();
    expect(readState(key, `${nonce}.${Number(expires) + 1}.${region}.${by}.${signature}`, now)).toBeNull();
    expect(readState(key, `${nonce}.${expires}.us.${by}.${signature}`, now)).toBeNull();
    expect(readState(key, `${nonce}.${expires}.${region}..${signature}`, now)).toBeNull();
    expect(readState(key, '', now)).toBeNull();
  });
});
