import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../lib/json.js';
import type { Actor } from './actor.js';
import type { AuditEntry, AuditKind } from './audit-entry.entity.js';

/** What happened, before it has its place in the trail. No text of the firm: names of actions, ids, hashes, reasons. */
export interface NewAuditEntry {
  /** Epoch milliseconds. */
  at: number;
  actor: Actor;
  kind: AuditKind;
  connectionId?: string | null;
  ruleId?: string | null;
  runId?: string | null;
  /** The matter at Clio that it concerns, where one is known. */
  matterId?: string | null;
  facts: JsonObject;
}

/** How many entries a trail had at some moment, and the hash of the last. */
export interface AuditMark {
  seq: number;
  hash: string;
}

/** The mark of a trail without entries. */
export const EMPTY_TRAIL: AuditMark = { seq: 0, hash: '0'.repeat(64) };

/** SHA-256 over the canonical JSON of every other column, as 64 lower-case hex digits. */
export function hashOfEntry(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, actorKind, actorId, actorName, kind, facts, prevHash } = entry;
  const { connectionId, ruleId, runId, matterId } = entry;
  const hashed = canonicalJson({
    ...{ seq, at, actor_kind: actorKind, actor_id: actorId, actor_name: actorName, kind },
    ...{ connection_id: connectionId, rule_id: ruleId, run_id: runId, matter_id: matterId },
    ...{ facts, prev_hash: prevHash },
  });
  return createHash('sha256').update(hashed).digest('hex');
}

/** The entries as the links that follow `mark`; pure. */
export function linksAfter(mark: AuditMark, entries: readonly NewAuditEntry[]): AuditEntry[] {
  let { seq, hash: prevHash } = mark;
  return entries.map(({ actor, facts, ...entry }) => {
    const link = {
      seq: ++seq,
      at: entry.at,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      kind: entry.kind,
      connectionId: entry.connectionId ?? null,
      ruleId: entry.ruleId ?? null,
      runId: entry.runId ?? null,
      matterId: entry.matterId ?? null,
      facts: canonicalJson(facts),
      prevHash,
    };
    const hash = hashOfEntry(link);
    prevHash = hash;
    return { ...link, hash };
  });
}
