import { Injectable, Logger } from '@nestjs/common';
import { permissionFor } from '../clio/permissions.js';
import { UpstreamError, messageOf } from '../lib/errors.js';
import { AlertStore } from '../store/alert.store.js';
import type { AlertSubject } from '../store/alerts-in.js';
import type { PollCursor } from '../store/poll-cursor.entity.js';
import { hasWebhooks } from './event-names.js';
import type { WantedOfModel } from './needs.js';
import { rulesOf, SubscriptionAlerts } from './subscription-alerts.js';

type Needs = ReadonlyMap<string, WantedOfModel>;
type OfModel = Pick<PollCursor, 'connectionId' | 'model'>;

/** A walk that fails so often in a row is somebody's business. */
const WORRYING = 3;

/** Says what a person has to do about lists that cannot be read, and stops saying it when it is done or not needed. */
@Injectable()
export class WalkAlerts {
  private readonly logger = new Logger('Poll');
  /** What the rules needed when a connection's alerts were last compared with it. */
  private readonly settled = new Map<string, Needs>();

  constructor(
    private readonly alerts: AlertStore,
    private readonly subscriptions: SubscriptionAlerts,
  ) {}

  /** Closes what no rule needs any more. Cheap until `needs` is another map. */
  async settle(connectionId: string, needs: Needs): Promise<void> {
    if (this.settled.get(connectionId) === needs) return;
    for (const { kind, subject } of await this.alerts.openOf(connectionId, ['sweep_failed', 'scope_missing']))
      if (subject !== 'webhook' && !needs.has(subject))
        await this.alerts.close({ connectionId, kind, subject });
    this.settled.set(connectionId, needs);
  }

  /** A step of a walk failed, `failures` times in a row now. `isPassing`: the next try may well do better. */
  async failed(
    of: OfModel,
    error: unknown,
    { needs, failures, isPassing }: { needs: Needs; failures: number; isPassing: boolean },
  ): Promise<void> {
    const { connectionId, model } = of;
    const what = `The ${model} records of connection ${connectionId} could not be looked through: ${messageOf(error)}`;
    const message = `${what} Nothing is lost; it is tried again by itself.`;
    const code = error instanceof UpstreamError ? error.code : null;
    if (code === 'clio.forbidden' && !this.subscriptions.isRefused(connectionId, model))
      await this.alerts.raise(missingOf(of), forbidden(model, rulesOf(model, needs)));
    // A lost authorisation has an alert of its own, and so has a permission that the webhook lacks too.
    else if (code === 'clio.forbidden' || code === 'clio.unauthorized' || (isPassing && failures < WORRYING))
      this.logger.warn(message);
    else await this.alerts.raise(failureOf(of), message);
  }

  /** A walk came to its end: the list can be read. What is missing for the webhook is for its own pass to close. */
  async succeeded(of: OfModel): Promise<void> {
    await this.alerts.close(failureOf(of));
    if (!this.subscriptions.isRefused(of.connectionId, of.model)) await this.alerts.close(missingOf(of));
  }
}

function failureOf({ connectionId, model }: OfModel): AlertSubject {
  return { connectionId, kind: 'sweep_failed', subject: model };
}

function missingOf({ connectionId, model }: OfModel): AlertSubject {
  return { connectionId, kind: 'scope_missing', subject: model };
}

function forbidden(model: string, rules: string): string {
  const until = hasWebhooks(model)
    ? `Until then what its webhook misses is not found for ${rules}.`
    : `Until then it disables ${rules}: Clio has no webhook for it.`;
  return (
    `Clio forbids this connection the list of ${model} records (403): check "${permissionFor(model)}" among the app's ` +
    `permissions in Clio's developer portal (read), then connect again (POST /api/v1/connections/authorize gives the ` +
    `address); the user's own role must allow it too. ${until}`
  );
}
