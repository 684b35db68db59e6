import type { NeedsOfRules, RuleBook } from './rule-book.js';

/** Nest's token for the CurrentRules. */
export const RULE_BOOK = Symbol('RuleBook');

/** Holds the rules in force. A reload replaces the book as a whole, so nobody ever sees half of one. */
export class CurrentRules {
  private readonly listeners = new Set<() => void>();
  private wanted: ReadonlyMap<string, NeedsOfRules>;

  constructor(private current: RuleBook) {
    this.wanted = current.needs();
  }

  /** The book of this moment. Take it once per batch, so that a batch is decided by one book. */
  book(): RuleBook {
    return this.current;
  }

  /** What the active rules need to hear of and to read, by model. */
  needs(): ReadonlyMap<string, NeedsOfRules> {
    return this.wanted;
  }

  /** Puts `book` in force and tells every listener. */
  replace(book: RuleBook): void {
    this.current = book;
    this.wanted = book.needs();
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after every replacement, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
