import { fieldList } from '../clio/field-list.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { isSameJson } from '../lib/json.js';
import type { Subscription } from '../store/subscription.entity.js';
import { clioEventOf, eventsAsked } from './event-names.js';
import type { WantedOfModel } from './needs.js';
import { textOf } from './webhook-at-clio.js';

/** A webhook that has to be in place: Clio's event names, sorted, and the `fields` it reports and watches. */
export interface WantedWebhook {
  model: string;
  events: string[];
  fields: string;
}

/** What to do about one wanted webhook. `row` is our subscription, `webhook` what Clio has. */
export type SubscriptionStep =
  | { kind: 'create'; wanted: WantedWebhook; row: Subscription | null }
  | { kind: 'change'; wanted: WantedWebhook; row: Subscription; webhook: ClioRecord; isMoved: boolean }
  | { kind: 'settle'; row: Subscription; webhook: ClioRecord };

const RENEW_WITHIN_MS = 7 * 24 * 3_600_000;

/**
 * The webhook for a model.
 * @throws RuleError when the rules' fields together are longer than Clio takes.
 */
export function wantedWebhook(model: string, { events, paths }: WantedOfModel): WantedWebhook {
  const names = [...eventsAsked(events)].map((event) => clioEventOf(model, event)).sort();
  return { model, events: names, fields: fieldList(model, paths) };
}

/**
 * Compares what is wanted with our rows and with all webhooks Clio has of ours. A webhook is recognised by its address
 * too, whose key is known before Clio is called: a create whose answer was lost is found, not repeated.
 */
export function planSubscriptions(
  wanted: readonly WantedWebhook[],
  rows: readonly Subscription[],
  webhooks: readonly ClioRecord[],
  urlOf: (key: string) => string,
  now: number,
): SubscriptionStep[] {
  return wanted.flatMap((want): SubscriptionStep[] => {
    const row = rows.find(({ model, status }) => model === want.model && status !== 'disabled') ?? null;
    const webhook =
      row === null
        ? undefined
        : webhooks.find((one) => String(one.id) === row.clioWebhookId || one['url'] === urlOf(row.key));
    if (row === null || webhook === undefined) return [{ kind: 'create', wanted: want, row }];
    const isMoved = webhook['url'] !== urlOf(row.key);
    const isOther = row.fields !== want.fields || !isSameJson([...row.events].sort(), want.events);
    const endsSoon = row.expiresAt !== null && row.expiresAt < now + RENEW_WITHIN_MS;
    if (isMoved || isOther || endsSoon) return [{ kind: 'change', wanted: want, row, webhook, isMoved }];
    return isSettled(row, webhook) ? [] : [{ kind: 'settle', row, webhook }];
  });
}

function isSettled(row: Subscription, webhook: ClioRecord): boolean {
  return (
    row.clioWebhookId === String(webhook.id) &&
    row.secret !== null &&
    row.status === 'enabled' &&
    textOf(webhook, 'status') === 'enabled'
  );
}
