import { Inject, Injectable } from '@nestjs/common';
import { MoreThanOrEqual, Not } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { endOfPause } from '../rules/evaluate-rule.js';
import type { Verdict } from '../rules/verdict.js';
import { AlertStore } from '../store/alert.store.js';
import { AuditEntry } from '../store/audit-entry.entity.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { RulePause } from '../store/rule-pause.entity.js';
import { silenceMessage, silentAt, type Told } from './silence.js';

const EVERY_MS = 3_600_000;

/** Says which rules have been silent for longer than they expect. */
@Injectable()
export class SilenceWorker {
  /** By connection: when it was looked at, in epoch milliseconds. A new process looks at once, which does no harm. */
  private readonly lookedAt = new Map<string, number>();
  /** By connection: the rules whose silence is told, which a match ends at once. */
  private readonly told = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly database: Database,
    private readonly alerts: AlertStore,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Looks once an hour, and always at rules whose silence is told; for the holder of the connection's lane. */
  async drain(connectionId: string): Promise<void> {
    const now = this.clock.now().getTime();
    const isTime = Math.abs(now - (this.lookedAt.get(connectionId) ?? 0)) >= EVERY_MS;
    const told = this.told.get(connectionId) ?? new Set();
    if (!isTime && told.size === 0) return;
    if (isTime) this.lookedAt.set(connectionId, now);
    const expecting = this.rules
      .book()
      .active.filter(({ rule }) => rule.expect_every !== undefined && (isTime || told.has(rule.id)));
    const silent = new Set<string>();
    for (const compiled of expecting)
      if (await this.look(connectionId, compiled, now)) silent.add(compiled.rule.id);
    this.told.set(connectionId, silent);
    for (const { kind, subject } of await this.alerts.openOf(connectionId, ['rule_silent']))
      if (!silent.has(subject)) await this.alerts.close({ connectionId, kind, subject });
  }

  /** True while the rule is silent for too long. One that is not in force is not expected to say anything. */
  private async look(connectionId: string, compiled: CompiledRule, now: number): Promise<boolean> {
    const { rule } = compiled;
    const since = await this.lastSign(connectionId, compiled, now);
    const at = since === null ? null : silentAt(compiled, since);
    if (since === null || at === null || now < at) return false;
    const about = { connectionId, kind: 'rule_silent' as const, subject: rule.id };
    const told = await this.decisionsSince(connectionId, rule.id, since);
    const latest = await this.database.repo(Decision).findOne({
      where: { connectionId, ruleId: rule.id, outcome: Not('matched'), createdAt: MoreThanOrEqual(since) },
      order: { id: 'DESC' },
    });
    const message = silenceMessage(compiled, since, told, (latest?.explanation ?? null) as Verdict | null);
    await this.alerts.raise(about, message);
    return true;
  }

  /** The last match, or since when the rule might have matched here. Null when that is not known, or it may not now. */
  private async lastSign(connectionId: string, compiled: CompiledRule, now: number): Promise<number | null> {
    const { rule, hash } = compiled;
    const { id: ruleId, timezone = 'UTC' } = rule;
    const written = rule.paused === undefined ? undefined : endOfPause(compiled, timezone);
    const pause = await this.database.repo(RulePause).findOneBy({ connectionId, ruleId });
    const resumed = pause === null ? undefined : (pause.resumedAt ?? pause.untilAt ?? Infinity);
    if (!rule.enabled || [written, resumed].some((end) => end !== undefined && end > now)) return null;
    const [matched, version, inForce, connection] = await Promise.all([
      this.database.repo(Decision).findOne({
        select: { id: true, createdAt: true },
        where: { connectionId, ruleId, outcome: 'matched' },
        order: { id: 'DESC' },
      }),
      this.database.repo(RuleVersion).findOneBy({ ruleId, hash }),
      // A version that comes back is older than its return.
      this.database.repo(AuditEntry).findOne({
        select: { seq: true, at: true },
        where: { ruleId, kind: 'rule.in_force' },
        order: { seq: 'DESC' },
      }),
      this.database.repo(Connection).findOneBy({ id: connectionId }),
    ]);
    if (version === null || connection === null) return matched?.createdAt ?? null;
    const times = [
      matched?.createdAt,
      version.createdAt,
      inForce?.at,
      connection.createdAt,
      written,
      resumed,
    ];
    return Math.max(...times.filter((at) => at !== undefined));
  }

  private async decisionsSince(connectionId: string, ruleId: string, since: number): Promise<Told[]> {
    const rows = await this.database
      .repo(Decision)
      .createQueryBuilder('decision')
      .select('decision.outcome', 'outcome')
      .addSelect('decision.reason', 'reason')
      .addSelect('count(*)', 'count')
      .where('decision.connection_id = :connectionId and decision.rule_id = :ruleId', {
        connectionId,
        ruleId,
      })
      .andWhere(`decision.created_at >= :since and decision.outcome <> 'matched'`, { since })
      .groupBy('decision.outcome')
      .addGroupBy('decision.reason')
      .orderBy('count(*)', 'DESC')
      .getRawMany<{ outcome: string; reason: string; count: string }>();
    return rows.map(({ outcome, reason, count }) => ({
      reason: `${outcome} ${reason}`,
      count: Number(count),
    }));
  }
}
