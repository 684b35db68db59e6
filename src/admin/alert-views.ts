import { IsNull, Not, type FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import { Alert } from '../store/alert.entity.js';
import type { Database } from '../store/database.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { filtersOf, mapPage, pageOf, pageQuery, readPage, type Page } from './page.js';

/** Something that somebody has to look at. */
export const alertView = z.object({
  id: z.string(),
  connection_id: z.string().nullable().describe('Null when it is about the whole installation.'),
  kind: z.string().describe('For example subscription_suspended, connection_lost, scope_missing.'),
  subject: z.string().describe('What it is about, within its kind: a model, for example.'),
  message: z.string().describe('What happened, to what, and what to do.'),
  status: z.enum(['open', 'closed']),
  raised_at: moment,
  seen_at: moment.describe('When its cause was last seen.'),
  closed_at: moment.nullable().describe('When its cause was gone.'),
});
export type AlertView = z.infer<typeof alertView>;

export const alertsPage = pageOf(alertView);
export const alertsQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(['open', 'closed', 'all']).default('open'),
  connection_id: z.string().optional(),
});
export type AlertsQuery = z.infer<typeof alertsQuery>;

const CLOSED_AT: Record<AlertsQuery['status'], FindOptionsWhere<Alert>> = {
  open: { closedAt: IsNull() },
  closed: { closedAt: Not(IsNull()) },
  all: {},
};

export async function listAlerts(database: Database, query: AlertsQuery): Promise<Page<AlertView>> {
  const where = { ...filtersOf<Alert>({ connectionId: query.connection_id }), ...CLOSED_AT[query.status] };
  const source = { list: 'alerts', repository: database.repo(Alert), where };
  return mapPage(await readPage(source, query), viewAlert);
}

export function viewAlert(alert: Alert): AlertView {
  return {
    id: alert.id,
    connection_id: alert.connectionId,
    kind: alert.kind,
    subject: alert.subject,
    message: alert.message,
    status: alert.closedAt === null ? 'open' : 'closed',
    raised_at: isoTime(alert.raisedAt),
    seen_at: isoTime(alert.seenAt),
    closed_at: isoTimeOrNull(alert.closedAt),
  };
}
