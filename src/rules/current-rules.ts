import { isApiFile } from '../lib/api-file.js';
import { noCommons, type Commons } from './commons.js';
import type { ScheduleOfRule } from './rule-schedules.js';
import type { NeedsOfRules, ReferenceOfRules, RuleBook } from './rule-book.js';

/** Nest's token for the CurrentRules. */
export const RULE_BOOK = Symbol('RuleBook');

/** Holds the rules in force. A reload replaces the book as a whole, so nobody ever sees half of one. */
export class CurrentRules {
  private readonly listeners = new Set<() => void>();
  private wanted: ReadonlyMap<string, NeedsOfRules>;

  private named: readonly ReferenceOfRules[];
  private timed: readonly ScheduleOfRule[];

  constructor(
    private current: RuleBook,
    private shared: Commons = noCommons,
  ) {
    this.wanted = current.needs();
    this.named = current.references();
    this.timed = current.schedules();
  }

  /** The book of this moment. Take it once per batch, so that a batch is decided by one book. */
  book(): RuleBook {
    return this.current;
  }

  /** What the rules of the folder share; texts for the API may use it as well. */
  commons(): Commons {
    return this.shared;
  }

  /** What the active rules need to hear of and to read, by model. */
  needs(): ReadonlyMap<string, NeedsOfRules> {
    return this.wanted;
  }

  /** What the active rules name in the firm's own lists. */
  references(): readonly ReferenceOfRules[] {
    return this.named;
  }

  /** The triggers of the active rules that go by the clock; the same list until the rules change. */
  schedules(): readonly ScheduleOfRule[] {
    return this.timed;
  }

  /** What a rule reads of a model, without the model; null when there is no such rule. */
  readsOf(ruleId: string, model: string): ReadonlySet<string> | null {
    const compiled = this.current.find(ruleId) ?? this.current.lostRule(ruleId)?.lastGood;
    return compiled === undefined ? null : (compiled.needs.get(model)?.paths ?? new Set());
  }

  /** Whether a rule is not here, or is an older text of the API than this one (null for a rule of files). */
  isBehind(ruleId: string, source: string | null): boolean {
    const broken = this.current.broken.find(({ id }) => id === ruleId);
    const here = this.current.find(ruleId) ?? broken;
    return here === undefined || (isApiFile(here.file) && here.source !== source);
  }

  /** The file that a rule's id stands in, also when it is broken; null when none has it. */
  fileOf(id: string): string | null {
    const { active, broken } = this.current;
    const all = [...active.map(({ rule, file }) => ({ id: rule.id, file })), ...broken];
    return all.find((one) => one.id === id && !isApiFile(one.file))?.file ?? null;
  }

  /** Puts `book` in force and tells every listener. */
  replace(book: RuleBook, commons: Commons = this.shared): void {
    this.current = book;
    this.shared = commons;
    this.wanted = book.needs();
    this.named = book.references();
    this.timed = book.schedules();
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after every replacement, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
