import { And, LessThanOrEqual, MoreThanOrEqual, type FindOperator } from 'typeorm';
import { z } from 'zod';
import { AuditEntry, AUDIT_KINDS } from '../store/audit-entry.entity.js';
import type { Database } from '../store/database.js';
import { verifyAudit, type AuditReport, type KeptMark } from '../store/verify-audit.js';
import { anyJson, isoTime, moment } from './answer-fields.js';
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
import { eachOf, filtersOf, readList, spanOf, type Span } from './read-list.js';

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
export const auditQuery = strictQuery({
  ...pageQuery,
  matter: exactly.optional().describe("The matter's id at Clio."),
  connection_id: exactly.optional(),
  rule_id: exactly.optional(),
  run_id: exactly.optional(),
  kind: severalOf(AUDIT_KINDS).optional(),
  actor: exactly.optional().describe("The actor's id."),
  ...timeFilters,
  q: longTextFilter("kind, the actor's id and name, rule_id, run_id, matter_id and facts"),
  sort: sortedBy(['-seq', 'seq']),
  fields: fieldsOf(auditView),
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

export async function listAudit(database: Database, query: AuditQuery, now: Date): Promise<Page<AuditView>> {
  const span = await spanOfTrail(database, spanOf(query, now));
  const where = filtersOf<AuditEntry>({
    matterId: query.matter,
    connectionId: query.connection_id,
    ruleId: query.rule_id,
    runId: query.run_id,
    actorId: query.actor,
    at: span.at,
  });
  const source = {
    list: 'audit',
    repository: database.repo(AuditEntry),
    order: ['seq'] as const,
    like: [0],
    branches: query.kind === undefined ? [where] : eachOf(where, { kind: query.kind }),
    span: span.seq,
    searched: ['kind', 'actorId', 'actorName', 'ruleId', 'runId', 'matterId', 'facts'] as const,
    without: [],
  };
  return mapPage(await readList(source, query), (entry) => shown(viewAudit(entry), query.fields));
}

/** Clocks of several processes differ, and are set back: the trail is in time's order but for so much, in milliseconds. */
const DISORDER_MS = 3_600_000;

/** A span of time on the trail, which is read by number: where it can lie, and what must hold of the time beside that. */
async function spanOfTrail(
  database: Database,
  { from, to }: Span,
): Promise<{ seq: Span; at: FindOperator<number> | undefined }> {
  const seqNear = async (at: number | undefined, order: 'ASC' | 'DESC') => {
    if (at === undefined) return undefined;
    const bound = order === 'ASC' ? MoreThanOrEqual(at - DISORDER_MS) : LessThanOrEqual(at + DISORDER_MS);
    const entries = database.repo(AuditEntry);
    const found = await entries.find({
      select: { seq: true },
      where: { at: bound },
      order: { at: order, seq: order },
      take: 1,
    });
    // Nothing is there: no number fits.
    return found[0]?.seq ?? (order === 'ASC' ? Number.MAX_SAFE_INTEGER : 0);
  };
  const seq = { from: await seqNear(from, 'ASC'), to: await seqNear(to, 'DESC') };
  const bounds = [
    ...(from === undefined ? [] : [MoreThanOrEqual(from)]),
    ...(to === undefined ? [] : [LessThanOrEqual(to)]),
  ];
  return { seq, at: bounds.length === 0 ? undefined : And(...bounds) };
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
