import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { UpstreamError, type ErrorCode } from '../lib/errors.js';
import { newId, newSecret } from '../lib/ids.js';
import type { Subscription } from '../store/subscription.entity.js';
import {
  isAsWanted,
  planSubscriptions,
  type SubscriptionStep,
  type WantedWebhook,
} from './plan-subscriptions.js';
import { SubscriptionRegistry } from './subscription-registry.js';
import { expiryFrom, expiryOf, keyOf, textOf, webhookUrl, WEBHOOK_FIELDS } from './webhook-at-clio.js';

/** What went wrong about the webhooks of a model; `webhook` stands for all of them. */
export interface WebhookProblem {
  subject: string;
  error: unknown;
}

/** One comparison of what is wanted with what Clio has. */
export interface Pass {
  /** How many webhooks had to be touched. */
  touched: number;
  /** Models whose webhook Clio had suspended. */
  suspended: string[];
  problems: WebhookProblem[];
  /** False when it was broken off before everything was looked at. */
  isComplete: boolean;
}

/** Nothing else can go better now: the next calls would only add to the trouble. */
const BREAKS_OFF: ReadonlySet<ErrorCode> = new Set([
  'clio.rate_limited',
  'clio.unauthorized',
  'clio.unreachable',
  'clio.timeout',
  'clio.gone',
]);

/** Brings the webhooks of a connection at Clio in line with what is wanted. */
@Injectable()
export class WebhookKeeper {
  private readonly logger = new Logger('Subscriptions');

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly clients: ClioClients,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * One pass: creates, changes, replaces, activates and removes. Never throws for Clio's sake. Only for the holder of the
   * connection's lane, so that two processes never create one webhook each.
   */
  async reconcile(
    connectionId: string,
    wanted: readonly WantedWebhook[],
    signal: AbortSignal,
  ): Promise<Pass> {
    const pass: Pass = { touched: 0, suspended: [], problems: [], isComplete: false };
    const note = (subject: string, error: unknown): boolean => {
      signal.throwIfAborted();
      pass.problems.push({ subject, error });
      return error instanceof UpstreamError && BREAKS_OFF.has(error.code);
    };
    // With nothing wanted and nothing made, Clio need not be asked.
    if (wanted.length === 0 && !(await this.registry.hasLive(connectionId))) return pass;
    try {
      const client = await this.clients.forConnection(connectionId);
      for (const step of await this.plan(connectionId, wanted, client, signal)) {
        pass.touched++;
        if (step.kind === 'replace' && step.defect === 'suspended') pass.suspended.push(step.wanted.model);
        try {
          await this.carryOut(connectionId, step, client, signal);
        } catch (error) {
          if (note(modelOf(step), error)) return pass;
        }
      }
      pass.isComplete = true;
    } catch (error) {
      note('webhook', error);
    }
    return pass;
  }

  private async plan(
    connectionId: string,
    wanted: readonly WantedWebhook[],
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<SubscriptionStep[]> {
    const webhooks = await client.list('webhooks', { fields: WEBHOOK_FIELDS }, signal);
    // Rows are read after the list: whose webhook is in it has had its row before.
    const rows = await this.registry.ofConnection(connectionId);
    const keys = webhooks.map((webhook) => keyOf(this.config, webhook)).filter((key) => key !== null);
    const foreign = await this.registry.keysOfOthers(connectionId, keys);
    return planSubscriptions(wanted, rows, webhooks, {
      urlOf: (key) => webhookUrl(this.config, key),
      isOwn: (webhook) => {
        const key = keyOf(this.config, webhook);
        return key !== null && !foreign.has(key);
      },
      now: client.clioNow(),
    });
  }

  private async carryOut(
    connectionId: string,
    step: SubscriptionStep,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    switch (step.kind) {
      case 'settle':
        return this.settle(step, client, signal);
      case 'remove':
        return this.remove(step.row, step.webhook, client, signal);
      case 'change':
        return this.change(step, client, signal);
      case 'create':
        return this.create(connectionId, step, client, signal);
      case 'replace': {
        const { wanted, row, webhook, defect } = step;
        this.logger.warn(`Clio's webhook ${webhook.id} (${row.model}) is ${defect}; it is made again.`);
        await removeAtClio(client, webhook, signal);
        return this.create(connectionId, { wanted, row }, client, signal);
      }
    }
  }

  private async create(
    connectionId: string,
    step: { wanted: WantedWebhook; row: Subscription | null },
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    // The row and its key come first: whatever happens to the answer, the webhook can be found again by its address.
    const row = await this.pendingRow(connectionId, step);
    const { model, events, fields } = step.wanted;
    const url = webhookUrl(this.config, row.key);
    const renewedAt = client.clioNow();
    const data = { url, model, events, fields, expires_at: expiryFrom(renewedAt) };
    const webhook = await client.create('webhooks', data, { fields: WEBHOOK_FIELDS, signal });
    await this.registry.change(row, { renewedAt });
    return this.settle({ wanted: step.wanted, row, webhook }, client, signal);
  }

  private async change(
    { wanted, row, webhook, isMoved }: SubscriptionStep & { kind: 'change' },
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    const { events, fields } = wanted;
    // Clio shakes hands with a new address at once, and only a pending subscription does.
    if (isMoved) await this.registry.change(row, { status: 'pending' });
    const move = isMoved ? { url: webhookUrl(this.config, row.key) } : {};
    const renewedAt = client.clioNow();
    const data = { ...move, events, fields, expires_at: expiryFrom(renewedAt) };
    const changed = await client.update(`webhooks/${webhook.id}`, data, { fields: WEBHOOK_FIELDS, signal });
    await this.registry.change(row, { events, fields, renewedAt });
    return this.settle({ wanted, row, webhook: changed }, client, signal);
  }

  private async remove(
    row: Subscription | null,
    webhook: ClioRecord | null,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    if (webhook !== null) {
      await removeAtClio(client, webhook, signal);
      this.logger.log(`Clio's webhook ${webhook.id} is not needed any more and was removed.`);
    }
    if (row !== null) await this.registry.change(row, { status: 'disabled' });
  }

  private async pendingRow(
    connectionId: string,
    { wanted, row }: { wanted: WantedWebhook; row: Subscription | null },
  ): Promise<Subscription> {
    const { model, events, fields } = wanted;
    const nothing = { clioWebhookId: null, expiresAt: null, renewedAt: null };
    const set = { events, fields, status: 'pending' as const, ...nothing };
    if (row !== null) {
      await this.registry.change(row, set);
      return { ...row, ...set };
    }
    const now = this.clock.now().getTime();
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
    { wanted, row, webhook }: { wanted: WantedWebhook; row: Subscription; webhook: ClioRecord },
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    await this.registry.change(row, { clioWebhookId: String(webhook.id), expiresAt: expiryOf(webhook) });
    const isDone = textOf(webhook, 'status') === 'enabled' && textOf(webhook, 'shared_secret') !== null;
    const path = `webhooks/${webhook.id}`;
    const current = isDone ? webhook : await client.get(path, { fields: WEBHOOK_FIELDS }, signal);
    const secret = textOf(current, 'shared_secret');
    if (secret === null) throw withoutSecret(row);
    // The secret is stored before Clio may send with it.
    await this.registry.takeSecret(row, secret, {});
    if (textOf(current, 'status') !== 'enabled')
      await client.activateWebhook(String(webhook.id), secret, signal);
    await this.registry.change(row, { status: 'enabled' });
    if (!isAsWanted(wanted, wanted, current)) throw unlike(wanted, current);
    this.logger.log(
      `Clio's webhook ${webhook.id} (${wanted.model}: ${wanted.events.join(', ')}) is in place.`,
    );
  }
}

function modelOf(step: SubscriptionStep): string {
  if (step.kind !== 'remove') return step.wanted.model;
  return step.row?.model ?? (step.webhook === null ? null : textOf(step.webhook, 'model')) ?? 'webhook';
}

/** One that is gone already is as good as removed. */
async function removeAtClio(client: ClioClient, webhook: ClioRecord, signal: AbortSignal): Promise<void> {
  try {
    await client.remove(`webhooks/${webhook.id}`, signal);
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.code !== 'clio.not_found') throw error;
  }
}

function withoutSecret(row: Subscription): UpstreamError {
  return new UpstreamError(
    'clio.unreadable_answer',
    `Clio shows no secret for its webhook of ${row.model}, so what it sends could not be checked; it is asked again.`,
    { retry: 'later', applied: 'no' },
  );
}

/** Clio drops without a word what it does not know. */
function unlike({ model, events, fields }: WantedWebhook, webhook: ClioRecord): UpstreamError {
  const kept = `${JSON.stringify(webhook['events'])} and "${textOf(webhook, 'fields')}"`;
  return new UpstreamError(
    'clio.invalid',
    `Clio kept ${kept} for the webhook of ${model} instead of ${JSON.stringify(events)} and "${fields}"; look for fields that this firm's Clio does not have.`,
    { retry: 'never', applied: 'no' },
  );
}
