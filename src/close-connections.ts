import type { FastifyInstance, FastifyRequest } from 'fastify';
import { systemClock } from './lib/clock.js';

type Socket = FastifyRequest['socket'];

/** So long what is under way may still be answered; a container is killed 10 s after it was asked to stop. */
const FAREWELL_MS = 3_000;

/**
 * Lets a server end as soon as what is under way is answered. By itself it waits for every connection that a client keeps
 * alive after its answer (over a minute), or that it opened and has asked nothing over (for ever).
 */
export function closeConnections(server: FastifyInstance): void {
  const sockets = new Set<Socket>();
  const busy = new Set<Socket>();
  let isClosing = false;
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      busy.delete(socket);
    });
  });
  server.addHook('onRequest', ({ socket }: FastifyRequest, _reply, done) => {
    busy.add(socket);
    done();
  });
  server.addHook('onResponse', ({ socket }: FastifyRequest, _reply, done) => {
    busy.delete(socket);
    if (isClosing) socket.destroySoon();
    done();
  });
  server.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
    // Real time: who stops the engine does not follow a clock that is moved by hand.
    const cancel = systemClock.after(FAREWELL_MS, () => {
      for (const socket of sockets) socket.destroy();
    });
    server.server.once('close', cancel);
    done();
  });
}
