import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { AuditEntry } from '../store/audit-entry.entity.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import type { KeptMark } from '../store/verify-audit.js';
import { auditCsv } from './audit-csv.js';
import { auditPdf } from './audit-pdf.js';
import { auditVerdictOf, viewAudit } from './audit-views.js';

export const exportQuery = z.strictObject({
  matter: z
    .string()
    .regex(/^\d{1,20}$/, "the matter's id at Clio")
    .describe("The matter's id at Clio."),
  connection_id: z.string().optional().describe('Where several firms have a matter of that id.'),
  format: z.enum(['csv', 'pdf']).default('csv'),
});
export type ExportQuery = z.infer<typeof exportQuery>;

/**
 * The audit of a matter as a file.
 * @throws RequestError `request.not_found` without entries, `request.conflict` when matters of several firms have that id.
 */
export async function exportAudit(
  database: Database,
  query: ExportQuery,
  madeAt: Date,
  kept: readonly KeptMark[],
): Promise<{ name: string; type: string; body: Buffer }> {
  const { matter, connection_id: connectionId, format } = query;
  const where = { matterId: matter, ...(connectionId !== undefined && { connectionId }) };
  const rows = await database.repo(AuditEntry).find({ where, order: { seq: 'ASC' } });
  if (rows.length === 0)
    throw new RequestError('request.not_found', `The audit trail has no entry about matter ${matter}.`);
  const firms = await firmsOf(database, matter, rows);
  // The trail is one chain: only as a whole can it be found unbroken.
  const verdict = await auditVerdictOf(database.whole, kept);
  const audit = { matterId: matter, firms, madeAt, entries: rows.map(viewAudit), verdict };
  const name = `audit-matter-${matter}.${format}`;
  return format === 'csv'
    ? { name, type: 'text/csv; charset=utf-8', body: Buffer.from(auditCsv(audit.entries)) }
    : { name, type: 'application/pdf', body: await auditPdf(audit) };
}

/** The firm, by name. What concerns one firm's matter must not end in the file of another. */
async function firmsOf(database: Database, matter: string, rows: readonly AuditEntry[]): Promise<string[]> {
  const ids = new Set(rows.map(({ connectionId }) => connectionId));
  const connections = (await database.repo(Connection).find()).filter(({ id }) => ids.has(id));
  const firms = new Map(
    connections.map((one) => [`${one.baseUrl} ${one.accountId ?? one.id}`, one.accountName ?? one.name]),
  );
  if (firms.size > 1)
    throw new RequestError(
      'request.conflict',
      `${firms.size} firms have a matter ${matter}; say which with connection_id: ${connections.map(({ id, name }) => `${id} (${name})`).join(', ')}.`,
    );
  return [...firms.values()];
}
