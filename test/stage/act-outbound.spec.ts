import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { ActionResult } from '../../src/act/action.js';
import { openOutbound } from '../../src/act/open-outbound.js';
import type { Outbound, Resolve } from '../../src/act/outbound.js';
import type { OutboundSettings } from '../../src/config/config.js';
import { systemClock, type Clock } from '../../src/lib/clock.js';
import { anActionContext } from '../support/action-context.js';
import { actionNamed } from '../support/acting.js';
import { aClioClient } from '../support/clio-client.js';
import { HttpReceiver } from '../support/http-receiver.js';
import { SmtpSink } from '../support/smtp-sink.js';

const SECRET = 'a secret of the firm and the receiver';
const nothing: OutboundSettings = {
  allowedOrigins: [],
  signingSecret: SECRET,
  smtpUrl: undefined,
  mailFrom: undefined,
};
const { reference } = anActionContext(aClioClient('http://127.0.0.1:9'));

function act(
  name: string,
  input: Record<string, unknown>,
  outbound: Outbound,
  set = {},
): Promise<ActionResult> {
  const action = actionNamed(name);
  const context = anActionContext(aClioClient('http://127.0.0.1:9'), { outbound, ...set });
  return action.execute(action.input.parse(input), context);
}

const failure = (code: string, facts: Record<string, unknown> = {}) =>
  expect.objectContaining({ code, ...facts });

describe('http.request', () => {
  let receiver: HttpReceiver;

  beforeEach(async () => {
    receiver = await HttpReceiver.start();
  });
  afterEach(() => receiver.stop());

  const post = (
    url: string,
    settings: Partial<OutboundSettings> = {},
    more: { input?: Record<string, unknown>; resolve?: Resolve; clock?: Clock } = {},
  ) => {
    const { resolve, clock = systemClock, input = { json: { matter: 1 } } } = more;
    const allowed = { ...nothing, allowedOrigins: [receiver.origin], ...settings };
    return act('http.request', { url, ...input }, openOutbound(allowed, clock, resolve));
  };

  it('signs what it sends, names its reference, and gives the answer back', async () => {
    const { output } = await post(`${receiver.origin}/hooks?x=1`);
    const [request] = receiver.received;
    const digest = createHmac('sha256', SECRET).update('{"matter":1}').digest('hex');
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hooks?x=1',
      body: '{"matter":1}',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': reference,
        'x-praetor-signature': `sha256=${digest}`,
      },
    });
    expect(output).toEqual({
      status: 200,
      json: { ok: true, ticket: { id: 7 } },
      text: '{"ok":true,"ticket":{"id":7}}',
      truncated: false,
    });
  });

  it.each([
    ['a host that is not listed', () => 'https://evil.example/'],
    ['another port of a listed host', () => `http://127.0.0.1:${receiver.port + 1}/`],
    ['another scheme of a listed host', () => receiver.origin.replace('http:', 'https:')],
    ['another spelling of this machine', () => `http://localhost:${receiver.port}/`],
    ['a listed host as a user name', () => `http://127.0.0.1:${receiver.port}@evil.example/`],
    ['a user name before a listed host', () => receiver.origin.replace('://', '://me:pass@')],
  ])('refuses %s without looking anything up', async (_, url) => {
    const asked: string[] = [];
    const resolve: Resolve = (host, _options, callback) => {
      asked.push(host);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    await expect(post(url(), {}, { resolve })).rejects.toEqual(
      failure('http.not_allowed', { applied: 'no', retry: 'never' }),
    );
    expect([asked, receiver.received]).toEqual([[], []]);
  });

  describe('to a name', () => {
    let answers: string[][];
    const asked: string[] = [];
    const resolve: Resolve = (host, _options, callback) => {
      asked.push(host);
      const addresses = answers.length > 1 ? answers.shift() : answers[0];
      callback(
        null,
        (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    const origin = () => `http://hooks.example:${receiver.port}`;
    beforeEach(() => void asked.splice(0));

    it.each([['127.0.0.1'], ['10.0.0.5'], ['169.254.169.254'], ['::1'], ['::ffff:127.0.0.1'], ['fd00::1']])(
      'refuses %s, an address of a private network',
      async (address) => {
        answers = [[address]];
        await expect(post(origin(), { allowedOrigins: [origin()] }, { resolve })).rejects.toEqual(
          failure('http.not_allowed', { applied: 'no', message: expect.stringContaining(address) }),
        );
        expect(receiver.received).toEqual([]);
      },
    );

    it('refuses all when one of several addresses is private', async () => {
      answers = [['93.184.216.34', '127.0.0.1']];
      await expect(post(origin(), { allowedOrigins: [origin()] }, { resolve })).rejects.toEqual(
        failure('http.not_allowed'),
      );
    });

    it('reaches a private address that is listed itself, and connects to the address it checked', async () => {
      answers = [['127.0.0.1'], ['93.184.216.34']];
      const { output } = await post(
        origin(),
        { allowedOrigins: [origin(), 'https://127.0.0.1'] },
        { resolve },
      );
      expect(output).toMatchObject({ status: 200 });
      expect(asked).toEqual(['hooks.example']);
      expect(receiver.received[0]?.headers.host).toBe(`hooks.example:${receiver.port}`);
    });

    it('looks again for every hop, so a redirect to the same name is no way around', async () => {
      answers = [['127.0.0.1'], ['10.0.0.5']];
      receiver.reply = (response) => response.writeHead(307, { location: '/next' }).end();
      await expect(
        post(origin(), { allowedOrigins: [origin(), 'https://127.0.0.1'] }, { resolve }),
      ).rejects.toEqual(failure('http.not_allowed', { message: expect.stringContaining('10.0.0.5') }));
      expect(receiver.received).toHaveLength(1);
    });
  });

  it('follows a redirect within the host, body and signature kept', async () => {
    receiver.reply = (response, { path }) =>
      path === '/old' ? response.writeHead(308, { location: '/new' }).end() : response.writeHead(204).end();
    expect((await post(`${receiver.origin}/old`)).output).toMatchObject({ status: 204, json: null });
    const [first, second] = receiver.received;
    expect(second).toMatchObject({ path: '/new', method: 'POST', body: '{"matter":1}' });
    expect(second?.headers['x-praetor-signature']).toBe(first?.headers['x-praetor-signature']);
  });

  it.each([
    ['to another host', 307, 'https://evil.example/'],
    ['to another port', 307, 'http://127.0.0.1:9/'],
    ['in circles', 307, '/'],
    ['that would drop the body', 302, '/'],
    ['to nowhere', 307, 'http://['],
  ])('does not follow a redirect %s', async (_, status, location) => {
    receiver.reply = (response) => response.writeHead(status, { location }).end();
    await expect(post(receiver.origin)).rejects.toEqual(
      failure('http.redirected', { applied: 'maybe', retry: 'never' }),
    );
    expect(receiver.received.length).toBeLessThanOrEqual(4);
  });

  it('keeps the beginning of an answer that has no end', async () => {
    receiver.reply = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    };
    const { output } = await post(receiver.origin);
    expect(output).toMatchObject({ status: 200, truncated: true, json: null });
    expect(output['text']).toHaveLength(64 * 1024);
  });

  it.each([
    [500, { code: 'http.server_error', applied: 'maybe', retry: 'later' }],
    [503, { code: 'http.server_error', applied: 'maybe', retry: 'later', retryAfterMs: 60_000 }],
    [429, { code: 'http.refused', applied: 'no', retry: 'later', retryAfterMs: 60_000 }],
    [425, { code: 'http.refused', applied: 'no', retry: 'later', retryAfterMs: 60_000 }],
    [404, { code: 'http.refused', applied: 'no', retry: 'never', status: 404 }],
  ])('takes %d for what it is', async (status, facts) => {
    receiver.reply = (response) => response.writeHead(status, { 'retry-after': '60' }).end('secret text');
    await expect(post(`${receiver.origin}/T0/secret`)).rejects.toEqual(expect.objectContaining(facts));
    const error = await post(`${receiver.origin}/T0/secret`).catch((thrown: Error) => thrown);
    expect((error as Error).message).not.toMatch(/secret/);
  });

  it.each([
    ['999999999', 3_600_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('waits no longer than an hour when a receiver says %s', async (pause, retryAfterMs) => {
    receiver.reply = (response) => response.writeHead(429, { 'retry-after': pause }).end();
    await expect(post(receiver.origin)).rejects.toEqual(failure('http.refused', { retryAfterMs }));
  });

  it('knows that nothing was sent when nobody listens, and does not when the connection breaks', async () => {
    receiver.losesAnswer = true;
    await expect(post(receiver.origin)).rejects.toEqual(
      failure('http.unreachable', { applied: 'maybe', retry: 'later' }),
    );
    const closed = await HttpReceiver.start();
    const { origin } = closed;
    await closed.stop();
    await expect(post(origin, { allowedOrigins: [origin] })).rejects.toEqual(
      failure('http.unreachable', { applied: 'no', retry: 'later' }),
    );
  });

  it('waits for an answer no longer than it must', async () => {
    let ring = (): void => undefined;
    const clock: Clock = {
      now: () => systemClock.now(),
      after: (_ms, wake) => {
        ring = wake;
        return () => undefined;
      },
    };
    receiver.reply = () => ring();
    await expect(post(receiver.origin, {}, { clock })).rejects.toEqual(
      failure('http.timeout', { applied: 'maybe', retry: 'later' }),
    );
  });

  it.each([
    { url: 'ftp://hooks.example/' },
    { url: 'file:///etc/passwd' },
    { headers: { Host: 'evil.example' } },
    { headers: { 'content-length': '1' } },
    { headers: { 'Idempotency-Key': 'mine' } },
    { headers: { 'X-Praetor-Signature': 'sha256=0' } },
    { headers: { 'X-A': 'b\r\nX-Evil: 1' } },
    { headers: { 'X-A\r\nX-Evil': 'b' } },
    { method: 'GET', text: 'body' },
    { json: {}, text: 'both' },
    { method: 'CONNECT' },
  ])('does not take %j', (input) => {
    const parsed = actionNamed('http.request').input.safeParse({ url: 'https://hooks.example/', ...input });
    expect(parsed.success).toBe(false);
  });

  it('says whom to ask when no host is listed', async () => {
    await expect(post('https://hooks.example/', { allowedOrigins: [] })).rejects.toEqual(
      failure('http.not_allowed', { message: expect.stringMatching(/HTTP_ALLOWED_HOSTS: none/) }),
    );
  });
});

describe('email.send', () => {
  let sink: SmtpSink;

  beforeEach(async () => {
    sink = await SmtpSink.start();
  });
  afterEach(() => sink.stop());

  const mail = { to: 'ann@example.com', subject: 'Opened', text: 'The matter was opened.' };
  const send = (input: Record<string, unknown>, settings: Partial<OutboundSettings> = {}) => {
    const mailFrom = 'Praetor <praetor@praetor-law.example>';
    const outbound = openOutbound({ ...nothing, smtpUrl: sink.url, mailFrom, ...settings }, systemClock);
    return act('email.send', { ...mail, ...input }, outbound);
  };
  const headersOf = (message: string) => message.slice(0, message.indexOf('\n\n')).toLowerCase();

  it('hands one message to the mail server, with the same id on every try', async () => {
    const { output } = await send({ to: ['ann@example.com', 'bob@example.com'], html: '<p>It was.</p>' });
    await send({});
    const [first, second] = sink.received;
    expect(first).toMatchObject({
      from: 'praetor@praetor-law.example',
      to: ['ann@example.com', 'bob@example.com'],
    });
    expect(output).toEqual({
      message_id: `<praetor-${reference}@praetor-law.example>`,
      accepted: ['ann@example.com', 'bob@example.com'],
      rejected: [],
    });
    for (const message of [first, second])
      expect(headersOf(message?.message ?? '')).toContain(`message-id: <praetor-${reference.toLowerCase()}@`);
    expect(headersOf(first?.message ?? '')).toContain('auto-submitted: auto-generated');
  });

  it('tells the owner of a rule, or writes it down where that cannot be', async () => {
    const mailFrom = 'Praetor <praetor@praetor-law.example>';
    const outbound = openOutbound({ ...nothing, smtpUrl: sink.url, mailFrom }, systemClock);
    const notice = { subject: 'Failed\nagain', body: 'The note was refused.' };
    const tell = (owner: string | null, through = outbound) =>
      act('notify.owner', notice, through, { owner });
    const owner = 'office@firm.example';
    expect((await tell(owner)).output).toEqual({ told: 'email', to: owner, subject: 'Failed again' });
    expect(sink.received).toEqual([expect.objectContaining({ to: [owner] })]);
    const unable = openOutbound(nothing, systemClock);
    expect((await tell(owner, unable)).output).toMatchObject({ told: 'log', to: owner });
    expect((await tell('The office')).output).toMatchObject({ told: 'log', to: 'The office' });
    expect((await tell(null)).output).toMatchObject({ told: 'log', to: null });
    sink.answers.set('RCPT', '451 greylisted');
    await expect(tell(owner)).rejects.toEqual(expect.objectContaining({ code: 'email.failed' }));
    expect(sink.received).toHaveLength(1);
  });

  it('lets no line break of a record become a header or a recipient', async () => {
    await send({ subject: 'Smith\r\nBcc: evil@example.com\r\n\r\nHello', text: '.\r\nQUIT\r\n..' });
    const [{ to, message } = { to: [], message: '' }] = sink.received;
    expect(to).toEqual(['ann@example.com']);
    expect(headersOf(message)).toContain('subject: smith bcc: evil@example.com hello');
    expect(headersOf(message)).not.toMatch(/^bcc:/m);
    expect(sink.received).toHaveLength(1);
  });

  it.each([
    { to: 'Ann <ann@example.com>' },
    { to: 'ann@example.com, bob@example.com' },
    { to: 'ann@example.com\r\nBcc: evil@example.com' },
    { to: [] },
    { cc: ['ann@example.com>, <evil@example.com'] },
    { reply_to: 'ann@example.com\nX: 1' },
    { attachments: [{ path: '/etc/passwd' }] },
  ])('does not take %j', (input) => {
    expect(actionNamed('email.send').input.safeParse({ ...mail, ...input }).success).toBe(false);
  });

  it('goes on when the server refuses some of the recipients, and says whom', async () => {
    sink.answers.set('RCPT bob@example.com', '550 unknown');
    const { output } = await send({ to: ['ann@example.com', 'bob@example.com'] });
    expect(output).toMatchObject({ accepted: ['ann@example.com'], rejected: ['bob@example.com'] });
  });

  it.each([
    ['RCPT', '550 unknown', { code: 'email.refused', applied: 'no', retry: 'never' }],
    ['RCPT', '451 greylisted', { code: 'email.failed', applied: 'no', retry: 'later' }],
    ['DATA', '421 busy', { code: 'email.failed', applied: 'no', retry: 'later' }],
  ])('knows that %s answered with %s sent nothing', async (word, answer, facts) => {
    sink.answers.set(word, answer);
    await expect(send({})).rejects.toEqual(expect.objectContaining(facts));
    expect(sink.received).toEqual([]);
  });

  it('does not know when the connection ends after the message', async () => {
    sink.losesAnswer = true;
    await expect(send({})).rejects.toEqual(failure('email.failed', { applied: 'maybe' }));
    expect(sink.received).toHaveLength(1);
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const closed = await SmtpSink.start();
    const { url } = closed;
    await closed.stop();
    await expect(send({}, { smtpUrl: url })).rejects.toEqual(
      failure('email.failed', { applied: 'no', retry: 'later' }),
    );
  });

  it('says what is missing when no mail server is set up, and never the password', async () => {
    await expect(send({}, { smtpUrl: undefined })).rejects.toEqual(failure('email.not_set_up'));
    const url = sink.url.replace('://', '://praetor:hunter2@');
    sink.answers.set('EHLO', '250-sink\r\n250 AUTH PLAIN').set('AUTH', '535 wrong password');
    const error = await send({}, { smtpUrl: url }).catch((thrown: Error) => thrown);
    expect((error as Error).message).not.toMatch(/hunter2/);
  });
});
