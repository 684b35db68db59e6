import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../lib/clock.js';

/** How long a receiver may take. Clio says only that the time is short. */
const PATIENCE_MS = 10_000;

type Headers = Readonly<Record<string, string>>;

export interface HookAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
}

/**
 * Sends webhooks out. Together with `src/clio` this is the one place that opens connections: here the sandbox plays
 * Clio, and a webhook goes from Clio to its receiver.
 */
export class HookSender {
  private readonly plain = new http.Agent({ keepAlive: true });
  private readonly secure = new https.Agent({ keepAlive: true });

  constructor(private readonly clock: Clock) {}

  /** Resolves with the answer's status and headers, or undefined when none came. Redirects are not followed. */
  async post(url: string, headers: Headers, body: Buffer): Promise<HookAnswer | undefined> {
    const answer = await this.send(url, headers, body);
    // The receiver may close an idle connection in the moment in which it is used again: that says nothing about it.
    return answer === 'stale'
      ? ((await this.send(url, { ...headers, Connection: 'close' }, body, false)) as HookAnswer | undefined)
      : answer;
  }

  private send(
    url: string,
    headers: Headers,
    body: Buffer,
    reuse = true,
  ): Promise<HookAnswer | 'stale' | undefined> {
    const target = new URL(url);
    const [client, agent] = target.protocol === 'https:' ? [https, this.secure] : [http, this.plain];
    return new Promise((resolve) => {
      const request = client.request(target, {
        method: 'POST',
        agent: reuse ? agent : false,
        headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, ...headers },
      });
      let isTooSlow = false;
      const cancel = this.clock.after(PATIENCE_MS, () => {
        isTooSlow = true;
        request.destroy();
      });
      const settle = (answer: HookAnswer | 'stale' | undefined) => {
        cancel();
        resolve(answer);
      };
      let answered: HookAnswer | undefined;
      request.on('response', (answer) => {
        answered = { status: answer.statusCode ?? 0, headers: answer.headers };
        answer.resume();
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // Our own giving up looks like a reset as well.
        const isStale = reuse && request.reusedSocket && error.code === 'ECONNRESET' && !isTooSlow;
        settle(isStale ? 'stale' : undefined);
      });
      request.on('close', () => settle(answered));
      request.end(body);
    });
  }

  stop(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}
