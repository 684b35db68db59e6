import { z } from 'zod';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { Subscription } from '../store/subscription.entity.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { fieldsOf, severalOf, shown, sortedBy, strictQuery, textFilter } from './list-query.js';
import { mapPage, pageOf, pageQuery, slicePage, type Page } from './page.js';

/** A webhook of ours at Clio. Its address and its secrets are never shown. */
export const subscriptionView = z.object({
  id: z.string(),
  model: z.string(),
  events: z.array(z.string()),
  status: z
    .enum(['pending', 'enabled', 'suspended', 'disabled'])
    .describe(
      'pending: Clio has not confirmed it. suspended: Clio gave it up. disabled: not wanted any more.',
    ),
  expires_at: moment.nullable(),
});
type SubscriptionView = z.infer<typeof subscriptionView>;

export const subscriptionDetail = subscriptionView.extend({
  fields: z.string().describe('What Clio is asked to send of a record.'),
  renewed_at: moment.nullable().describe('When the present end was asked for.'),
  created_at: moment,
  updated_at: moment,
});
type SubscriptionDetail = z.infer<typeof subscriptionDetail>;

export const subscriptionsPage = pageOf(subscriptionDetail);
export const subscriptionsQuery = strictQuery({
  ...pageQuery,
  status: severalOf(subscriptionView.shape.status.options).optional(),
  q: textFilter('id and model'),
  sort: sortedBy(['model', '-model', 'created_at', '-created_at']),
  fields: fieldsOf(subscriptionDetail),
});
export type SubscriptionsQuery = z.infer<typeof subscriptionsQuery>;

export function viewSubscription({ id, model, events, status, expiresAt }: Subscription): SubscriptionView {
  return { id, model, events, status, expires_at: isoTimeOrNull(expiresAt) };
}

/** Every webhook that a connection has, or had. Null without such a connection. */
export async function listSubscriptions(
  database: Database,
  connectionId: string,
  query: SubscriptionsQuery,
): Promise<Page<SubscriptionDetail> | null> {
  if (!(await database.repo(Connection).existsBy({ id: connectionId }))) return null;
  const all = await database.repo(Subscription).findBy({ connectionId });
  const text = query.q?.toLowerCase() ?? '';
  const wanted = all.filter(
    ({ id, model, status }) =>
      (query.status?.includes(status) ?? true) && [id, model].some((one) => one.toLowerCase().includes(text)),
  );
  const page = slicePage(`subscriptions of ${connectionId}`, wanted, query, ({ id, model, createdAt }) => [
    query.sort.endsWith('model') ? model : createdAt,
    id,
  ]);
  return mapPage(page, (row) => shown(detailOf(row), query.fields));
}

function detailOf(row: Subscription): SubscriptionDetail {
  return {
    ...viewSubscription(row),
    fields: row.fields,
    renewed_at: isoTimeOrNull(row.renewedAt),
    created_at: isoTime(row.createdAt),
    updated_at: isoTime(row.updatedAt),
  };
}
