import { Inject, Injectable } from '@nestjs/common';
import type { NamedReference, SubscriptionNeeds, WantedOfModel } from './ingest/needs.js';
import { CLOCK, type Clock } from './lib/clock.js';
import { RULE_BOOK, type CurrentRules } from './rules/current-rules.js';
import { planFromJson } from './rules/flow-plan.js';
import { needsToEnd } from './rules/needs-of-plans.js';
import { VOCABULARY, type Vocabulary } from './rules/rule-vocabulary.js';
import { openPlans } from './store/cancellable-runs.js';
import { Database } from './store/database.js';

type Needs = ReadonlyMap<string, WantedOfModel>;

/** Versions of rules with open runs that are listened for; more means a rule that is edited all day long. */
const MOST_VERSIONS = 200;
/** So often it is looked whether the last run that waits for something has ended. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * What the rules in force need, and what open runs of versions that are not in force any more still wait for: a rule that
 * is edited or removed must not leave its runs deaf to the events of their `cancel_when`.
 */
@Injectable()
export class StandingNeeds implements SubscriptionNeeds {
  private ofRuns: Needs = new Map();
  private last: { ofRules: Needs; all: Needs } | null = null;
  private looked: { ofRules: Needs; at: number } | null = null;

  constructor(
    private readonly database: Database,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The same map until the rules change, or `settle` finds something else. */
  needs(): Needs {
    const ofRules = this.rules.needs();
    if (this.last?.ofRules === ofRules) return this.last.all;
    // Until it is known what runs wait for, nothing that was heard of is given up.
    if (this.last !== null) this.ofRuns = this.last.all;
    this.last = { ofRules, all: together(ofRules, this.ofRuns) };
    return this.last.all;
  }

  references(): readonly NamedReference[] {
    return this.rules.references();
  }

  onChange(listener: () => void): () => void {
    return this.rules.onChange(listener);
  }

  /** Looks what open runs wait for, where the rules have changed since the last look, and every hour. */
  async settle(): Promise<void> {
    const ofRules = this.rules.needs();
    const at = this.clock.now().getTime();
    if (this.looked?.ofRules === ofRules && at - this.looked.at < LOOK_EVERY_MS) return;
    const enabled = this.rules
      .book()
      .lastGood()
      .filter(({ rule }) => rule.enabled);
    const plans = await openPlans(
      this.database,
      enabled.map(({ hash }) => hash),
      MOST_VERSIONS,
    );
    // Rules that changed meanwhile are looked at by the next one.
    if (this.rules.needs() !== ofRules) return;
    this.ofRuns = plans
      .map(({ ruleId, plan }) => wantedBy(ruleId, needsToEnd(planFromJson(plan), this.vocabulary)))
      .reduce(together, new Map());
    this.last = { ofRules, all: together(ofRules, this.ofRuns) };
    this.looked = { ofRules, at };
  }
}

function wantedBy(ruleId: string, needs: ReturnType<typeof needsToEnd>): Needs {
  const rules = new Set([ruleId]);
  return new Map([...needs].map(([model, { events, paths }]) => [model, { events, paths, rules }]));
}

function together(some: Needs, others: Needs): Needs {
  const all = new Map(some);
  for (const [model, { events, paths, rules }] of others) {
    const known = all.get(model);
    all.set(model, {
      events: new Set([...(known?.events ?? []), ...events]),
      paths: new Set([...(known?.paths ?? []), ...paths]),
      rules: new Set([...(known?.rules ?? []), ...rules]),
    });
  }
  return all;
}
