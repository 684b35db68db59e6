import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { LiveStreams } from '../../src/admin/live-streams.js';
import { adminActor } from '../../src/store/actor.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { ApiTokenStore } from '../../src/store/api-token.store.js';
import { ChangeStore } from '../../src/store/change.store.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { ADMIN_TOKEN, AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';
import type { TestClock } from '../support/test-clock.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const DAY = 86_400_000;

interface Message {
  id: string;
  event: string;
  data: { status?: string; reason?: string; record?: { id: string } };
}

/** A promise and what keeps it. */
function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => undefined as void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A reader of the stream; time passes while it waits. */
class Reader {
  readonly messages: Message[] = [];
  lastId = '';
  text = '';
  ended = false;
  leave: () => void;

  static async open(
    url: string,
    clock: TestClock,
    { query = '', lastId, token = ADMIN_TOKEN }: { query?: string; lastId?: string; token?: string } = {},
  ): Promise<Reader> {
    const reader = new Reader(clock);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastId !== undefined && { 'last-event-id': lastId }),
    };
    // A connection of its own: what fetch opens in advance would hold up the stop of a server.
    const request = get(`${url}/api/v1/live${query}`, { headers, agent: false });
    reader.leave = () => void request.destroy();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    void reader.listen(answer);
    await reader.until(() => reader.messages.length > 0);
    return reader;
  }

  private constructor(private readonly clock: TestClock) {}

  /** Lets the clock run until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    for (let seconds = 0; !isSo(); seconds++) {
      // The database takes its own time, in which this clock runs on.
      if (seconds > 50_000) throw new RangeError(`It never came; told ${this.told.join(', ')}.`);
      await this.clock.advance(1000);
    }
  }

  /** `run running`, without what is told of the stream itself. */
  get told(): string[] {
    return this.messages
      .filter(({ data }) => data.status !== undefined)
      .map(({ event, data }) => `${event} ${data.status}`);
  }

  private async listen(answer: IncomingMessage): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of answer as AsyncIterable<Uint8Array>) {
        this.text += decoder.decode(chunk, { stream: true });
        this.take();
      }
    } catch {
      // It left.
    }
    this.ended = true;
  }

  private take(): void {
    for (let end = this.text.indexOf('\n\n'); end >= 0; end = this.text.indexOf('\n\n')) {
      const lines = this.text.slice(0, end).split('\n');
      this.text = this.text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      this.lastId = field('id') ?? this.lastId;
      const data = field('data');
      if (data === undefined) continue;
      const parsed = JSON.parse(data) as Message['data'];
      this.messages.push({ id: this.lastId, event: field('event') ?? '', data: parsed });
    }
  }
}

describe.each(databases)('the live stream on $name', ({ name, url }) => {
  let admin: AdminApp;
  let databaseUrl: string;
  let remove: () => Promise<void>;
  let connectionId: string;

  beforeEach(async () => {
    ({ url: databaseUrl, remove } = await url());
    admin = await AdminApp.start(databaseUrl);
    connectionId = (await aConnection(admin.database)).id;
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  const reader = (query = '', lastId?: string) =>
    Reader.open(admin.url, admin.clock, { query, ...(lastId !== undefined && { lastId }) });
  const newEvent = async (database: Database = admin.database) => {
    await new EventStore(database, admin.clock).append([anEvent(connectionId)]);
  };
  /** An event whose rule starts a run. */
  const newRun = async () => {
    await newEvent();
    const event = await admin.database.repo(InboundEvent).findOneByOrFail({ status: 'received' });
    await admin.database.write((tx) => tx.update(InboundEvent, { id: event.id }, { status: 'ready' }));
    await admin.app.get(RunStore).recordDecisions(event, [aMatch()], 0);
  };

  it('tells of events, decisions, runs, alerts and of what becomes of them, in order', async () => {
    const live = await reader();
    await newRun();
    await admin.database.write((tx) => tx.update(Run, { mode: 'active' }, { status: 'failed' }));
    const about = { connectionId, kind: 'scope_missing', subject: 'bill' } as const;
    await admin.app.get(AlertStore).raise(about, 'Clio forbids it.');
    await admin.app.get(AlertStore).close(about);
    await live.until(() => live.told.length >= 6);
    // Of one transaction the order is that of its statements: a run is stored before its decision.
    expect(live.told).toEqual([
      ...['event received', 'run running', 'decision matched', 'run failed'],
      ...['alert open', 'alert closed'],
    ]);
    expect(live.messages[3]?.data).toMatchObject({ status: 'matched', record: { explanation: null } });
    live.leave();
  });

  it('goes on where a reader left off, without a gap and without a repetition', async () => {
    const live = await reader();
    await newEvent();
    await live.until(() => live.told.length === 1);
    live.leave();
    for (let count = 0; count < 450; count++) await newEvent();
    const again = await reader('', live.lastId);
    await again.until(() => again.told.length >= 450);
    const ids = [...live.messages, ...again.messages].flatMap(({ data }) => data.record?.id ?? []);
    expect(ids).toHaveLength(451);
    expect(new Set(ids).size).toBe(451);
    again.leave();
  });

  it('gives only the kinds and the connection that are asked for, and moves the place on all the same', async () => {
    const other = (await aConnection(admin.database)).id;
    const live = await reader(`?kinds=decision,run&connection_id=${connectionId}`);
    const elsewhere = await reader(`?connection_id=${other}`);
    const before = live.lastId;
    await newRun();
    await live.until(() => live.told.length === 2);
    await newEvent();
    const { lastId } = live;
    await live.until(() => live.lastId !== lastId);
    expect(live.lastId).not.toBe(before);
    expect(live.told).toEqual(['run running', 'decision matched']);
    expect(elsewhere.told).toEqual([]);
    for (const one of [live, elsewhere]) one.leave();
    expect((await admin.get('/api/v1/live?kinds=steps')).status).toBe(400);
  });

  it('says that there is a gap when what follows is not kept any more', async () => {
    const live = await reader();
    for (let count = 0; count < 5; count++) await newEvent();
    await live.until(() => live.told.length === 5);
    const [, first] = live.messages;
    live.leave();
    await admin.app.get(ChangeStore).prune(2);
    const again = await reader('', first?.id);
    expect(again.messages[0]).toMatchObject({ event: 'gap' });
    again.leave();
    const foreign = await reader('', '9000000000000.12345678');
    expect(foreign.messages[0]).toMatchObject({ event: 'gap' });
    foreign.leave();
    const answer = await admin.ask('/api/v1/live', { headers: { 'last-event-id': 'x' } });
    expect(answer).toMatchObject({ status: 400, type: expect.stringContaining('problem+json') as unknown });
  });

  it('ends with the server, which does not wait for it', async () => {
    const live = await reader();
    const stopped = admin.stop();
    await stopped;
    await live.until(() => live.ended);
    expect(live.messages.at(-1)).toMatchObject({ event: 'closed', data: { reason: 'stopping' } });
    admin = await AdminApp.start(databaseUrl);
  });

  it('begins no more while the server stops, as nothing would end it', async () => {
    await admin.app.get(LiveStreams).onModuleDestroy();
    expect(await admin.ask('/api/v1/live')).toMatchObject({
      status: 503,
      text: expect.stringContaining('about to stop') as unknown,
    });
  });

  it('is for those with a token, as long as it is good', async () => {
    expect((await admin.ask('/api/v1/live', { headers: { authorization: 'x' } })).status).toBe(401);
    const tokens = admin.app.get(ApiTokenStore);
    const wanted = { name: 'A screen', role: 'viewer', connectionId: null, expiresAt: null } as const;
    const make = (set: object = {}) => tokens.create({ ...wanted, ...set }, adminActor);
    const revoked = await make();
    const expiring = await make({ expiresAt: admin.clock.now().getTime() + 30 * DAY });
    const lasting = await make();
    const [first, second, third] = await Promise.all(
      [revoked, expiring, lasting].map(({ secret }) =>
        Reader.open(admin.url, admin.clock, { token: secret }),
      ),
    );
    await tokens.revoke(revoked.token.id, adminActor);
    await first?.until(() => first.ended);
    expect([second?.ended, third?.ended]).toEqual([false, false]);
    await admin.clock.leap(30 * DAY);
    await second?.until(() => second.ended);
    for (const one of [first, second])
      expect(one?.messages.at(-1)).toMatchObject({ event: 'closed', data: { reason: 'token_revoked' } });
    expect(third?.ended).toBe(false);
    third?.leave();
  });

  it('tells a token of one connection of that alone, whatever it asks for', async () => {
    const other = (await aConnection(admin.database)).id;
    const wanted = { name: 'A screen', role: 'viewer', connectionId: other, expiresAt: null } as const;
    const { secret: token } = await admin.app.get(ApiTokenStore).create(wanted, adminActor);
    const live = await Reader.open(admin.url, admin.clock, { token });
    const query = `?connection_id=${connectionId}`;
    const curious = await Reader.open(admin.url, admin.clock, { token, query });
    await newRun();
    await new EventStore(admin.database, admin.clock).append([anEvent(other)]);
    await live.until(() => live.told.length > 0);
    expect(live.told).toEqual(['event received']);
    expect(curious.told).toEqual([]);
    for (const one of [live, curious]) one.leave();
  });

  it('lets a reader go that does not read', async () => {
    const { served, close, origin } = await alone();
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const alerts = admin.app.get(AlertStore);
    for (let count = 0; count < 12; count++)
      await alerts.raise(
        { connectionId, kind: 'scope_missing', subject: String(count) },
        'x'.repeat(1_000_000),
      );
    const ended = served();
    let isOver = false;
    void ended.then(() => (isOver = true));
    for (let seconds = 0; !isOver && seconds < 50_000; seconds++) await admin.clock.advance(1000);
    expect(isOver).toBe(true);
    socket.destroy();
    await close();
  });

  /** The streams behind a server of the test's own, whose sockets it sees. */
  async function alone() {
    const streams = admin.app.get(LiveStreams);
    const end = later();
    const reader = { query: {}, scope: null, since: { xid: 0, seq: 0 }, isAllowed: () => true };
    const server = createServer((_request, response) => {
      void streams.serve({ response, ...reader }).then(end.resolve);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
    return { origin, close, served: () => end.promise };
  }

  if (name === 'postgres')
    it('misses nothing of a replica that commits later than it began', async () => {
      const replica = await openDatabase({ databaseUrl });
      const live = await reader();
      const [begun, mayCommit] = [later(), later()];
      const late = replica.write(async (tx) => {
        await new EventStore(replica, admin.clock).appendIn(tx, [anEvent(connectionId)]);
        begun.resolve();
        await mayCommit.promise;
      });
      await begun.promise;
      await newEvent();
      for (let count = 0; count < 20; count++) await admin.clock.advance(1000);
      expect(live.told).toEqual([]);
      mayCommit.resolve();
      await late;
      await live.until(() => live.told.length === 2);
      live.leave();
      await replica.close();
    });
});
