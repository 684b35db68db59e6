import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call the client made, its path without `/api/v4/` and `.json`. */
export interface ScriptedCall {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  ifMatch: string | undefined;
}

/** `cut`: the connection ends without an answer. `html`: a page of a proxy instead of JSON. */
export type ScriptedAnswer =
  | {
      status?: number;
      data?: unknown;
      /** The address of the page after this one. */
      next?: string | undefined;
      error?: { type: string; message: string };
      headers?: Record<string, string>;
    }
  | { html: string; status?: number }
  | { cut: true };

type Answering = ScriptedAnswer | ((call: ScriptedCall) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** A server that plays what a test dictates: per call a list of answers, the last of which repeats. */
export class ScriptedClio {
  readonly calls: ScriptedCall[] = [];
  /** Calls nobody wrote a line for; a test expects none. */
  readonly unexpected: string[] = [];
  private readonly script = new Map<string, Answering[]>();
  private readonly server = createServer((request, response) => void this.play(request, response));

  static async start(): Promise<ScriptedClio> {
    const clio = new ScriptedClio();
    await new Promise<void>((resolve) => clio.server.listen(0, '127.0.0.1', resolve));
    return clio;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** `on('POST', 'tasks', …)`. */
  on(method: string, path: string, ...answers: Answering[]): this {
    this.script.set(`${method} ${path}`, answers);
    return this;
  }

  /** The calls of one kind, in order. */
  made(method: string, path: string): ScriptedCall[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The test's clock is not this machine's: no time is better than another.
    response.sendDate = false;
    const call = await read(request);
    this.calls.push(call);
    const line = `${call.method} ${call.path}`;
    const answers = this.script.get(line);
    const next = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    if (next === undefined) this.unexpected.push(line);
    const answer =
      typeof next === 'function' ? await next(call) : (next ?? { status: 404, error: notScripted });
    if ('cut' in answer) response.destroy();
    else send(response, answer, call.method);
  }
}

const notScripted = { type: 'NotScripted', message: 'The test has no line for this call.' };

async function read(request: IncomingMessage): Promise<ScriptedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://clio.invalid');
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams)
    query[name] = name in query ? `${query[name]},${value}` : value;
  return {
    method: request.method ?? '',
    path: url.pathname.replace(/^\/api\/v4\//, '').replace(/\.json$/, ''),
    query,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    ifMatch: request.headers['if-match'],
  };
}

function send(
  response: ServerResponse,
  answer: Exclude<ScriptedAnswer, { cut: true }>,
  method: string,
): void {
  // The machine's time is not the test's: a test that wants Clio to tell the time gives the header.
  response.sendDate = false;
  if ('html' in answer) {
    response.writeHead(answer.status ?? 201, { 'content-type': 'text/html' }).end(answer.html);
    return;
  }
  const { data, error, headers, next } = answer;
  const paging = next === undefined ? {} : { next };
  const status = answer.status ?? (method === 'POST' ? 201 : 200);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(error === undefined ? { data, meta: { paging } } : { error }));
}
