import type { DataSource, Logger, QueryRunner } from 'typeorm';
import { openDatabase, type Database } from '../../src/store/database.js';

interface Asked {
  sql: string;
  parameters: unknown[];
}

/** Notes what is asked of the database. */
class Listening implements Logger {
  readonly asked: Asked[] = [];

  logQuery(sql: string, parameters: unknown[] = []): void {
    this.asked.push({ sql, parameters });
  }
  logQueryError(): void {
    // The query fails for its caller as well.
  }
  logQuerySlow(): void {
    // It was told of already.
  }
  logSchemaBuild(): void {
    // Nothing builds a schema here.
  }
  logMigration(): void {
    // Nothing migrates here.
  }
  log(): void {
    // Not a query.
  }
}

/** How a database would answer the queries that some work makes. */
export class QueryPlans {
  private constructor(
    readonly database: Database,
    private readonly listening: Listening,
  ) {}

  static async open(databaseUrl: string): Promise<QueryPlans> {
    const database = await openDatabase({ databaseUrl }, { readOnly: true });
    const listening = new Listening();
    database.dataSource.setOptions({ logger: listening });
    return new QueryPlans(database, listening);
  }

  /** The plan of each query of `work`, in lines. With PostgreSQL only what cannot be done otherwise is a scan or a sort. */
  async of(work: (database: Database) => Promise<unknown>): Promise<string[]> {
    this.listening.asked.length = 0;
    await work(this.database);
    const asked = [...this.listening.asked];
    const plans: string[] = [];
    for (const { sql, parameters } of asked) plans.push(await this.plan(sql, parameters));
    return plans;
  }

  private async plan(sql: string, parameters: unknown[]): Promise<string> {
    const { dataSource } = this.database;
    if (dataSource.options.type !== 'postgres') {
      const rows: { detail: string }[] = await dataSource.query(`explain query plan ${sql}`, parameters);
      return rows.map(({ detail }) => detail).join('\n');
    }
    return withoutScans(dataSource, async (runner) => {
      const rows = (await runner.query(`explain ${sql}`, parameters)) as { 'QUERY PLAN': string }[];
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

async function withoutScans<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    for (const way of ['seqscan', 'sort', 'bitmapscan', 'incremental_sort'])
      await runner.query(`set enable_${way} = off`);
    return await work(runner);
  } finally {
    await runner.query('reset all');
    await runner.release();
  }
}
