import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CLOCK, delay, type Clock } from '../lib/clock.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { ChangeStore, type ChangePosition } from '../store/change.store.js';
import { Database } from '../store/database.js';
import { messagesOf, positionText, sseText, type LiveQuery } from './live-messages.js';

/** Why a stream ends; its last message says it. The reader connects again with its Last-Event-ID. */
type EndReason = 'stopping' | 'token_revoked' | 'too_slow' | 'failed';

export interface LiveReader {
  response: FastifyReply['raw'];
  query: LiveQuery;
  /** The one connection that the reader is confined to; null for all. */
  scope: string | null;
  /** Where the reader left off; null for what is new from now on. */
  since: ChangePosition | null;
  /** Asked again and again: false ends the stream. */
  isAllowed: () => boolean | Promise<boolean>;
}

const LARGEST_BATCH = 200;
const LARGEST_COUNT = 100;
const EVERY_MS = 1000;
const BEAT_MS = 15_000;
/** How long a reader may leave a batch unread, and how long its end. */
const PATIENCE_MS = 30_000;
const FAREWELL_MS = 2000;

/**
 * The open streams. Each reads the changes a batch at a time and the next only when its reader has taken the last, so a slow
 * reader costs one batch of memory. Nothing is kept between them: the rows are the queue, whichever replica wrote them.
 */
@Injectable()
export class LiveStreams implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Live');
  private readonly open = new Map<AbortController, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly changes: ChangeStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.changes.prune();
  }

  /** Before the server closes its connections: they would stay open for good. */
  async onModuleDestroy(): Promise<void> {
    for (const stop of this.open.keys()) stop.abort();
    await Promise.all(this.open.values());
  }

  /** @throws RequestError when too many are open. */
  assertRoom(): void {
    if (this.open.size >= LARGEST_COUNT)
      throw new RequestError(
        'request.conflict',
        `${LARGEST_COUNT} live streams are open already; close some, or read the lists.`,
        { details: { status: 503 } },
      );
  }

  /** Serves a reader until it leaves or its stream ends. Never rejects. */
  serve(reader: LiveReader): Promise<void> {
    const stop = new AbortController();
    const gone = new AbortController();
    reader.response.on('close', () => gone.abort());
    const served = this.follow(reader, AbortSignal.any([stop.signal, gone.signal]))
      .catch((error: unknown): EndReason | null => {
        if (stop.signal.aborted || gone.signal.aborted) return null;
        this.logger.warn(`A live stream broke off (${messageOf(error)}); its reader connects again.`);
        return 'failed';
      })
      .then((reason) => this.end(reader.response, stop.signal.aborted ? 'stopping' : reason))
      .finally(() => this.open.delete(stop));
    this.open.set(stop, served);
    return served;
  }

  private async follow(reader: LiveReader, signal: AbortSignal): Promise<EndReason> {
    const { response, query } = reader;
    const database = this.database.within(reader.scope);
    let position = await this.begin(reader);
    let beatAt = this.now() + BEAT_MS;
    for (;;) {
      signal.throwIfAborted();
      if (!(await reader.isAllowed())) return 'token_revoked';
      const batch = await this.changes.after(position, LARGEST_BATCH);
      const messages = await messagesOf(database, batch, query);
      for (const { change, message } of messages)
        response.write(sseText(positionText(change), message.kind, message));
      position = batch.at(-1) ?? position;
      if (messages.length > 0) beatAt = this.now() + BEAT_MS;
      else if (this.now() >= beatAt) {
        // An id without data moves the reader's place on: what it does not want need not be read again.
        response.write(`: beat\nid: ${positionText(position)}\n\n`);
        beatAt = this.now() + BEAT_MS;
      }
      if (!(await this.isTaken(response, signal))) return 'too_slow';
      if (batch.length < LARGEST_BATCH) await delay(this.clock, EVERY_MS, signal);
    }
  }

  /** Where to read on from. The first message gives an id, so that also who leaves before anything happens misses nothing. */
  private async begin({ response, since }: LiveReader): Promise<ChangePosition> {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const isGap = since !== null && !(await this.changes.isKept(since));
    const position = since === null || isGap ? await this.changes.end() : since;
    const data = isGap ? { reason: 'What happened since is not kept any more; read the lists.' } : {};
    response.write(`retry: 2000\n${sseText(positionText(position), isGap ? 'gap' : 'ready', data)}`);
    return position;
  }

  /** False when the reader has not taken what was written in time. */
  private async isTaken(response: FastifyReply['raw'], signal: AbortSignal): Promise<boolean> {
    if (!response.writableNeedDrain) return true;
    const done = new AbortController();
    const drained = new Promise<boolean>((resolve) => response.once('drain', () => resolve(true)));
    const late = delay(this.clock, PATIENCE_MS, AbortSignal.any([signal, done.signal])).then(() => false);
    late.catch(() => undefined);
    try {
      return await Promise.race([drained, late]);
    } finally {
      done.abort();
    }
  }

  private async end(response: FastifyReply['raw'], reason: EndReason | null): Promise<void> {
    if (response.destroyed) return;
    const data = JSON.stringify({ reason });
    const finished = new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.once('finish', resolve);
    });
    const cancel = this.clock.after(FAREWELL_MS, () => response.destroy());
    // Without an id: the reader's place stays where it is.
    response.end(reason === null ? '' : `event: closed\ndata: ${data}\n\n`);
    if (response.writableNeedDrain && reason === 'stopping') response.destroy();
    await finished;
    cancel();
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
