import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../src/clio/webhook-signature.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { ScriptedClio } from '../support/scripted-clio.js';

const SECRET = 'secret-of-clio';

function delivery(over: { id?: number; etag?: string; event?: string; webhook_id?: number } = {}): Buffer {
  const { id = 152, etag = '"v1"', event = 'updated', webhook_id = 1234 } = over;
  return Buffer.from(JSON.stringify({ data: { id, etag, status: 'Open' }, meta: { event, webhook_id } }));
}

const handshake = (webhook_id: unknown = 77) => Buffer.from(JSON.stringify({ data: { webhook_id } }));

describe.each(databases)('POST /webhooks/clio/:key on $name', ({ url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
  });

  afterAll(async () => {
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  beforeEach(() => {
    clio.calls.length = 0;
  });

  afterEach(async () => {
    const unexpected = clio.unexpected.splice(0);
    await ingest.database.write((tx) => tx.deleteAll(InboundEvent));
    expect(unexpected).toEqual([]);
  });

  async function post(key: string, body: Buffer, headers: Record<string, string> = {}) {
    const response = await fetch(`${ingest.url}/webhooks/clio/${key}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: new Uint8Array(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      echo: response.headers.get('x-hook-secret'),
      type: response.headers.get('content-type'),
      problem: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  const signed = (key: string, body: Buffer, secret = SECRET) =>
    post(key, body, { 'x-hook-signature': signatureOf(body, secret) });

  describe('a delivery', () => {
    it('is stored before the 200', async () => {
      const { key, id } = await ingest.subscribe({ secret: SECRET });
      expect(await signed(key, delivery())).toMatchObject({ status: 200, echo: null });
      expect(await ingest.events()).toMatchObject([
        {
          connectionId: ingest.connectionId,
          subscriptionId: id,
          source: 'webhook',
          type: 'matter.updated',
          recordId: '152',
          etag: '"v1"',
          status: 'received',
          payload: { id: 152, etag: '"v1"', status: 'Open' },
        },
      ]);
    });

    it('is stored once however often it comes, and always answered 200', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      const answers = await Promise.all(Array.from({ length: 10 }, () => signed(key, delivery())));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(await ingest.events()).toHaveLength(1);
    });

    it('is stored once when two subscriptions report one version', async () => {
      for (const clioWebhookId of ['1', '2']) {
        const { key } = await ingest.subscribe({ secret: SECRET, clioWebhookId });
        expect((await signed(key, delivery({ webhook_id: Number(clioWebhookId) }))).status).toBe(200);
      }
      expect(await ingest.events()).toHaveLength(1);
    });

    it('may be signed with the secret before the current one', async () => {
      const { key } = await ingest.subscribe({ secret: 'newer', previousSecret: SECRET });
      expect((await signed(key, delivery())).status).toBe(200);
    });

    it('is taken as soon as another process has stored the secret', async () => {
      const row = await ingest.subscribe({ status: 'pending' });
      expect((await signed(row.key, delivery())).status).toBe(401);
      await ingest.database.write((tx) =>
        tx.update(Subscription, { id: row.id }, { secret: ingest.sealed.seal(SECRET), status: 'enabled' }),
      );
      await ingest.clock.advance(1_000);
      expect((await signed(row.key, delivery())).status).toBe(200);
    });

    it('is no handshake because of a stray header', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      const body = delivery();
      const headers = { 'x-hook-signature': signatureOf(body, SECRET), 'x-hook-secret': 'stray' };
      expect(await post(key, body, headers)).toMatchObject({ status: 200, echo: null });
      expect(await ingest.events()).toHaveLength(1);
    });

    it('may have exactly 1 MiB', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      const text = (length: number) =>
        Buffer.from(JSON.stringify({ ...JSON.parse(delivery().toString()), text: 'x'.repeat(length) }));
      const body = text(1_048_576 - text(0).length);
      expect(body).toHaveLength(1_048_576);
      expect((await signed(key, body)).status).toBe(200);
      expect(await ingest.events()).toHaveLength(1);
    });

    it('is taken while Clio has the webhook suspended', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET, status: 'suspended' });
      expect((await signed(key, delivery())).status).toBe(200);
    });
  });

  describe('bad input', () => {
    type Sent = { body: Buffer; headers?: Record<string, string> };
    const good = delivery();
    const tampered = Buffer.from(good.toString().replace('Open', 'Shut'));
    const large = Buffer.from(JSON.stringify({ data: { id: 1, text: 'x'.repeat(1_048_576) } }));
    const sign = (body: Buffer, secret = SECRET) => ({ 'x-hook-signature': signatureOf(body, secret) });

    it.each<[string, Sent, number, string]>([
      ['unsigned', { body: good }, 401, 'request.unauthorized'],
      ['signed with another secret', { body: good, headers: sign(good, 'x') }, 401, 'request.unauthorized'],
      ['signed with nothing', { body: good, headers: sign(good, '') }, 401, 'request.unauthorized'],
      [
        'an empty signature',
        { body: good, headers: { 'x-hook-signature': '' } },
        401,
        'request.unauthorized',
      ],
      [
        'no hex',
        { body: good, headers: { 'x-hook-signature': 'z'.repeat(64) } },
        401,
        'request.unauthorized',
      ],
      ['changed on the way', { body: tampered, headers: sign(good) }, 401, 'request.unauthorized'],
      ['truncated', { body: good.subarray(0, 40), headers: sign(good) }, 401, 'request.unauthorized'],
      ['empty', { body: Buffer.alloc(0), headers: sign(good) }, 401, 'request.unauthorized'],
      ['too large', { body: large, headers: sign(large) }, 413, 'request.too_large'],
      ['not JSON', { body: Buffer.from('hi'), headers: sign(Buffer.from('hi')) }, 400, 'request.invalid'],
      ['not Clio’s', { body: Buffer.from('{}'), headers: sign(Buffer.from('{}')) }, 400, 'request.invalid'],
    ])('%s', async (_, { body, headers }, status, code) => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      const answer = await post(key, body, headers);
      expect(answer).toMatchObject({ status, problem: { status, code } });
      expect(answer.type).toContain('application/problem+json');
      expect(answer.problem['detail']).toEqual(expect.any(String));
      expect(JSON.stringify(answer.problem)).not.toContain(SECRET);
      expect(await ingest.events()).toEqual([]);
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded'])('unsigned, as %p', async (type) => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      expect(await post(key, good, { 'content-type': type })).toMatchObject({
        status: 401,
        problem: { status: 401, code: 'request.unauthorized' },
      });
    });

    it('a delivery of another webhook', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET });
      expect((await signed(key, delivery({ webhook_id: 9 }))).status).toBe(400);
      expect(await ingest.events()).toEqual([]);
    });

    it.each([['a guess'], ['A'.repeat(43)], ['%2e%2e%2f']])('an address nobody has: %s', async (key) => {
      expect(await signed(key, delivery())).toMatchObject({ status: 404, problem: { status: 404 } });
      expect(await ingest.events()).toEqual([]);
    });

    it('a disabled subscription, so that Clio stops', async () => {
      const { key } = await ingest.subscribe({ secret: SECRET, status: 'disabled' });
      expect(await signed(key, delivery())).toMatchObject({ status: 410, problem: { status: 410 } });
      expect(await ingest.events()).toEqual([]);
    });

    it('a subscription that has no secret yet', async () => {
      const { key } = await ingest.subscribe({ status: 'pending' });
      for (const secret of ['', SECRET]) expect((await signed(key, delivery(), secret)).status).toBe(401);
    });
  });

  describe('a handshake', () => {
    const atClio = (key: string, over: object = {}) => ({
      data: {
        id: 77,
        url: `https://praetor.example/webhooks/clio/${key}`,
        shared_secret: SECRET,
        status: 'pending',
        ...over,
      },
    });
    const pending = { status: 'pending', clioWebhookId: null } as const;
    const shake = (key: string, secret = SECRET, body = handshake()) =>
      post(key, body, { 'x-hook-secret': secret });
    const rowOf = (id: string) => ingest.database.repo(Subscription).findOneByOrFail({ id });

    it('is echoed after Clio itself has shown the same secret, which is kept sealed', async () => {
      const row = await ingest.subscribe(pending);
      clio.on('GET', 'webhooks/77', atClio(row.key));
      expect(await shake(row.key)).toMatchObject({ status: 200, echo: SECRET });
      const after = await rowOf(row.id);
      expect(after).toMatchObject({ status: 'enabled', clioWebhookId: '77' });
      expect(after.secret).not.toContain(SECRET);
      expect((await signed(row.key, delivery({ webhook_id: 77 }))).status).toBe(200);
    });

    it('takes a new secret after the address was moved, and knows the old one for what is under way', async () => {
      const row = await ingest.subscribe({ secret: 'older', status: 'pending', clioWebhookId: '77' });
      clio.on('GET', 'webhooks/77', atClio(row.key));
      expect((await shake(row.key)).status).toBe(200);
      for (const secret of [SECRET, 'older'])
        expect((await signed(row.key, delivery({ webhook_id: 77 }), secret)).status).toBe(200);
    });

    it.each<[string, object]>([
      ['another secret at Clio', { shared_secret: 'other' }],
      ['no secret at Clio', { shared_secret: null }],
      ['another address at Clio', { url: 'https://praetor.example/webhooks/clio/other' }],
    ])('is refused: %s', async (_, over) => {
      const row = await ingest.subscribe(pending);
      clio.on('GET', 'webhooks/77', atClio(row.key, over));
      expect(await shake(row.key)).toMatchObject({ status: 401, echo: null });
      expect(await rowOf(row.id)).toMatchObject({ status: 'pending', secret: null, clioWebhookId: null });
    });

    it('is refused for a webhook Clio does not know', async () => {
      const row = await ingest.subscribe(pending);
      clio.on('GET', 'webhooks/77', { status: 404, error: { type: 'NotFoundError', message: 'Not Found' } });
      expect((await shake(row.key)).status).toBe(401);
    });

    it('is refused without asking Clio when nothing waits for it', async () => {
      for (const status of ['enabled', 'suspended'] as const) {
        const row = await ingest.subscribe({ secret: SECRET, status, clioWebhookId: '77' });
        expect((await shake(row.key, 'forged')).status).toBe(401);
        expect((await rowOf(row.id)).secret).toBe(row.secret);
      }
      expect(clio.calls).toEqual([]);
    });

    it.each<[string, Buffer<ArrayBuffer>, string | null]>([
      ['names no webhook', Buffer.from('{}'), null],
      ['is not JSON', Buffer.from('x'), null],
      ['names another webhook than ours', handshake(78), '77'],
      ['would lead our client elsewhere', handshake('../users/who_am_i'), null],
    ])('is refused without asking Clio when its body %s', async (_, body, clioWebhookId) => {
      const row = await ingest.subscribe({ status: 'pending', clioWebhookId });
      expect((await shake(row.key, SECRET, body)).status).toBe(401);
      expect(clio.calls).toEqual([]);
    });

    it('is answered 503 while Clio cannot be asked, so that nobody is believed unasked', async () => {
      const row = await ingest.subscribe(pending);
      clio.on('GET', 'webhooks/77', { cut: true });
      expect(await shake(row.key)).toMatchObject({ status: 503, echo: null });
      expect((await rowOf(row.id)).secret).toBeNull();
    });

    it('is answered 503 when Clio takes too long to say', async () => {
      const row = await ingest.subscribe(pending);
      clio.on('GET', 'webhooks/77', async () => {
        await ingest.clock.advance(8_000);
        return new Promise(() => undefined);
      });
      expect(await shake(row.key)).toMatchObject({ status: 503, echo: null });
    });

    it('needs one of our addresses', async () => {
      expect((await shake('A'.repeat(43))).status).toBe(404);
      expect(clio.calls).toEqual([]);
    });
  });

  it('parses JSON as usual on every other address', async () => {
    const response = await fetch(`${ingest.url}/other`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"truncated',
    });
    expect(response.status).toBe(400);
  });
});
