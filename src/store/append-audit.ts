import type { EntityManager, ObjectLiteral } from 'typeorm';
import { InvariantError } from '../lib/errors.js';
import { linksAfter, type AuditMark, type NewAuditEntry } from './audit-chain.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditHead } from './audit-head.entity.js';

const noted = new WeakMap<EntityManager, NewAuditEntry[]>();

/**
 * Puts `entry` at the end of the audit trail when the transaction of `Database.write` that `tx` belongs to commits, and
 * nowhere if it does not. Call it in the transaction of the change itself.
 */
export function appendAudit(tx: EntityManager, entry: NewAuditEntry): void {
  const entries = noted.get(tx);
  if (entries === undefined)
    throw new InvariantError('appendAudit was given a transaction of another maker than Database.write.');
  entries.push(entry);
}

/** Runs `work` and then, as the last thing in its transaction, links what it noted. `mark` is null when that is nothing. */
export async function withAudit<T>(
  tx: EntityManager,
  work: (tx: EntityManager) => Promise<T>,
): Promise<{ value: T; mark: AuditMark | null }> {
  const entries: NewAuditEntry[] = [];
  noted.set(tx, entries);
  try {
    const value = await work(tx);
    return { value, mark: entries.length === 0 ? null : await link(tx, entries) };
  } finally {
    noted.delete(tx);
  }
}

/** So many rows an insert; SQLite allows 32,766 parameters. */
const ROWS_AT_ONCE = 500;

/**
 * From the first statement on the head's row is ours until the commit: whoever else appends waits there. Nothing is locked
 * after it, so no two transactions can wait for each other because of it.
 */
async function link(tx: EntityManager, entries: readonly NewAuditEntry[]): Promise<AuditMark> {
  // An insert that always conflicts: the one form of "add, and tell what is there" that TypeORM answers alike on both.
  const [head] = await tx.query<{ seq: number | string; hash: string }[]>(
    `insert into audit_head (id, seq, hash) values (1, ${entries.length}, '')
     on conflict (id) do update set seq = audit_head.seq + ${entries.length} returning seq, hash`,
  );
  if (head === undefined || head.hash === '')
    throw new InvariantError('The audit trail has no head; run "praetor audit verify" and restore a backup.');
  const links = linksAfter({ seq: Number(head.seq) - entries.length, hash: head.hash }, entries);
  for (let from = 0; from < links.length; from += ROWS_AT_ONCE)
    await tx.insert<ObjectLiteral>(AuditEntry, links.slice(from, from + ROWS_AT_ONCE));
  const { seq, hash } = links.at(-1) as AuditEntry;
  await tx.update(AuditHead, { id: 1 }, { hash });
  return { seq, hash };
}
