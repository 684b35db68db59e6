import { Between, LessThan, type FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import { AuditEntry, AUDIT_KINDS } from '../store/audit-entry.entity.js';
import type { Database } from '../store/database.js';
import { verifyAudit, type AuditReport, type KeptMark } from '../store/verify-audit.js';
import { anyJson, isoTime, moment } from './answer-fields.js';
import { cut, filtersOf, mapPage, openCursor, pageOf, pageQuery, type Page } from './page.js';

/** One entry of the audit trail. */
export const auditView = z.object({
  seq: z.number().int().describe('Its number in the trail, from 1 on, without a gap.'),
  at: moment,
  actor: z.object({
    kind: z.enum(['token', 'admin_token', 'cli', 'engine']),
    id: z.string(),
    name: z.string(),
  }),
  kind: z.string().describe('What happened, for example effect, rule.in_force, run.cancelled.'),
  connection_id: z.string().nullable(),
  rule_id: z.string().nullable(),
  run_id: z.string().nullable(),
  matter_id: z.string().nullable().describe("The matter's id at Clio, where one is known."),
  facts: anyJson.describe('Ids, etags, hashes and reasons; never a text of the firm.'),
  prev_hash: z.string().describe('The hash of the entry before; 64 zeros for the first.'),
  hash: z.string().describe('SHA-256 over all the other columns.'),
});
export type AuditView = z.infer<typeof auditView>;

export const auditPage = pageOf(auditView);
export const auditQuery = z.strictObject({
  ...pageQuery,
  matter: z.string().optional().describe("The matter's id at Clio."),
  connection_id: z.string().optional(),
  rule_id: z.string().optional(),
  run_id: z.string().optional(),
  kind: z.enum(AUDIT_KINDS).optional(),
  actor: z.string().optional().describe("The actor's id."),
  from: moment.optional().describe('Not before this time.'),
  to: moment.optional().describe('Not after this time.'),
});
export type AuditQuery = z.infer<typeof auditQuery>;

/** What `verify` found. */
export const auditVerdict = z.object({
  ok: z.boolean(),
  entries: z.number().int().describe('How many entries hold, from the first on.'),
  head: z.string().describe('Number and hash of the last that holds; keep it outside and compare later.'),
  fault: z
    .object({
      seq: z.number().int(),
      what: z.enum(['changed', 'moved', 'missing', 'surplus', 'truncated', 'rewritten']),
      message: z.string(),
    })
    .nullable()
    .describe('The first entry that is wrong.'),
});
export type AuditVerdict = z.infer<typeof auditVerdict>;

/** `1234:<hash>`, as verify prints it. */
export const headText = z
  .string()
  .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'it must be a number, a colon and 64 hex digits, as verify printed it');

export const verifyQuery = z.strictObject({
  head: headText.optional().describe('A head that was kept outside: the trail must still have it.'),
});
export type VerifyQuery = z.infer<typeof verifyQuery>;

/** The mark in a `headText`. */
export function markOf(head: string): KeptMark {
  const [seq = '', hash = ''] = head.split(':');
  return { seq: Number(seq), hash, from: 'the head that was given' };
}

/** Newest first. */
export async function listAudit(database: Database, query: AuditQuery): Promise<Page<AuditView>> {
  const after = openCursor('audit', query);
  const where: FindOptionsWhere<AuditEntry> = filtersOf<AuditEntry>({
    matterId: query.matter,
    connectionId: query.connection_id,
    ruleId: query.rule_id,
    runId: query.run_id,
    kind: query.kind,
    actorId: query.actor,
  });
  const { from, to } = query;
  if (from !== undefined || to !== undefined)
    where.at = Between(timeOf(from, 0), timeOf(to, Number.MAX_SAFE_INTEGER));
  if (after !== undefined) where.seq = LessThan(Number(after));
  const take = query.limit + 1;
  const found = await database.repo(AuditEntry).find({ where, order: { seq: 'DESC' }, take });
  return mapPage(
    cut('audit', found, query.limit, ({ seq }) => String(seq)),
    viewAudit,
  );
}

function timeOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Date.parse(text);
}

export async function auditVerdictOf(database: Database, kept: readonly KeptMark[]): Promise<AuditVerdict> {
  return viewReport(await verifyAudit(database, kept));
}

function viewReport({ mark, fault }: AuditReport): AuditVerdict {
  return { ok: fault === null, entries: mark.seq, head: `${mark.seq}:${mark.hash}`, fault };
}

export function viewAudit(entry: AuditEntry): AuditView {
  return {
    seq: entry.seq,
    at: isoTime(entry.at),
    actor: { kind: entry.actorKind, id: entry.actorId, name: entry.actorName },
    kind: entry.kind,
    connection_id: entry.connectionId,
    rule_id: entry.ruleId,
    run_id: entry.runId,
    matter_id: entry.matterId,
    facts: factsOf(entry),
    prev_hash: entry.prevHash,
    hash: entry.hash,
  };
}

/** As they are where somebody made them unreadable: the list must still show it. */
function factsOf({ facts }: AuditEntry): unknown {
  try {
    return JSON.parse(facts);
  } catch {
    return facts;
  }
}
