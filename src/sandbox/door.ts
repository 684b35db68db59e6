import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Timers } from './timers.js';

/** The sandbox's listener. Shut, it refuses connections as a Clio that is down does. */
export class Door {
  private address: AddressInfo | undefined;

  constructor(
    private readonly server: Server,
    private readonly timers: Timers,
  ) {}

  /** Ends idle connections too: whoever keeps one notices at the next request. */
  shut(forMs: number): void {
    if (!this.server.listening) return;
    this.address = this.server.address() as AddressInfo;
    this.server.close();
    this.server.closeIdleConnections();
    this.timers.after(forMs, () => void this.open());
  }

  /** Listens again, at the same address. */
  async open(): Promise<void> {
    if (this.address === undefined) return;
    const { address: host, port } = this.address;
    this.address = undefined;
    this.server.listen({ host, port });
    await once(this.server, 'listening');
  }
}
