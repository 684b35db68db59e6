import type { ChangePosition, ChangeStore } from '../store/change.store.js';
import type { Database } from '../store/database.js';
import { sseText, type Feed } from './feed.js';
import { messagesOf, positionText, type LiveQuery } from './live-messages.js';

const LARGEST_BATCH = 200;

/** The changes that a reader wants, from its place on. */
export class ChangeFeed implements Feed {
  private position: ChangePosition = { xid: 0, seq: 0 };

  constructor(
    /** Within what the reader may see. */
    private readonly database: Database,
    private readonly changes: ChangeStore,
    private readonly query: LiveQuery,
    private readonly since: ChangePosition | null,
  ) {}

  /** The first message gives an id, so that also who leaves before anything happens misses nothing. */
  async begin(): Promise<string> {
    const { since } = this;
    const isGap = since !== null && !(await this.changes.isKept(since));
    this.position = since === null || isGap ? await this.changes.end() : since;
    const data = isGap ? { reason: 'What happened since is not kept any more; read the lists.' } : {};
    return sseText(positionText(this.position), isGap ? 'gap' : 'ready', data);
  }

  async next(): Promise<{ text: string; hasMore: boolean }> {
    const batch = await this.changes.after(this.position, LARGEST_BATCH);
    const messages = await messagesOf(this.database, batch, this.query);
    this.position = batch.at(-1) ?? this.position;
    const texts = messages.map(({ change, message }) => sseText(positionText(change), message.kind, message));
    return { text: texts.join(''), hasMore: batch.length === LARGEST_BATCH };
  }

  /** An id without data moves the reader's place on: what it does not want need not be read again. */
  beat(): string {
    return `: beat\nid: ${positionText(this.position)}\n\n`;
  }
}
