import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, UpstreamError, messageOf } from '../lib/errors.js';
import { newId, newSecret } from '../lib/ids.js';
import { contentHash } from '../lib/json.js';
import type { Subscription } from '../store/subscription.entity.js';
import { hasWebhooks } from './event-names.js';
import { NEEDS, type SubscriptionNeeds, type WantedOfModel } from './needs.js';
import {
  planSubscriptions,
  wantedWebhook,
  type SubscriptionStep,
  type WantedWebhook,
} from './plan-subscriptions.js';
import { retryAt } from './retry-at.js';
import { SubscriptionRegistry } from './subscription-registry.js';
import { expiryFrom, expiryOf, textOf, webhookUrl, WEBHOOK_FIELDS } from './webhook-at-clio.js';

/** What the rules of one moment need; `hash` is of the webhooks. */
interface Wanted {
  needs: ReadonlyMap<string, WantedOfModel>;
  webhooks: WantedWebhook[];
  hash: string;
  /** Models whose webhook cannot be asked for. */
  problems: unknown[];
}

interface Progress {
  /** The hash of what was put in place, or tried to be. */
  wanted: string;
  /** Tries that failed in a row. */
  failures: number;
  /** Epoch milliseconds; null when everything is in place. */
  nextTryAt: number | null;
}

/** Keeps the webhooks that the active rules need in place at Clio. */
@Injectable()
export class SubscriptionsWorker {
  private readonly logger = new Logger('Subscriptions');
  private readonly progress = new Map<string, Progress>();
  private lastWanted: Wanted | null = null;

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly clients: ClioClients,
    @Inject(NEEDS) private readonly needs: SubscriptionNeeds,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Ensures once per start, connection and set of needs, and again when a failed try is due. Returns how many webhooks it
   * had to touch. Only for the holder of the connection's lane, so that two processes never create one webhook each.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const known = this.progress.get(connectionId);
    const isSame = known !== undefined && known.wanted === this.wanted().hash;
    if (isSame && (known.nextTryAt === null || known.nextTryAt > this.now())) return 0;
    return this.ensure(connectionId, signal);
  }

  /** When `drain` has something to do again, in epoch milliseconds; null when all is in place. */
  nextTryAt(connectionId: string): number | null {
    return this.progress.get(connectionId)?.nextTryAt ?? null;
  }

  /**
   * Creates what is missing at Clio, changes what differs, activates what is pending; webhooks that no rule needs any more
   * are left alone. Never throws for Clio's sake: what failed is logged with what to do and due again at `nextTryAt`.
   */
  async ensure(connectionId: string, signal: AbortSignal): Promise<number> {
    const { webhooks, hash, ...wanted } = this.wanted();
    const problems = [...wanted.problems];
    let touched = 0;
    try {
      if (webhooks.length > 0) touched = await this.reconcile(connectionId, webhooks, signal, problems);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(error);
    }
    for (const error of problems) this.report(connectionId, error);
    this.progress.set(connectionId, this.progressAfter(connectionId, hash, problems));
    return touched;
  }

  private async reconcile(
    connectionId: string,
    wanted: WantedWebhook[],
    signal: AbortSignal,
    problems: unknown[],
  ): Promise<number> {
    const client = await this.clients.forConnection(connectionId);
    const atClio = await client.list('webhooks', { fields: WEBHOOK_FIELDS }, signal);
    const rows = await this.registry.ofConnection(connectionId);
    const urlOf = (key: string) => webhookUrl(this.config, key);
    const steps = planSubscriptions(wanted, rows, atClio, urlOf, this.now());
    for (const step of steps) {
      try {
        await this.carryOut(connectionId, step, client, signal);
      } catch (error) {
        signal.throwIfAborted();
        problems.push(error);
      }
    }
    return steps.length;
  }

  private async carryOut(
    connectionId: string,
    step: SubscriptionStep,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    const options = { fields: WEBHOOK_FIELDS, signal };
    if (step.kind === 'settle') return this.settle(step.row, step.webhook, client, signal);
    const { model, events, fields } = step.wanted;
    const expires_at = expiryFrom(this.now());
    if (step.kind === 'create') {
      // The row and its key come first: whatever happens to the answer, the webhook can be found again by its address.
      const row = await this.pendingRow(connectionId, step);
      const url = webhookUrl(this.config, row.key);
      const webhook = await client.create('webhooks', { url, model, events, fields, expires_at }, options);
      return this.settle(row, webhook, client, signal);
    }
    const { row, webhook, isMoved } = step;
    // Clio shakes hands with a new address at once, and only a pending subscription does.
    if (isMoved) await this.registry.change(row, { status: 'pending' });
    const move = isMoved ? { url: webhookUrl(this.config, row.key) } : {};
    const changed = await client.update(
      `webhooks/${webhook.id}`,
      { ...move, events, fields, expires_at },
      options,
    );
    await this.registry.change(row, { events, fields });
    return this.settle(row, changed, client, signal);
  }

  private async pendingRow(
    connectionId: string,
    { wanted, row }: SubscriptionStep & { kind: 'create' },
  ): Promise<Subscription> {
    const { model, events, fields } = wanted;
    const set = { events, fields, status: 'pending', clioWebhookId: null, expiresAt: null } as const;
    if (row !== null) {
      await this.registry.change(row, set);
      return { ...row, ...set };
    }
    const now = this.now();
    const secrets = { secret: null, previousSecret: null };
    const ids = { id: newId(), connectionId, key: newSecret() };
    const added = { ...ids, model, ...set, ...secrets, createdAt: now, updatedAt: now };
    await this.registry.add(added);
    return added;
  }

  /**
   * Takes over what Clio says about a webhook. Its handshake may be under way, may have been missed, or may never come;
   * the secret is readable, so a webhook that is still pending is activated from here.
   */
  private async settle(
    row: Subscription,
    webhook: ClioRecord,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    await this.registry.change(row, { clioWebhookId: String(webhook.id), expiresAt: expiryOf(webhook) });
    const isDone = textOf(webhook, 'status') === 'enabled' && textOf(webhook, 'shared_secret') !== null;
    const path = `webhooks/${webhook.id}`;
    const current = isDone ? webhook : await client.get(path, { fields: WEBHOOK_FIELDS }, signal);
    const status = textOf(current, 'status');
    const secret = textOf(current, 'shared_secret');
    if (secret === null) throw withoutSecret(row);
    if (status === 'suspended') {
      this.logger.warn(`Clio has suspended its webhook ${webhook.id} (${row.model}): nothing arrives by it.`);
      return this.registry.takeSecret(row, secret, { status: 'suspended' });
    }
    // The secret is stored before Clio may send with it.
    await this.registry.takeSecret(row, secret, {});
    if (status !== 'enabled') await client.activateWebhook(String(webhook.id), secret);
    await this.registry.change(row, { status: 'enabled' });
    this.logger.log(`Clio's webhook ${webhook.id} (${row.model}: ${row.events.join(', ')}) is in place.`);
  }

  /** Worked out once per set of needs: every drain asks. */
  private wanted(): Wanted {
    const needs = this.needs.needs();
    if (this.lastWanted?.needs === needs) return this.lastWanted;
    const webhooks: WantedWebhook[] = [];
    const problems: unknown[] = [];
    for (const [model, ofModel] of needs) {
      if (!hasWebhooks(model)) continue;
      try {
        webhooks.push(wantedWebhook(model, ofModel));
      } catch (error) {
        problems.push(error);
      }
    }
    this.lastWanted = { needs, webhooks, hash: contentHash(webhooks), problems };
    return this.lastWanted;
  }

  private progressAfter(connectionId: string, wanted: string, problems: readonly unknown[]): Progress {
    if (problems.length === 0) return { wanted, failures: 0, nextTryAt: null };
    const before = this.progress.get(connectionId);
    const failures = (before?.wanted === wanted ? before.failures : 0) + 1;
    const tries = problems.map((error) => retryAt(error, failures, this.now(), 0.5));
    return { wanted, failures, nextTryAt: Math.min(...tries) };
  }

  private report(connectionId: string, error: unknown): void {
    const refused =
      error instanceof UpstreamError && ['clio.invalid', 'clio.bad_request'].includes(error.code);
    const advice = refused
      ? ` Clio calls https addresses on the internet only; PUBLIC_URL is ${this.config.publicUrl}.`
      : '';
    const what = `The webhooks of connection ${connectionId} are not all in place: ${messageOf(error)}${advice}`;
    if (error instanceof EngineError) this.logger.warn(`${what} It is tried again by itself.`);
    else this.logger.error(what, error);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function withoutSecret(row: Subscription): UpstreamError {
  return new UpstreamError(
    'clio.unreadable_answer',
    `Clio shows no secret for its webhook of ${row.model}, so what it sends could not be checked; it is asked again.`,
    { retry: 'later', applied: 'no' },
  );
}
