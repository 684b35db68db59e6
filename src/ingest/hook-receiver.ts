import { Inject, Injectable, Logger } from '@nestjs/common';
import { verifySignature } from '../clio/webhook-signature.js';
import { LANES, type Lanes } from '../lanes/lanes.js';
import { wakeQuietly } from '../lanes/wake-quietly.js';
import { RequestError } from '../lib/errors.js';
import { EventStore } from '../store/event.store.js';
import { Handshakes } from './handshakes.js';
import { normalize } from './normalize.js';
import { SubscriptionRegistry, type OpenSubscription } from './subscription-registry.js';

/** A request to a webhook address, before anything in it is believed. */
export interface Hook {
  key: string;
  /** The bytes as they came; the signature is about them. */
  raw: Buffer;
  /** Header X-Hook-Signature. */
  signature: string | undefined;
  /** Header X-Hook-Secret, which only a handshake has. */
  secret: string | undefined;
}

/** Keys are 32 bytes in base64url; anything else is no reason to ask the database. */
const KEY = /^[\w-]{43}$/;

/** Takes in what Clio sends: a handshake, or a change that is on disk before the answer. */
@Injectable()
export class HookReceiver {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly handshakes: Handshakes,
    private readonly events: EventStore,
    @Inject(LANES) private readonly lanes: Lanes,
  ) {}

  /**
   * Returns the secret to echo after a handshake, otherwise null.
   * @throws RequestError not_found (no such address), unauthorized (signature), invalid (body), or status 410 once the
   * subscription is disabled, so that Clio stops. StoreError when it could not be stored: Clio sends again.
   */
  async receive(hook: Hook): Promise<string | null> {
    const subscription = await this.subscriptionOf(hook);
    if (hook.secret !== undefined && hook.signature === undefined) {
      await this.handshakes.accept(subscription.row, hook.secret, hook.raw);
      return hook.secret;
    }
    await this.checkSignature(hook, subscription);
    const event = normalize(hook.raw, subscription.row);
    const [result] = await this.events.append([event]);
    // The event is on disk: the answer does not wait for the wake.
    if (result === 'stored') void wakeQuietly(this.lanes, event.connectionId, this.logger);
    return null;
  }

  private async subscriptionOf(hook: Hook): Promise<OpenSubscription> {
    const known = KEY.test(hook.key) ? await this.registry.byKey(hook.key) : null;
    // A handshake is rare and decides by the newest state; deliveries live with what memory says.
    const subscription =
      known !== null && hook.secret !== undefined ? await this.registry.byKeyAgain(hook.key) : known;
    if (subscription === null)
      throw new RequestError(
        'request.not_found',
        'There is no webhook at this address; look up the current one among the connection’s subscriptions.',
      );
    if (subscription.row.status === 'disabled')
      throw new RequestError('request.not_found', 'This webhook was given up; Clio need not send to it.', {
        details: { status: 410 },
      });
    return subscription;
  }

  private async checkSignature(hook: Hook, subscription: OpenSubscription): Promise<void> {
    if (hook.signature === undefined) throw unsigned('has no X-Hook-Signature');
    if (verifySignature(hook.raw, hook.signature, [...subscription.secrets])) return;
    const again = await this.registry.byKeyAgain(hook.key);
    if (again !== null && again !== subscription)
      if (verifySignature(hook.raw, hook.signature, [...again.secrets])) return;
    throw unsigned('is not signed with the secret Clio gave for it');
  }
}

function unsigned(why: string): RequestError {
  return new RequestError(
    'request.unauthorized',
    `The delivery was refused and not stored: it ${why}. Only Clio should send to this address.`,
  );
}
