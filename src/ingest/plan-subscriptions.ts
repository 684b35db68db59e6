import type { ClioRecord } from '../clio/clio.client.js';
import { asksForSame, webhookFields } from '../clio/field-list.js';
import { isSameJson } from '../lib/json.js';
import type { Subscription } from '../store/subscription.entity.js';
import { pathsToWatch } from './custom-field-paths.js';
import { clioEventOf, eventsAsked } from './event-names.js';
import type { WantedOfModel } from './needs.js';
import { expiryOf, textOf } from './webhook-at-clio.js';

/** A webhook that has to be in place: Clio's event names, sorted, and the `fields` it reports and watches. */
export interface WantedWebhook {
  model: string;
  events: string[];
  fields: string;
}

/** Why a webhook that is there has to be made again. */
export type Defect = 'suspended' | 'expired';

/** What to do about one webhook. `row` is our subscription, `webhook` what Clio has. */
export type SubscriptionStep =
  | { kind: 'create'; wanted: WantedWebhook; row: Subscription | null }
  | { kind: 'replace'; wanted: WantedWebhook; row: Subscription; webhook: ClioRecord; defect: Defect }
  | { kind: 'change'; wanted: WantedWebhook; row: Subscription; webhook: ClioRecord; isMoved: boolean }
  | { kind: 'settle'; wanted: WantedWebhook; row: Subscription; webhook: ClioRecord }
  | { kind: 'remove'; row: Subscription | null; webhook: ClioRecord | null };

/** What is known on our side about addresses and the time. */
export interface OurSide {
  urlOf: (key: string) => string;
  /** Whether an address is ours and not that of another connection. */
  isOwn: (webhook: ClioRecord) => boolean;
  /** By Clio's clock, in epoch milliseconds. */
  now: number;
}

/** For a webhook of which it is not known when its life began: half of the longest. */
const HALF_LIFE_MS = 15.5 * 24 * 3_600_000;

/**
 * The webhook for a model. Whoever asks for changes also gets `created`: without it the first change of a record would
 * be its first sight, and nothing could be said to have changed.
 */
export function wantedWebhook(
  model: string,
  { events, paths }: Pick<WantedOfModel, 'events' | 'paths'>,
): WantedWebhook {
  const names = [...eventsAsked(events)].map((event) => clioEventOf(model, event)).sort();
  return { model, events: names, fields: webhookFields(model, pathsToWatch(paths)).fields };
}

/**
 * Compares what is wanted with our rows and with all webhooks Clio has of ours. A webhook is recognised by its address
 * too, whose key is known before Clio is called: a create whose answer was lost is found, not repeated. What is ours and
 * not wanted goes; what is not ours is never touched.
 */
export function planSubscriptions(
  wanted: readonly WantedWebhook[],
  rows: readonly Subscription[],
  webhooks: readonly ClioRecord[],
  ours: OurSide,
): SubscriptionStep[] {
  const live = rows.filter(({ status }) => status !== 'disabled');
  const webhookOf = (row: Subscription) =>
    webhooks.find((one) => String(one.id) === row.clioWebhookId) ??
    webhooks.find((one) => one['url'] === ours.urlOf(row.key));
  const kept = new Map(wanted.map((want) => [want, live.find(({ model }) => model === want.model) ?? null]));
  const keptRows = new Set(kept.values());
  const steps = [...kept].flatMap(([want, row]) => stepFor(want, row, row && webhookOf(row), ours));
  const unwanted = live.filter((row) => !keptRows.has(row));
  const inUse = new Set(live.map(webhookOf));
  const given = new Set(rows.map(({ clioWebhookId }) => clioWebhookId));
  const orphans = webhooks.filter((one) => !inUse.has(one) && (ours.isOwn(one) || given.has(String(one.id))));
  return [
    ...steps,
    ...unwanted.map((row) => ({ kind: 'remove' as const, row, webhook: webhookOf(row) ?? null })),
    ...orphans.map((webhook) => ({ kind: 'remove' as const, row: null, webhook })),
  ];
}

function stepFor(
  wanted: WantedWebhook,
  row: Subscription | null,
  webhook: ClioRecord | null | undefined,
  { urlOf, now }: OurSide,
): SubscriptionStep[] {
  if (row === null || webhook === null || webhook === undefined) return [{ kind: 'create', wanted, row }];
  const defect = defectOf(webhook, now);
  if (defect !== null) return [{ kind: 'replace', wanted, row, webhook, defect }];
  const isMoved = webhook['url'] !== urlOf(row.key);
  if (isMoved || !isAsWanted(wanted, row, webhook) || isHalfOver(row, webhook, now))
    return [{ kind: 'change', wanted, row, webhook, isMoved }];
  return isSettled(row, webhook) ? [] : [{ kind: 'settle', wanted, row, webhook }];
}

/** Clio neither delivers by such a webhook nor says how to revive one. */
function defectOf(webhook: ClioRecord, now: number): Defect | null {
  if (textOf(webhook, 'status') === 'suspended') return 'suspended';
  const end = expiryOf(webhook);
  return end !== null && end <= now ? 'expired' : null;
}

/** Whether Clio's webhook, or our row where Clio does not say, reports what is wanted. */
export function isAsWanted(
  wanted: WantedWebhook,
  row: Pick<Subscription, 'events' | 'fields'>,
  webhook: ClioRecord,
): boolean {
  const events = Array.isArray(webhook['events']) ? (webhook['events'] as string[]) : row.events;
  const fields = textOf(webhook, 'fields') ?? row.fields;
  return isSameJson([...events].sort(), wanted.events) && asksForSame(fields, wanted.fields);
}

function isHalfOver(row: Subscription, webhook: ClioRecord, now: number): boolean {
  const end = expiryOf(webhook) ?? row.expiresAt;
  if (end === null) return false;
  const half = row.renewedAt === null ? HALF_LIFE_MS : (end - row.renewedAt) / 2;
  return end - half <= now;
}

function isSettled(row: Subscription, webhook: ClioRecord): boolean {
  return (
    (expiryOf(webhook) ?? row.expiresAt) === row.expiresAt &&
    row.clioWebhookId === String(webhook.id) &&
    row.secret !== null &&
    row.status === 'enabled' &&
    textOf(webhook, 'status') === 'enabled'
  );
}
