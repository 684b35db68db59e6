/** What a stream tells, as text of server-sent events. */
export interface Feed {
  /** The first message. */
  begin(): Promise<string>;
  /** What is new; an empty text for nothing. `hasMore`: read on at once. `isOver`: nothing follows. */
  next(): Promise<{ text: string; hasMore?: boolean; isOver?: boolean }>;
  /** What shows that the stream is alive. */
  beat(): string;
}

/** One message of a stream of server-sent events. `id` is the reader's place; null where there is none to go on from. */
export function sseText(id: string | null, event: string, data: unknown): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
