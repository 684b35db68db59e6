import type { Database } from '../store/database.js';
import { Job } from '../store/job.entity.js';
import { sseText, type Feed } from './feed.js';
import { viewJob } from './job-views.js';

/** What is large, and not shown here. */
const LEFT_OUT = ['request', 'result'];

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
    const select = Object.fromEntries(columns.map((name) => [name, !LEFT_OUT.includes(name)]));
    const job = await repository.findOne({ select, where: { id: this.id } });
    // It is deleted, days after its end.
    if (job === null) return { text: '', isOver: true };
    const isOver = job.finishedAt !== null;
    const now = sseText(null, isOver ? 'end' : 'progress', viewJob(job));
    const text = now === this.told ? '' : now;
    this.told = now;
    return { text, isOver };
  }

  beat(): string {
    return ': beat\n\n';
  }
}
