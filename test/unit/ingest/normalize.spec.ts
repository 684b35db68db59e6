import { describe, expect, it } from '@jest/globals';
import { handshakeWebhookId, normalize } from '../../../src/ingest/normalize.js';
import { RequestError } from '../../../src/lib/errors.js';

const source = { id: 'sub1', connectionId: 'con1', model: 'matter', clioWebhookId: '1234' };
const data = { id: 152, etag: '"9a10"', status: 'Open' };
const bytes = (body: unknown) => Buffer.from(JSON.stringify(body));
const delivery = (event: string, over: object = {}) =>
  bytes({ data: { ...data, ...over }, meta: { event, webhook_id: 1234 } });

function refusal(raw: Buffer): RequestError {
  try {
    normalize(raw, source);
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('normalize', () => {
  it('makes one event of Clio’s envelope', () => {
    expect(normalize(delivery('updated'), source)).toEqual({
      connectionId: 'con1',
      subscriptionId: 'sub1',
      source: 'webhook',
      model: 'matter',
      recordId: '152',
      type: 'matter.updated',
      etag: '"9a10"',
      dedupeKey: 'con1:matter:152:updated:"9a10"',
      payload: data,
    });
  });

  it('keeps Clio’s status events apart from updates', () => {
    expect(normalize(delivery('matter_opened'), source)).toMatchObject({
      type: 'matter.opened',
      dedupeKey: 'con1:matter:152:opened:"9a10"',
    });
  });

  it('takes text ids, which recurring calendar entries have', () => {
    const calendar = { ...source, model: 'calendar_entry' };
    expect(normalize(delivery('created', { id: '17-20261124' }), calendar).recordId).toBe('17-20261124');
  });

  it('gives deliveries of one version one key, whichever subscription they came for', () => {
    const twin = { ...source, id: 'sub2', clioWebhookId: null };
    expect(normalize(delivery('updated', { status: 'other fields' }), twin).dedupeKey).toBe(
      normalize(delivery('updated'), source).dedupeKey,
    );
  });

  it('lets the bytes stand in for a missing etag', () => {
    const [first, again, other] = ['Open', 'Open', 'Closed'].map(
      (status) => normalize(delivery('updated', { etag: null, status }), source).dedupeKey,
    );
    expect(first).toMatch(/^con1:matter:152:updated:sha256-[0-9a-f]{64}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each<[string, Buffer, RegExp]>([
    ['text that is not JSON', Buffer.from('hello'), /is not JSON/],
    ['nothing', Buffer.alloc(0), /is not JSON/],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), /is not JSON/],
    ['a list', bytes([]), /not Clio's envelope/],
    ['null', bytes(null), /not Clio's envelope/],
    ['no data', bytes({ meta: { event: 'created' } }), /data/],
    ['no id', bytes({ data: {}, meta: { event: 'created' } }), /data\.id/],
    ['a negative id', delivery('created', { id: -1 }), /data\.id/],
    ['an id that is a text with blanks', delivery('created', { id: '1 2' }), /data\.id/],
    ['an etag that is no text', delivery('created', { etag: 7 }), /data\.etag/],
    ['no meta', bytes({ data }), /meta/],
    ['an event the model does not have', delivery('bill_paid'), /"bill_paid".*matter does not have/],
    [
      'another webhook',
      bytes({ data, meta: { event: 'created', webhook_id: 9 } }),
      /webhook 9.*webhook 1234/,
    ],
  ])('refuses %s', (_, raw, message) => {
    const error = refusal(raw);
    expect(error.code).toBe('request.invalid');
    expect(error.message).toMatch(message);
  });

  it('cannot compare the webhook id before Clio has told it', () => {
    const early = { ...source, clioWebhookId: null };
    expect(normalize(delivery('created'), early).recordId).toBe('152');
  });
});

describe('handshakeWebhookId', () => {
  it.each([
    [bytes({ data: { webhook_id: 77 } }), '77'],
    [bytes({ data: { webhook_id: '77' } }), '77'],
    [bytes({ data: {} }), null],
    [bytes({}), null],
    [Buffer.from('{'), null],
  ])('%#', (raw, id) => {
    expect(handshakeWebhookId(raw)).toBe(id);
  });
});
