import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedHook {
  path: string;
  headers: IncomingHttpHeaders;
  /** The bytes as text, for signatures. */
  raw: string;
  body: Record<string, unknown>;
}

type Respond = (hook: ReceivedHook) => number | Promise<number>;

/** A receiver of webhooks that shakes hands, keeps what it gets, and answers as it is told. */
export class HookReceiver {
  readonly received: ReceivedHook[] = [];
  /** What carried a secret to be echoed. */
  readonly handshakes: ReceivedHook[] = [];
  /** Whether it echoes the secret. */
  shakesHands = true;
  respond: Respond = () => 200;
  private server: Server | undefined;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      // Whoever had this port before may still be looked for here.
      if (request.method !== 'POST') {
        response.writeHead(404).end();
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString();
        const body = JSON.parse(raw) as Record<string, unknown>;
        const hook = { path: request.url ?? '', headers: request.headers, raw, body };
        const secret = request.headers['x-hook-secret'];
        if (secret !== undefined) {
          this.handshakes.push(hook);
          response.writeHead(200, this.shakesHands ? { 'X-Hook-Secret': secret } : {}).end();
          return;
        }
        this.received.push(hook);
        void Promise.resolve(this.respond(hook)).then((status) => response.writeHead(status).end());
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The `meta.event` of what came, in order of arrival. */
  events(): unknown[] {
    return this.received.map(({ body }) => (body['meta'] as Record<string, unknown>)['event']);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => this.server?.close(() => resolve()));
  }
}
