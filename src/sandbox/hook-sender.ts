import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../lib/clock.js';

/** How long a receiver may take. Clio says only that the time is short. */
const PATIENCE_MS = 10_000;

/**
 * Sends webhooks out. Together with `src/clio` this is the one place that opens connections: here the sandbox plays
 * Clio, and a webhook goes from Clio to its receiver.
 */
export class HookSender {
  private readonly plain = new http.Agent({ keepAlive: true });
  private readonly secure = new https.Agent({ keepAlive: true });

  constructor(private readonly clock: Clock) {}

  /** Resolves with the answer's status and headers, or undefined when none came. Redirects are not followed. */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
  ): Promise<{ status: number; headers: http.IncomingHttpHeaders } | undefined> {
    const target = new URL(url);
    const [client, agent] = target.protocol === 'https:' ? [https, this.secure] : [http, this.plain];
    return new Promise((resolve) => {
      const request = client.request(target, {
        method: 'POST',
        agent,
        headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, ...headers },
      });
      const cancel = this.clock.after(PATIENCE_MS, () => request.destroy());
      const settle = (answer: http.IncomingMessage | undefined) => {
        cancel();
        resolve(answer === undefined ? undefined : { status: answer.statusCode ?? 0, headers: answer.headers });
      };
      request.on('response', (answer) => {
        answer.resume();
        answer.on('close', () => settle(answer));
      });
      request.on('error', () => settle(undefined));
      request.on('close', () => settle(undefined));
      request.end(body);
    });
  }

  stop(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}
