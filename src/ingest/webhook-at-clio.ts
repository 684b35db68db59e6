import type { ClioRecord } from '../clio/clio.client.js';
import type { Config } from '../config/config.js';

/** What is read of a webhook at Clio; without `fields` it shows its id alone. */
export const WEBHOOK_FIELDS = 'id,url,model,events,fields,status,expires_at,shared_secret';

const MINUTE_MS = 60_000;
/** Clio keeps a webhook 31 days at most. The minutes are for the time that the request takes. */
const LIFETIME_MS = 31 * 24 * 60 * MINUTE_MS - 5 * MINUTE_MS;

/** Where Clio sends what a subscription's key stands for. */
export function webhookUrl(config: Pick<Config, 'publicUrl'>, key: string): string {
  return `${config.publicUrl}/webhooks/clio/${key}`;
}

/** The key in an address of ours; null for any other address. */
export function keyOf(config: Pick<Config, 'publicUrl'>, webhook: ClioRecord): string | null {
  const prefix = webhookUrl(config, '');
  const url = textOf(webhook, 'url') ?? '';
  return url.startsWith(prefix) ? url.slice(prefix.length) : null;
}

/** The end of a lifetime that starts at `clioNow` (epoch ms, by Clio's clock), as Clio writes times. */
export function expiryFrom(clioNow: number): string {
  return new Date(clioNow + LIFETIME_MS).toISOString();
}

/** When Clio lets a webhook expire, in epoch milliseconds; null when it does not say. */
export function expiryOf(webhook: ClioRecord): number | null {
  const time = typeof webhook['expires_at'] === 'string' ? Date.parse(webhook['expires_at']) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** A text field of a webhook, or null. */
export function textOf(webhook: ClioRecord, field: string): string | null {
  const value = webhook[field];
  return typeof value === 'string' && value !== '' ? value : null;
}
