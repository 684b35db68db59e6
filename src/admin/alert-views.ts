import { In, IsNull, Raw, type FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import { Alert, ALERT_KINDS } from '../store/alert.entity.js';
import type { Database } from '../store/database.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import {
  exactly,
  fieldsOf,
  longTextFilter,
  severalOf,
  shown,
  sortedBy,
  strictQuery,
  timeFilters,
} from './list-query.js';
import { mapPage, pageOf, pageQuery, type Page } from './page.js';
import { filtersOf, readList, spanOf } from './read-list.js';

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
export const alertsQuery = strictQuery({
  ...pageQuery,
  status: severalOf(['open', 'closed', 'all']).prefault('open'),
  connection_id: exactly.optional(),
  kind: severalOf(ALERT_KINDS).optional(),
  ...timeFilters,
  q: longTextFilter('id, kind, subject and message'),
  sort: sortedBy(['-raised_at', 'raised_at']),
  fields: fieldsOf(alertView),
});
export type AlertsQuery = z.infer<typeof alertsQuery>;

export async function listAlerts(
  database: Database,
  query: AlertsQuery,
  now: Date,
): Promise<Page<AlertView>> {
  const source = {
    list: 'alerts',
    repository: database.repo(Alert),
    order: ['raisedAt', 'id'] as const,
    like: [0, ''],
    branches: branchesOf(query),
    span: spanOf(query, now),
    searched: ['id', 'kind', 'subject', 'message'] as const,
    without: ['openKey'] as const,
  };
  return mapPage(await readList(source, query), (alert) => shown(viewAlert(alert), query.fields));
}

function branchesOf({ connection_id: connectionId, kind, status }: AlertsQuery): FindOptionsWhere<Alert>[] {
  const where = filtersOf<Alert>({ connectionId, kind: kind && In(kind) });
  const isAll = status.includes('all') || status.length > 1;
  const open = { ...where, closedAt: IsNull() };
  // As the index has it: SQLite does not see through `not (closed_at is null)`.
  const closed = { ...where, closedAt: Raw((column) => `${column} is not null`) };
  return isAll ? [open, closed] : [status.includes('open') ? open : closed];
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
