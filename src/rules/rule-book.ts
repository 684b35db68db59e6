import { contentHash } from '../lib/json.js';
import type { BrokenRule, CompiledRule, ModelNeeds, RuleReference } from './compiled-rule.js';
import type { ParsedFile } from './parse-rules.js';
import { schedulesOfRule, type ScheduleOfRule } from './rule-schedules.js';
import { eventsOf } from './trigger.js';

/** What several rules read of one model, and their ids. */
export interface NeedsOfRules extends ModelNeeds {
  rules: Set<string>;
}

/** A name that several rules use, and their ids. */
export interface ReferenceOfRules extends RuleReference {
  rules: readonly string[];
}

/** A broken rule that was in force before. */
export type LostRule = BrokenRule & { lastGood: CompiledRule };

/** All rules of one moment: those in force by event type, and the broken ones with their reasons. */
export class RuleBook {
  /** Of all versions in force: the same rules give the same hash. */
  readonly hash: string;
  private readonly byEvent: ReadonlyMap<string, CompiledRule[]>;
  private readonly endedByEvent: ReadonlyMap<string, CompiledRule[]>;
  private readonly lostByEvent: ReadonlyMap<string, LostRule[]>;
  private readonly places: ReadonlyMap<CompiledRule, number>;
  private readonly byId: ReadonlyMap<string, CompiledRule>;

  constructor(
    readonly active: readonly CompiledRule[],
    readonly broken: readonly BrokenRule[],
  ) {
    this.places = new Map(active.map((compiled, place) => [compiled, place]));
    this.byId = new Map(active.map((compiled) => [compiled.rule.id, compiled]));
    this.hash = contentHash(active.map(({ rule, hash }) => [rule.id, hash]).sort());
    this.byEvent = groupedByEvent(active, (compiled) => eventsOf(compiled.rule));
    this.endedByEvent = groupedByEvent(
      active,
      ({ rule }) => rule.cancel_when?.map(({ event }) => event) ?? [],
    );
    this.lostByEvent = groupedByEvent(broken.filter(isLost), ({ lastGood }) => eventsOf(lastGood.rule));
  }

  /** Puts files together. An id that stands twice names two rules: neither is in force until one is renamed. */
  static of(files: readonly ParsedFile[]): RuleBook {
    const rules = files.flatMap(({ rules }) => rules);
    const broken = files.flatMap((file) => file.broken);
    const twice = (compiled: CompiledRule) =>
      rules.filter(({ rule }) => rule.id === compiled.rule.id).length > 1;
    const doubled = rules.filter(twice).map((compiled) => doubledRule(compiled, rules));
    return new RuleBook(
      rules.filter((compiled) => !twice(compiled)),
      [...broken, ...doubled],
    );
  }

  /** The rules that look at any of these event types (`matter.updated`), each once, in the order of the files. */
  candidates(...eventTypes: readonly string[]): readonly CompiledRule[] {
    const [only = '', ...others] = eventTypes;
    if (others.length === 0) return this.byEvent.get(only) ?? [];
    const found = new Set(eventTypes.flatMap((type) => this.byEvent.get(type) ?? []));
    return [...found].sort((a, b) => (this.places.get(a) ?? 0) - (this.places.get(b) ?? 0));
  }

  /** The broken rules that would look at any of these event types if their last good version were in force, each once. */
  lost(...eventTypes: readonly string[]): readonly LostRule[] {
    return [...new Set(eventTypes.flatMap((type) => this.lostByEvent.get(type) ?? []))];
  }

  /** The ids of the rules whose runs an event of one of these types may end. */
  ending(...eventTypes: readonly string[]): string[] {
    return [...new Set(eventTypes.flatMap((type) => this.endedByEvent.get(type) ?? []))].map(
      ({ rule }) => rule.id,
    );
  }

  /** The last good version of every rule. */
  lastGood(): CompiledRule[] {
    return [...this.active, ...this.broken.flatMap(({ lastGood }) => lastGood ?? [])];
  }

  /** The triggers of the enabled rules that go by the clock; those of a broken one as they were before. */
  schedules(): ScheduleOfRule[] {
    const ofAll = (compiled: readonly CompiledRule[], isBroken: boolean) =>
      compiled.filter(({ rule }) => rule.enabled).flatMap((one) => schedulesOfRule(one, isBroken));
    return [...ofAll(this.active, false), ...ofAll(this.lostRules(), true)];
  }

  /** The broken rule of an id that was in force before. */
  lostRule(id: string): LostRule | undefined {
    return this.broken.filter(isLost).find(({ lastGood }) => lastGood.rule.id === id);
  }

  private lostRules(): CompiledRule[] {
    return this.broken.filter(isLost).map(({ lastGood }) => lastGood);
  }

  find(id: string): CompiledRule | undefined {
    return this.byId.get(id);
  }

  /** What the enabled rules need to hear of and to read, by model; a broken one what it needed before. */
  needs(): Map<string, NeedsOfRules> {
    const all = new Map<string, NeedsOfRules>();
    for (const { rule, needs } of this.lastGood()) {
      if (!rule.enabled) continue;
      for (const [model, { events, paths }] of needs) {
        // What is read by the clock or by hand is read then; nothing need be heard of it.
        if (events.size === 0) continue;
        const known = all.get(model) ?? { events: new Set(), paths: new Set(), rules: new Set() };
        all.set(model, {
          events: new Set([...known.events, ...events]),
          paths: new Set([...known.paths, ...paths]),
          rules: new Set([...known.rules, rule.id]),
        });
      }
    }
    return all;
  }

  /** What the enabled rules name in the firm's own lists, with the rules that do, in the order of the rules. */
  references(): ReferenceOfRules[] {
    const all = new Map<string, ReferenceOfRules>();
    for (const { rule, references } of this.active) {
      if (!rule.enabled) continue;
      for (const { kind, name } of references) {
        const key = `${kind}:${name}`;
        all.set(key, { kind, name, rules: [...(all.get(key)?.rules ?? []), rule.id] });
      }
    }
    return [...all.values()];
  }
}

/** What is wrong with a broken rule, for people: `The rule file a.yaml is broken (line 3, column 5): …`. */
export function brokenBecause({ file, diagnostics }: BrokenRule): string {
  const worst = diagnostics.find(({ severity }) => severity === 'error');
  const where = worst === undefined ? '' : ` (line ${worst.line}, column ${worst.column}): ${worst.message}`;
  return `The rule file ${file} is broken${where}`;
}

function isLost(rule: BrokenRule): rule is LostRule {
  return rule.lastGood?.rule.enabled === true;
}

function groupedByEvent<T>(all: readonly T[], eventsOfOne: (one: T) => readonly string[]): Map<string, T[]> {
  const byEvent = new Map<string, T[]>();
  for (const one of all)
    for (const event of new Set(eventsOfOne(one))) byEvent.set(event, [...(byEvent.get(event) ?? []), one]);
  return byEvent;
}

function doubledRule(
  { rule, file, source, idAt, hash, warnings }: CompiledRule,
  rules: readonly CompiledRule[],
): BrokenRule {
  const others = rules.filter((other) => other.rule.id === rule.id).map((other) => other.file);
  const files = [...new Set(others)];
  const where = files.length === 1 ? `twice in ${file}` : `in ${files.join(' and ')}`;
  const message = `The id "${rule.id}" stands ${where}; every rule needs an id of its own.`;
  const diagnostic = {
    code: 'R006',
    severity: 'error' as const,
    message,
    file,
    ...idAt,
    path: 'id',
  };
  return { id: rule.id, name: rule.name, file, source, hash, diagnostics: [diagnostic, ...warnings] };
}
