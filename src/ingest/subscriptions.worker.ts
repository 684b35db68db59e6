import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import { webhookFields } from '../clio/field-list.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';
import { hasWebhooks } from './event-names.js';
import { NEEDS, type SubscriptionNeeds, type WantedOfModel } from './needs.js';
import { wantedWebhook, type WantedWebhook } from './plan-subscriptions.js';
import { retryAt } from './retry-at.js';
import { SubscriptionAlerts } from './subscription-alerts.js';
import { WebhookKeeper, type Pass } from './webhook-keeper.js';

/** What the rules of one moment need; `hash` is of the webhooks. */
interface Wanted {
  needs: ReadonlyMap<string, WantedOfModel>;
  webhooks: WantedWebhook[];
  hash: string;
}

interface Progress {
  /** The hash of what was put in place, or tried to be. */
  wanted: string;
  /** When the connection was last authorised, as far as that pass knew; another value means that all may be different. */
  authorisedAt: number | null;
  /** Passes that failed in a row. */
  failures: number;
  /** Epoch milliseconds; null when everything is in place. */
  nextTryAt: number | null;
  /** When Clio is asked again although nothing seems to have changed, in epoch milliseconds. */
  checkAt: number;
}

/** Webhooks expire, are suspended and get lost without a word: so often Clio's list is looked at. */
const CHECK_EVERY_MS = 3_600_000;

/** Keeps the webhooks that the active rules need in place at Clio, and the connection's token fresh. */
@Injectable()
export class SubscriptionsWorker {
  private readonly logger = new Logger('Subscriptions');
  private readonly progress = new Map<string, Progress>();
  private lastWanted: Wanted | null = null;

  constructor(
    private readonly keeper: WebhookKeeper,
    private readonly clients: ClioClients,
    private readonly alerts: SubscriptionAlerts,
    @Inject(NEEDS) private readonly needs: SubscriptionNeeds,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Ensures once per start, authorisation and set of needs, every hour, and when a failed try is due. Returns how many
   * webhooks it had to touch. Only for the holder of the connection's lane.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const connection = await this.clients.load(connectionId);
    await this.clients.keepFresh(connection);
    const known = this.progress.get(connectionId);
    const { hash } = this.wanted();
    const isSame = known?.wanted === hash && known.authorisedAt === connection.authorisedAt;
    if (isSame && isAhead(known, this.now())) return 0;
    return this.ensure(connectionId, signal, connection.authorisedAt);
  }

  /** When a failed try is due again, in epoch milliseconds; null when all is in place. */
  nextTryAt(connectionId: string): number | null {
    return this.progress.get(connectionId)?.nextTryAt ?? null;
  }

  /** One pass now. Never throws for Clio's sake: what failed is logged with what to do and due again at `nextTryAt`. */
  private async ensure(
    connectionId: string,
    signal: AbortSignal,
    authorisedAt: number | null,
  ): Promise<number> {
    const { webhooks, hash, needs } = this.wanted();
    const pass = await this.keeper.reconcile(connectionId, webhooks, signal);
    const before = this.progress.get(connectionId);
    const isSame = before?.wanted === hash && before.authorisedAt === authorisedAt;
    const failures = pass.problems.length === 0 ? 0 : (isSame ? before.failures : 0) + 1;
    for (const { error } of pass.problems) this.report(connectionId, error);
    await this.alerts.settle(connectionId, pass, needs, failures);
    const now = this.now();
    this.progress.set(connectionId, {
      ...{ wanted: hash, authorisedAt, failures },
      nextTryAt: nextTryAfter(pass, failures, now),
      checkAt: now + CHECK_EVERY_MS,
    });
    return pass.touched;
  }

  /** Worked out once per set of needs: every drain asks. */
  private wanted(): Wanted {
    const needs = this.needs.needs();
    if (this.lastWanted?.needs === needs) return this.lastWanted;
    const heard = [...needs].filter(([model]) => hasWebhooks(model));
    for (const [model, { paths }] of heard)
      if (webhookFields(model, paths).isCut)
        this.logger.log(
          `The rules read more fields of ${model} than fit into a webhook at Clio (1,000 characters): its webhook only says which record changed, and the record is read.`,
        );
    const webhooks = heard.map(([model, ofModel]) => wantedWebhook(model, ofModel));
    this.lastWanted = { needs, webhooks, hash: contentHash(webhooks) };
    return this.lastWanted;
  }

  private report(connectionId: string, error: unknown): void {
    const what = `The webhooks of connection ${connectionId} are not all in place: ${messageOf(error)}`;
    if (error instanceof EngineError) this.logger.warn(`${what} It is tried again by itself.`);
    else this.logger.error(what, error);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** Nothing is put off for longer than between two looks, unless the clock was put back. */
function isAhead({ nextTryAt, checkAt }: Progress, now: number): boolean {
  const at = nextTryAt ?? checkAt;
  return now < at && at - now <= 2 * CHECK_EVERY_MS;
}

function nextTryAfter({ problems }: Pass, failures: number, now: number): number | null {
  if (problems.length === 0) return null;
  return Math.min(...problems.map(({ error }) => retryAt(error, failures, now, 0.5)));
}
