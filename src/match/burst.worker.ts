import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { debounceTimes } from '../rules/control.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Database } from '../store/database.js';
import type { Debounce } from '../store/debounce.entity.js';
import type { DebounceStore } from '../store/debounce.store.js';
import { heldEvents } from '../store/held-events.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Debounced } from '../store/join-burst.js';
import type { LookupStore } from '../store/lookup.store.js';
import type { RunStore } from '../store/run.store.js';
import { joinedBy } from './joining-events.js';
import type { LateDecisions } from './late-decisions.js';
import { chainRefusal, inputOf } from './match-event.js';
import type { Moment } from './ready-event.js';
import { isUnknownHere } from './rules-in-force.js';
import { debounceOf, recordOf } from './run-control.js';

/** So many bursts are decided in one go. */
const LARGEST_BATCH = 50;

/** Lets events wait for the rules that say so, and decides each burst once. Only for the holder of the lane. */
export class BurstWorker {
  private readonly database: Database;
  private readonly debounces: DebounceStore;
  private readonly lookups: LookupStore;
  /** By connection, the rules that its bursts were last compared with. */
  private readonly compared = new Map<string, RuleBook>();
  /** By connection, when its bursts were last looked at, in epoch milliseconds. */
  private readonly lookedAt = new Map<string, number>();

  constructor(
    { database, debounces, lookups }: Pick<RunStore, 'database' | 'debounces' | 'lookups'>,
    private readonly late: LateDecisions,
    private readonly clock: Clock,
  ) {
    [this.database, this.debounces, this.lookups] = [database, debounces, lookups];
  }

  /**
   * The rules that let an event wait, and how. A burst that had ended when the event came is decided first, so that the
   * event begins another, however late both are worked on; where something has to be looked up for that, its record is
   * `held` from then on.
   */
  async debounced(
    event: InboundEvent,
    candidates: readonly CompiledRule[],
    { book, moment, held }: { book: RuleBook; moment: Moment; held: Set<string> },
  ): Promise<Map<CompiledRule, Debounced>> {
    const waiting = new Map<CompiledRule, Debounced>();
    // What came before the clock was put back came now.
    const receivedAt = Math.min(event.receivedAt, moment.now.getTime());
    for (const compiled of candidates) {
      if (compiled.rule.debounce === undefined || chainRefusal(event, compiled) !== null) continue;
      const times = debounceOf(compiled, inputOf(event, moment), recordOf(event));
      if (times === null) continue;
      const { rule, hash, derivedPaths = new Map() } = compiled;
      const about = { ruleId: rule.id, ruleHash: hash, shadow: rule.mode === 'shadow', derivedPaths };
      waiting.set(compiled, { ...about, ...times, event: burstFacts(event, receivedAt) });
      const burst = await this.debounces.find(event.connectionId, rule.id, times.key);
      if (burst === null || burst.dueAt > receivedAt) continue;
      if (await this.asksFor(burst, book)) held.add(burst.record);
    }
    return waiting;
  }

  /**
   * Decides what waits for rules that let nothing wait any more, before the next event of the same record: an older state
   * must not be acted on after a newer one. Returns how many there were.
   */
  async release(connectionId: string, book: RuleBook): Promise<number> {
    if (this.compared.get(connectionId) === book) return 0;
    const waiting = await this.debounces.rulesOf(connectionId);
    const freed = waiting.filter((id) => {
      const compiled = book.find(id);
      return compiled !== undefined && compiled.rule.debounce === undefined;
    });
    const bursts = freed.length === 0 ? [] : await this.debounces.ofRules(connectionId, freed);
    for (const burst of bursts) await this.asksFor(burst, book);
    this.compared.set(connectionId, book);
    return bursts.length;
  }

  /**
   * A debounce is a length of time: where the clock was put back, a burst waits from now on no longer than its rule says. A
   * new process looks at once, which does no harm.
   */
  async shorten(connectionId: string, book: RuleBook): Promise<void> {
    const now = this.clock.now().getTime();
    const isBack = now < (this.lookedAt.get(connectionId) ?? Number.POSITIVE_INFINITY);
    if (isBack) await this.shortenAll(connectionId, book, now);
    // Not before: what could not be done is done at the next look.
    this.lookedAt.set(connectionId, now);
  }

  private async shortenAll(connectionId: string, book: RuleBook, now: number): Promise<void> {
    for (const id of await this.debounces.rulesOf(connectionId)) {
      const debounce = book.find(id)?.rule.debounce;
      if (debounce !== undefined)
        await this.debounces.shorten(connectionId, id, debounceTimes(debounce), now);
    }
  }

  /** Decides the bursts that ended by `horizon` (epoch milliseconds) and are complete, and returns how many. */
  async drain(connectionId: string, horizon: number, book: RuleBook): Promise<number> {
    const due = await this.complete(connectionId, horizon, LARGEST_BATCH, book);
    for (const burst of due) await this.asksFor(burst, book);
    return due.length;
  }

  /** When the first burst is due that waits for nothing but that, in epoch milliseconds; null when there is none. */
  async nextDueAt(connectionId: string, book: RuleBook): Promise<number | null> {
    const [first] = await this.complete(connectionId, Number.MAX_SAFE_INTEGER, 1, book);
    return first?.dueAt ?? null;
  }

  /**
   * The bursts due at `horizon`, oldest first, without those that an event joins yet that waits itself for a lookup, and
   * those of rules that only another process knows of by now.
   */
  private async complete(
    connectionId: string,
    horizon: number,
    limit: number,
    book: RuleBook,
  ): Promise<Debounce[]> {
    const found: Debounce[] = [];
    let isJoined: ReturnType<typeof joinedBy> | undefined;
    for (let seen = 0; found.length < limit; seen += LARGEST_BATCH) {
      const page = await this.debounces.due(connectionId, horizon, LARGEST_BATCH, seen);
      if (page.length === 0) break;
      isJoined ??= await this.joined(connectionId, book);
      const unknown = await this.unknownRules(page, book);
      for (const burst of page) if (!unknown.has(burst.ruleId) && !isJoined(burst)) found.push(burst);
      if (page.length < LARGEST_BATCH) break;
    }
    return found.slice(0, limit);
  }

  private async joined(connectionId: string, book: RuleBook): Promise<ReturnType<typeof joinedBy>> {
    const held = await heldEvents(this.database, connectionId);
    if (held.length === 0) return () => false;
    const moment = { now: this.clock.now(), newId, clioUrl: await this.late.clioUrl(connectionId) };
    return joinedBy(held, book, moment);
  }

  private async unknownRules(bursts: readonly Debounce[], book: RuleBook): Promise<Set<string>> {
    const unknown = new Set<string>();
    for (const id of new Set(bursts.map(({ ruleId }) => ruleId)))
      if (await isUnknownHere(this.database, id, book)) unknown.add(id);
    return unknown;
  }

  /** Decides a burst by the rule that is in force now; true when that has to look something up first. */
  private async asksFor(burst: Debounce, book: RuleBook): Promise<boolean> {
    const event = await this.debounces.lastEvent(burst);
    const now = this.clock.now();
    const about = { ruleId: burst.ruleId, event, burst, lookup: null };
    const late = await this.late.decide(about, book, now);
    if (late.asking !== null) await this.lookups.askForBurst(burst, event, late.asking, now.getTime());
    else this.late.report(late, await this.debounces.decide(burst, late, now.getTime()));
    return late.asking !== null;
  }
}

function burstFacts(event: InboundEvent, receivedAt: number): Debounced['event'] {
  return {
    id: event.id,
    connectionId: event.connectionId,
    record: recordOf(event),
    previous: event.previous,
    types: event.types ?? [event.type],
    changed: event.changed ?? [],
    depth: event.depth,
    receivedAt,
  };
}
