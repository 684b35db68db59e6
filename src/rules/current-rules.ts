import type { NeedsOfRules, ReferenceOfRules, RuleBook } from './rule-book.js';

/** Nest's token for the CurrentRules. */
export const RULE_BOOK = Symbol('RuleBook');

/** Holds the rules in force. A reload replaces the book as a whole, so nobody ever sees half of one. */
export class CurrentRules {
  private readonly listeners = new Set<() => void>();
  private wanted: ReadonlyMap<string, NeedsOfRules>;

  private named: readonly ReferenceOfRules[];

  constructor(private current: RuleBook) {
    this.wanted = current.needs();
    this.named = current.references();
  }

  /** The book of this moment. Take it once per batch, so that a batch is decided by one book. */
  book(): RuleBook {
    return this.current;
  }

  /** What the active rules need to hear of and to read, by model. */
  needs(): ReadonlyMap<string, NeedsOfRules> {
    return this.wanted;
  }

  /** What the active rules name in the firm's own lists. */
  references(): readonly ReferenceOfRules[] {
    return this.named;
  }

  /** Puts `book` in force and tells every listener. */
  replace(book: RuleBook): void {
    this.current = book;
    this.wanted = book.needs();
    this.named = book.references();
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after every replacement, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
