import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClioClient } from '../../src/clio/clio.client.js';
import { RateBudget } from '../../src/clio/rate-budget.js';
import { TestClock } from '../support/test-clock.js';

let server: Server;
let origin: string;
let seen: string[];
let answer: RequestListener;
let clock: TestClock;
let client: ClioClient;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`.trim());
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock = new TestClock();
  client = new ClioClient(origin, () => Promise.resolve('t'), new RateBudget(clock, undefined), clock);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers the first request with a redirect and what follows it with a record. */
const redirectOnce =
  (status: number): RequestListener =>
  (request, response) =>
    request.url === '/elsewhere'
      ? void response.end('{"data":{"id":1}}')
      : void response.writeHead(status, { location: '/elsewhere' }).end();

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%d of a read is followed', async (status) => {
    answer = redirectOnce(status);
    expect(await client.get('practice_areas/1')).toEqual({ id: 1 });
    expect(seen).toEqual(['GET /api/v4/practice_areas/1.json', 'GET /elsewhere']);
  });

  it.each([307, 308])('%d of a write is followed with method and body', async (status) => {
    answer = redirectOnce(status);
    expect(await client.create('tasks', { name: 'a' })).toEqual({ id: 1 });
    expect(seen).toEqual([
      'POST /api/v4/tasks.json {"data":{"name":"a"}}',
      'POST /elsewhere {"data":{"name":"a"}}',
    ]);
  });

  it.each([301, 302, 303])('%d of a write is not: the write may have been applied', async (status) => {
    answer = redirectOnce(status);
    await expect(client.create('tasks', { name: 'a' })).rejects.toMatchObject({
      status,
      applied: 'maybe',
      retry: 'later',
    });
    expect(seen).toHaveLength(1);
  });

  it('that never ends is given up', async () => {
    answer = (_request, response) => void response.writeHead(307, { location: '/again' }).end();
    await expect(client.create('tasks', {})).rejects.toMatchObject({ status: 307, applied: 'no' });
    expect(seen).toHaveLength(4);
  });
});

describe('an answer that does not come', () => {
  const late: [string, (response: ServerResponse) => void][] = [
    ['at all', () => undefined],
    ['whole, after its headers', (response) => void response.writeHead(201).write('{"data":')],
  ];

  it.each(late)('%s is waited for 30 seconds, and a write may then have been applied', async (_, begin) => {
    const asked = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        begin(response);
        resolve();
      };
    });
    const written = client.create('tasks', { name: 'a' });
    const failed = expect(written).rejects.toMatchObject({ code: 'clio.timeout', applied: 'maybe' });
    await asked;
    await clock.advance(29_999);
    expect(clock.waiting).toBe(1);
    await clock.advance(1);
    expect(clock.waiting).toBe(0);
    await failed;
    expect(seen).toHaveLength(1);
  });

  it('is waited for no longer than the caller wants', async () => {
    const stop = new AbortController();
    answer = () => stop.abort();
    await expect(client.activateWebhook(9, 's3', stop.signal)).rejects.toMatchObject({ applied: 'maybe' });
    expect(clock.waiting).toBe(0);
  });
});
