import { MoreThan } from 'typeorm';
import { EMPTY_TRAIL, hashOfEntry, type AuditMark } from './audit-chain.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditHead } from './audit-head.entity.js';
import type { Database } from './database.js';

/** What is wrong with a trail, at the first entry where it shows. */
export interface AuditFault {
  seq: number;
  what: 'changed' | 'moved' | 'missing' | 'surplus' | 'truncated' | 'rewritten';
  message: string;
}

export interface AuditReport {
  /** How far the trail holds: all of it when there is no fault. */
  mark: AuditMark;
  fault: AuditFault | null;
}

/** A mark that was kept outside of the trail, and where, in words for a message: `the file x`. */
export interface KeptMark extends AuditMark {
  from: string;
}

/** Entries read at once. */
const PAGE = 1000;

/**
 * Walks the whole trail. `kept` are marks from outside of the database: with them even a trail that somebody computed
 * anew, or cut off together with its head, is known for what it is. Entries that are appended meanwhile are walked too.
 */
export async function verifyAudit(database: Database, kept: readonly KeptMark[] = []): Promise<AuditReport> {
  let head = await readHead(database);
  const atStart = head;
  let mark = EMPTY_TRAIL;
  const fault = (found: AuditFault): AuditReport => ({ mark, fault: found });
  for (let page = await readPage(database, null); page.length > 0; page = await readPage(database, mark.seq))
    for (const entry of page) {
      if (head !== null && entry.seq > head.seq) head = await readHead(database);
      const found = faultOf(entry, mark) ?? beyondHead(entry, head) ?? against(entry, head, kept);
      if (found !== null) return fault(found);
      mark = { seq: entry.seq, hash: entry.hash };
    }
  if (atStart === null) return fault(withoutHead(mark));
  const ends = [{ ...atStart, from: 'the head that the database keeps' }, ...kept];
  const longer = ends.find(({ seq }) => seq > mark.seq);
  return longer === undefined ? { mark, fault: null } : fault(cutOff(mark, longer));
}

/** The first entries, or those after `seq`. */
function readPage(database: Database, seq: number | null): Promise<AuditEntry[]> {
  const where = seq === null ? {} : { seq: MoreThan(seq) };
  return database.repo(AuditEntry).find({ where, order: { seq: 'ASC' }, take: PAGE });
}

/** The head that the database keeps; null when somebody removed it. */
export async function readHead(database: Database): Promise<AuditMark | null> {
  const row = await database.repo(AuditHead).findOneBy({ id: 1 });
  return row === null ? null : { seq: row.seq, hash: row.hash };
}

/** What the entry itself, and the one before it, say. */
function faultOf(entry: AuditEntry, before: AuditMark): AuditFault | null {
  const { seq } = entry;
  const expected = before.seq + 1;
  if (seq < expected)
    return { seq, what: 'surplus', message: `Entry ${seq} is one too many: the trail begins with 1.` };
  if (seq > expected)
    return {
      seq: expected,
      what: 'missing',
      message: `Entry ${expected} is missing: after ${before.seq} comes ${seq}.`,
    };
  const isWhole = hashOfEntry(entry) === entry.hash;
  const follows = entry.prevHash === before.hash;
  if (isWhole && follows) return null;
  if (!isWhole && follows)
    return { seq, what: 'changed', message: `Entry ${seq} was changed: its hash does not fit what it says.` };
  return {
    seq,
    what: 'moved',
    message: `Entry ${seq} does not follow ${before.seq === 0 ? 'the beginning' : `entry ${before.seq}`}: one of them was put there, moved or computed anew.`,
  };
}

function beyondHead({ seq }: AuditEntry, head: AuditMark | null): AuditFault | null {
  if (head === null || seq <= head.seq) return null;
  return {
    seq,
    what: 'surplus',
    message: `Entry ${seq} is beyond the head, which says ${head.seq}: the engine has not written it.`,
  };
}

function against(
  { seq, hash }: AuditEntry,
  head: AuditMark | null,
  kept: readonly KeptMark[],
): AuditFault | null {
  const own = head === null ? [] : [{ ...head, from: 'the head that the database keeps' }];
  const other = [...own, ...kept].find((mark) => mark.seq === seq && mark.hash !== hash);
  if (other === undefined) return null;
  return {
    seq,
    what: 'rewritten',
    message: `Entry ${seq} is not the one that ${other.from} knows: the trail up to it was computed anew.`,
  };
}

function cutOff(mark: AuditMark, longer: KeptMark): AuditFault {
  return {
    seq: mark.seq + 1,
    what: 'truncated',
    message: `The trail ends at ${mark.seq}, but ${longer.from} says ${longer.seq}: the entries from ${mark.seq + 1} on were removed, or an older backup was restored.`,
  };
}

function withoutHead({ seq }: AuditMark): AuditFault {
  return {
    seq: seq + 1,
    what: 'truncated',
    message: `The row of the head was removed: nobody can tell whether entries after ${seq} were removed too.`,
  };
}
