import { describe, expect, it } from '@jest/globals';
import { coversFields, fieldList, parseFields } from '../../../src/clio/field-list.js';
import { isOurState, makeState } from '../../../src/clio/oauth-state.js';
import { signatureOf, verifySignature } from '../../../src/clio/webhook-signature.js';
import { resourceFacts } from '../../../src/clio/catalog/catalog.js';

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

  it('reads through list indices', () => {
    expect(fieldList('bill', ['matters.0.id', 'matters.1.display_number'])).toContain(
      'matters{display_number,id}',
    );
  });

  it('refuses what Clio would refuse as too long', () => {
    const facts = resourceFacts('matter');
    const everything = Object.keys(facts.fields).flatMap((field) => [
      field,
      `${field}.name`,
      `${field}.created_at`,
      `${field}.updated_at`,
      `${field}.etag`,
    ]);
    expect(() => fieldList('matter', everything)).toThrow(/limit of 1000 characters/);
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
  const state = makeState(key, now);

  it('is ours for ten minutes', () => {
    expect(isOurState(key, state, new Date(now.getTime() + 599_000))).toBe(true);
    expect(isOurState(key, state, new Date(now.getTime() + 600_000))).toBe(false);
  });

  it('cannot be made or stretched by anybody else', () => {
    const [nonce, expires, signature] = state.split('.');
    expect(isOurState(Buffer.alloc(32, 'x'), state, now)).toBe(false);
    expect(isOurState(key, `${nonce}.${Number(expires) + 1}.${signature}`, now)).toBe(false);
    expect(isOurState(key, '', now)).toBe(false);
  });
});
