import type { ClioRecord } from '../clio/clio.client.js';
import type { Config } from '../config/config.js';

/** What is read of a webhook at Clio; without `fields` it shows its id alone. */
export const WEBHOOK_FIELDS = 'id,url,model,events,fields,status,expires_at,shared_secret';

/** Clio keeps a webhook 31 days at most; one day less leaves room for clocks that differ. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

/** Where Clio sends what a subscription's key stands for. */
export function webhookUrl(config: Pick<Config, 'publicUrl'>, key: string): string {
  return `${config.publicUrl}/webhooks/clio/${key}`;
}

/** The end of a lifetime that starts at `now` (epoch ms), as Clio writes times. */
export function expiryFrom(now: number): string {
  return new Date(now + LIFETIME_MS).toISOString();
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
