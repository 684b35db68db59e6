import { In, IsNull, Not } from 'typeorm';
import { z } from 'zod';
import { permissionFor } from '../clio/permissions.js';
import { Alert } from '../store/alert.entity.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { standsBy } from '../store/standing-by.js';
import { Subscription } from '../store/subscription.entity.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { fieldsOf, severalOf, shown, sortedBy, strictQuery, textFilter } from './list-query.js';
import { pageOf, pageQuery, slicePage, type Page } from './page.js';
import { subscriptionView, viewSubscription } from './subscription-views.js';

const missingScope = z.object({
  model: z.string(),
  permission: z.string().describe("As Clio's developer portal calls it."),
  message: z.string(),
});

/** An authorised Clio user of a firm. Its tokens are never shown. */
export const connectionView = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  base_url: z.string(),
  status: z.enum(['active', 'needs_authorisation']),
  stands_by: z
    .boolean()
    .describe('True when an earlier connection speaks for the same firm: this one does nothing meanwhile.'),
  user: z.object({ id: z.string(), name: z.string() }),
  account: z.object({ id: z.string().nullable(), name: z.string().nullable() }),
  token_expires_at: moment.nullable(),
  subscriptions: z.array(subscriptionView).describe('The webhooks kept at Clio for this connection.'),
  missing_scopes: z
    .array(missingScope)
    .describe('What Clio forbids this connection; the alert says what to do and which rules it disables.'),
  open_alerts: z.number().int().describe('How many things about it somebody has to look at.'),
  created_at: moment,
  updated_at: moment,
});
export type ConnectionView = z.infer<typeof connectionView>;

export const connectionsPage = pageOf(connectionView);
export const connectionsQuery = strictQuery({
  ...pageQuery,
  status: severalOf(connectionView.shape.status.options).optional(),
  q: textFilter('id, name, and the names of user and account'),
  sort: sortedBy(['-created_at', 'created_at', 'name', '-name']),
  fields: fieldsOf(connectionView),
});
export type ConnectionsQuery = z.infer<typeof connectionsQuery>;

export async function listConnections(
  database: Database,
  query: ConnectionsQuery,
): Promise<Page<ConnectionView>> {
  // There is one for each user of a firm who connected it: few.
  const all = (await database.repo(Connection).find()).filter(isWanted(query));
  const { data, next_cursor } = slicePage('connections', all, query, ({ id, name, createdAt }) => [
    query.sort.endsWith('name') ? name.toLowerCase() : createdAt,
    id,
  ]);
  const views = await viewConnections(database, data);
  return { data: views.map((view) => shown(view, query.fields)), next_cursor };
}

function isWanted({ status, q }: ConnectionsQuery): (connection: Connection) => boolean {
  const text = q?.toLowerCase() ?? '';
  return (one) =>
    (status?.includes(one.status) ?? true) &&
    [one.id, one.name, one.userName, one.accountName ?? ''].some((name) => name.toLowerCase().includes(text));
}

/** The connection of that id; null when there is none. */
export async function readConnection(database: Database, id: string): Promise<ConnectionView | null> {
  const connection = await database.repo(Connection).findOneBy({ id });
  return connection && viewConnection(database, connection);
}

export async function viewConnection(database: Database, connection: Connection): Promise<ConnectionView> {
  const [view] = await viewConnections(database, [connection]);
  return view as ConnectionView;
}

/** The connections with their subscriptions and open alerts, in two more reads. */
async function viewConnections(
  database: Database,
  connections: readonly Connection[],
): Promise<ConnectionView[]> {
  const connectionId = In(connections.map(({ id }) => id));
  const subscriptions = await database.repo(Subscription).find({
    where: { connectionId, status: Not('disabled') },
    order: { model: 'ASC' },
  });
  const alerts = await database.repo(Alert).find({
    where: { connectionId, closedAt: IsNull() },
    order: { id: 'ASC' },
  });
  const idle = await Promise.all(connections.map((connection) => standsBy(database, connection)));
  return connections.map((connection, index) => {
    const isOf = (row: { connectionId: string | null }) => row.connectionId === connection.id;
    const view = toView(connection, subscriptions.filter(isOf), alerts.filter(isOf));
    return { ...view, stands_by: idle[index] === true };
  });
}

function toView(
  connection: Connection,
  subscriptions: readonly Subscription[],
  alerts: readonly Alert[],
): Omit<ConnectionView, 'stands_by'> {
  return {
    id: connection.id,
    name: connection.name,
    region: connection.region,
    base_url: connection.baseUrl,
    status: connection.status,
    user: { id: connection.userId, name: connection.userName },
    account: { id: connection.accountId, name: connection.accountName },
    token_expires_at: isoTimeOrNull(connection.tokenExpiresAt),
    subscriptions: subscriptions.map(viewSubscription),
    missing_scopes: alerts
      .filter(({ kind }) => kind === 'scope_missing')
      .map(({ subject, message }) => ({ model: subject, permission: permissionFor(subject), message })),
    open_alerts: alerts.length,
    created_at: isoTime(connection.createdAt),
    updated_at: isoTime(connection.updatedAt),
  };
}
