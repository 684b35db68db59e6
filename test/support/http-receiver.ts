import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What to answer a request with. */
export type Reply = (response: ServerResponse, request: ReceivedRequest) => void;

const fine: Reply = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true,"ticket":{"id":7}}');

/** A receiver of http.request on this machine. */
export class HttpReceiver {
  readonly received: ReceivedRequest[] = [];
  reply = fine;
  /** The next request is taken, and its connection ends without an answer. */
  losesAnswer = false;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HttpReceiver> {
    const server = createServer();
    const receiver = new HttpReceiver(server);
    server.on('request', (request, response) => void receiver.take(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const taken = { method, path: url, headers, body };
    this.received.push(taken);
    if (this.losesAnswer) {
      this.losesAnswer = false;
      request.socket.destroy();
    } else this.reply(response, taken);
  }
}
