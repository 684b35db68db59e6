import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CLOCK, delay, type Clock } from '../lib/clock.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { ChangeStore, type ChangePosition } from '../store/change.store.js';
import { Database } from '../store/database.js';
import { ChangeFeed } from './change-feed.js';
import type { Feed } from './feed.js';
import type { LiveQuery } from './live-messages.js';

/** Why a stream ends; its last message says it. The reader connects again with its Last-Event-ID. */
type EndReason = 'stopping' | 'token_revoked' | 'too_slow' | 'failed';

interface Reader {
  response: FastifyReply['raw'];
  /** Asked again and again: false ends the stream. */
  isAllowed: () => boolean | Promise<boolean>;
}

export interface LiveReader extends Reader {
  query: LiveQuery;
  /** The one connection that the reader is confined to; null for all. */
  scope: string | null;
  /** Where the reader left off; null for what is new from now on. */
  since: ChangePosition | null;
}

export interface FeedReader extends Reader {
  feed: Feed;
}

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
  private isStopping = false;

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
    this.isStopping = true;
    for (const stop of this.open.keys()) stop.abort();
    await Promise.all(this.open.values());
  }

  /** @throws RequestError when too many are open, or the server is about to stop, which would wait for a new one. */
  assertRoom(): void {
    if (this.isStopping)
      throw new RequestError('request.conflict', 'The server is about to stop; connect again in a minute.', {
        details: { status: 503, retryAfterMs: 60_000 },
      });
    if (this.open.size >= LARGEST_COUNT)
      throw new RequestError(
        'request.conflict',
        `${LARGEST_COUNT} live streams are open already; close some, or read the lists.`,
        { details: { status: 503 } },
      );
  }

  /** Serves a reader of what changes until it leaves or its stream ends. Never rejects. */
  serve({ response, isAllowed, query, scope, since }: LiveReader): Promise<void> {
    const feed = new ChangeFeed(this.database.within(scope), this.changes, query, since);
    return this.serveFeed({ response, isAllowed, feed });
  }

  /** The same for a reader of any feed. */
  serveFeed(reader: FeedReader): Promise<void> {
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

  /** Null when the feed is over. */
  private async follow(
    { response, feed, isAllowed }: FeedReader,
    signal: AbortSignal,
  ): Promise<EndReason | null> {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: 2000\n${await feed.begin()}`);
    let beatAt = this.now() + BEAT_MS;
    for (;;) {
      signal.throwIfAborted();
      if (!(await isAllowed())) return 'token_revoked';
      const { text, hasMore, isOver } = await feed.next();
      if (text !== '') response.write(text);
      else if (this.now() >= beatAt) response.write(feed.beat());
      if (text !== '' || this.now() >= beatAt) beatAt = this.now() + BEAT_MS;
      if (isOver === true) return null;
      if (!(await this.isTaken(response, signal))) return 'too_slow';
      if (hasMore !== true) await delay(this.clock, EVERY_MS, signal);
    }
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
