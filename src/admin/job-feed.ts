import type { Database } from '../store/database.js';
import { Job } from '../store/job.entity.js';
import type { Feed } from './feed.js';
import { viewJob } from './job-views.js';

/** What the reader needs not again and again. */
const SHOWN = { request: false, result: false } as const;

/** How far a job is: `progress` when that changes, then one `end`. Each has the job as lists show it. */
export class JobFeed implements Feed {
  private told = '';

  constructor(
    /** Within what the reader may see. */
    private readonly database: Database,
    private readonly id: string,
  ) {}

  begin(): Promise<string> {
    return Promise.resolve(': ready\n\n');
  }

  async next(): Promise<{ text: string; isOver: boolean }> {
    const repository = this.database.repo(Job);
    const columns = repository.metadata.columns.map(({ propertyName }) => propertyName);
    const select = Object.fromEntries(columns.map((name) => [name, !Object.hasOwn(SHOWN, name)]));
    const job = await repository.findOne({ select, where: { id: this.id } });
    // It is deleted, days after its end.
    if (job === null) return { text: '', isOver: true };
    const data = JSON.stringify(viewJob(job));
    const isOver = job.finishedAt !== null;
    const text = data === this.told ? '' : `event: ${isOver ? 'end' : 'progress'}\ndata: ${data}\n\n`;
    this.told = data;
    return { text, isOver };
  }

  beat(): string {
    return ': beat\n\n';
  }
}
