import type { Database } from '../store/database.js';

/** PostgreSQL's clock in epoch milliseconds: the machines' own clocks may differ. */
const NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** The rows behind PostgresLanes: who holds a lane, until when, and whether work came meanwhile. */
export class LaneRows {
  /**
   * @param holder names this process, and no other.
   * @param leaseMs so long a holder that gives no sign of life keeps its lane.
   */
  constructor(
    private readonly database: Database,
    private readonly holder: string,
    private readonly leaseMs: number,
  ) {}

  /** The fence of a new holding; null when somebody alive has the lane, who is told to go round once more. */
  async take(connectionId: string): Promise<number | null> {
    for (;;) {
      const [taken] = await this.query<{ fence: number }>(
        `insert into lanes (connection_id, fence, holder, expires_at, wanted) values ($1, 1, $2, ${NOW} + $3, 0)
         on conflict (connection_id) do update
         set fence = lanes.fence + 1, holder = excluded.holder, expires_at = excluded.expires_at, wanted = 0
         where lanes.holder is null or lanes.expires_at < ${NOW}
         returning fence`,
        [connectionId, this.holder, this.leaseMs],
      );
      if (taken !== undefined) return taken.fence;
      const told = await this.change('wanted = 1 where connection_id = $1 and holder is not null', [
        connectionId,
      ]);
      // Nobody to tell: it was let go between the two statements.
      if (told) return null;
    }
  }

  /** Lets go. False when work came meanwhile and the holder has to go round once more. */
  async release(connectionId: string, fence: number): Promise<boolean> {
    const mine = 'where connection_id = $1 and fence = $2';
    if (await this.change(`holder = null, expires_at = 0 ${mine} and wanted = 0`, [connectionId, fence]))
      return true;
    return !(await this.change(`wanted = 0 ${mine}`, [connectionId, fence]));
  }

  /** Lets go whatever came meanwhile. False when somebody else has the lane. */
  letGo(connectionId: string, fence: number): Promise<boolean> {
    return this.change('holder = null, expires_at = 0, wanted = 0 where connection_id = $1 and fence = $2', [
      connectionId,
      fence,
    ]);
  }

  /** Keeps the lane for another lease. False when somebody else has it. */
  renew(connectionId: string, fence: number): Promise<boolean> {
    return this.change(`expires_at = ${NOW} + $3 where connection_id = $1 and fence = $2`, [
      connectionId,
      fence,
      this.leaseMs,
    ]);
  }

  /** Connections whose holder died. */
  async abandoned(): Promise<string[]> {
    const rows = await this.query<{ connection_id: string }>(
      `select connection_id from lanes where holder is not null and expires_at < ${NOW}`,
      [],
    );
    return rows.map((row) => row.connection_id);
  }

  private async change(set: string, values: unknown[]): Promise<boolean> {
    const rows = await this.query<unknown>(
      `with changed as (update lanes set ${set} returning 1) select * from changed`,
      values,
    );
    return rows.length > 0;
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.database.write((tx) => tx.query<Row[]>(sql, values));
  }
}
