import { timingSafeEqual, createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, RequestError, StoreError, UpstreamError, messageOf } from '../lib/errors.js';
import type { Subscription } from '../store/subscription.entity.js';
import { handshakeWebhookId } from './normalize.js';
import { SubscriptionRegistry } from './subscription-registry.js';
import { WEBHOOK_FIELDS, webhookUrl } from './webhook-at-clio.js';

/** Clio waits "a short period" for the answer; after it the worker activates the webhook itself. */
const ANSWER_WITHIN_MS = 8_000;

/** Takes the secret of a new webhook from Clio's handshake, which anybody could imitate: nothing in it is signed. */
@Injectable()
export class Handshakes {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly clients: ClioClients,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Stores `secret` when the subscription waits for one and Clio itself, asked over our own connection, shows the same.
   * The handshake may come before Clio has answered our create, so the id in `body` is taken until then, and checked.
   * @throws RequestError `request.unauthorized`; StoreError when Clio cannot be asked now.
   */
  async accept(row: Subscription, secret: string, body: Buffer): Promise<void> {
    if (row.status !== 'pending') throw refused('the subscription does not wait for a handshake');
    const named = handshakeWebhookId(body);
    if (row.clioWebhookId !== null && named !== null && named !== row.clioWebhookId)
      throw refused(`it names webhook ${named}, but this address is webhook ${row.clioWebhookId}`);
    const webhook = await this.ask(row, row.clioWebhookId ?? named);
    if (webhook === null || webhook['url'] !== webhookUrl(this.config, row.key))
      throw refused('Clio has no such webhook with this address');
    if (!isSameText(webhook['shared_secret'], secret)) throw refused('the secret is not the one Clio shows');
    await this.registry.takeSecret(row, secret, { status: 'enabled', clioWebhookId: String(webhook.id) });
    this.logger.log(`Clio's webhook ${webhook.id} (${row.model}) shook hands.`);
  }

  private async ask(row: Subscription, id: string | null): Promise<ClioRecord | null> {
    if (id === null) throw refused('its body names no webhook');
    const limit = new AbortController();
    const cancel = this.clock.after(ANSWER_WITHIN_MS, () => limit.abort(tooLate()));
    try {
      const client = await this.clients.forConnection(row.connectionId);
      return await client.get(`webhooks/${id}`, { fields: WEBHOOK_FIELDS }, limit.signal);
    } catch (error) {
      if (error instanceof UpstreamError && error.code === 'clio.not_found') return null;
      if (!(error instanceof EngineError)) throw error;
      throw new StoreError(
        'store.unavailable',
        `The handshake for ${row.model} could not be checked with Clio (${messageOf(error)}); the webhook is activated later.`,
        { cause: error },
      );
    } finally {
      cancel();
    }
  }
}

function refused(why: string): RequestError {
  return new RequestError(
    'request.unauthorized',
    `The handshake was refused: ${why}. Only Clio should send to this address.`,
  );
}

function tooLate(): StoreError {
  return new StoreError('store.unavailable', `Clio did not answer within ${ANSWER_WITHIN_MS} ms.`);
}

/** In constant time, whatever the lengths. */
function isSameText(a: unknown, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return typeof a === 'string' && timingSafeEqual(digest(a), digest(b));
}
