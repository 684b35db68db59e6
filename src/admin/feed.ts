/** What a stream tells, as text of server-sent events. */
export interface Feed {
  /** The first message. */
  begin(): Promise<string>;
  /** What is new; an empty text for nothing. `hasMore`: read on at once. `isOver`: nothing follows. */
  next(): Promise<{ text: string; hasMore?: boolean; isOver?: boolean }>;
  /** What shows that the stream is alive. */
  beat(): string;
}
