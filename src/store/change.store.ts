import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

export const CHANGE_KINDS = ['event', 'decision', 'run', 'alert'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A place in the order of changes: PostgreSQL's transaction number (0 with SQLite), then the row's. */
export interface ChangePosition {
  xid: number;
  seq: number;
}

/** Something new, or another status of a run or an alert. */
export interface Change extends ChangePosition {
  kind: ChangeKind;
  /** The id of the event, decision, run or alert. */
  subjectId: string;
  /** At the time of the change; a decision's outcome. */
  status: string;
}

type Row = Record<'xid' | 'seq', string | number> & Record<'kind' | 'subject_id' | 'status', string>;

/** Older changes than so many are removed at a start. */
const KEPT = 1_000_000;

/** PostgreSQL: rows of transactions below the oldest open one are complete, so nothing can appear before them later. */
const SETTLED = 'xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/** The changes in an order in which nothing is ever added before what was read, also with several writers. */
@Injectable()
export class ChangeStore {
  constructor(private readonly database: Database) {}

  /** The place after which everything is that commits from now on. */
  async end(): Promise<ChangePosition> {
    const [row] = await this.query<{ xid: string | number; seq: string | number }>(
      this.database.isForOneProcess
        ? 'select 0 as xid, coalesce(max(seq), 0) as seq from changes'
        : // After every row of the last transaction that is complete.
          `select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 as xid, ${Number.MAX_SAFE_INTEGER} as seq`,
    );
    return { xid: Number(row?.xid ?? 0), seq: Number(row?.seq ?? 0) };
  }

  /** At most `limit` changes behind `position`, in order. */
  async after({ xid, seq }: ChangePosition, limit: number): Promise<Change[]> {
    const rows = await this.query<Row>(
      this.database.isForOneProcess
        ? `select 0 as xid, * from changes where seq > ${seq} order by seq limit ${limit}`
        : `select * from changes where (xid, seq) > (${xid}, ${seq}) and ${SETTLED} order by xid, seq limit ${limit}`,
    );
    return rows.map((row) => ({
      xid: Number(row.xid),
      seq: Number(row.seq),
      kind: row.kind as ChangeKind,
      subjectId: row.subject_id,
      status: row.status,
    }));
  }

  /** False when what follows `position` is not kept any more, or the place is none of this database. */
  async isKept(position: ChangePosition): Promise<boolean> {
    const [row] = await this.query<Record<'first' | 'last', string | number | null>>(
      'select min(seq) as first, max(seq) as last from changes',
    );
    const first = Number(row?.first ?? 1);
    const isPlain = position.seq !== Number.MAX_SAFE_INTEGER;
    if (isPlain && (position.seq > Number(row?.last ?? 0) || position.seq + 1 < first)) return false;
    return position.xid <= (await this.end()).xid;
  }

  /** Removes what is too old to be asked for. */
  async prune(kept = KEPT): Promise<void> {
    await this.database.write((tx) =>
      tx.query(`delete from changes where seq <= (select max(seq) from changes) - ${kept}`),
    );
  }

  private query<Result>(sql: string): Promise<Result[]> {
    return this.database.read<Result[]>(sql);
  }
}
