import { In } from 'typeorm';
import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Job, JOB_KINDS, JOB_STATUSES } from '../store/job.entity.js';
import { anyJson, isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { found } from './found.js';
import {
  exactly,
  fieldsOf,
  severalOf,
  shown,
  sortedBy,
  strictQuery,
  textFilter,
  timeFilters,
} from './list-query.js';
import { mapPage, pageOf, pageQuery, type Page } from './page.js';
import { eachOf, filtersOf, readList, spanOf } from './read-list.js';

/** Long work that somebody asked for. */
export const jobView = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  status: z.enum(JOB_STATUSES),
  subject: z.string().describe('What it is about: the ids of rules.'),
  asked_by: z.object({
    kind: z.enum(['token', 'admin_token', 'cli', 'engine']),
    id: z.string(),
    name: z.string(),
  }),
  connection_id: z.string().nullable().describe('The connection that it is confined to; null for all.'),
  progress: z.object({
    done: z.int().min(0),
    total: z.int().min(0).nullable().describe('Null until it is known.'),
  }),
  error: z.string().nullable().describe('Why it failed, and what to do.'),
  created_at: moment,
  started_at: moment.nullable(),
  finished_at: moment.nullable().describe('It is kept for 7 days from then on.'),
});
export type JobView = z.infer<typeof jobView>;

/** One job with what was asked for, and what came of it. */
export const jobDetail = jobView.extend({
  request: anyJson.describe('What was asked for.'),
  result: anyJson.describe(
    'Null unless it is done. Of a backtest, what "praetor rules backtest --json" prints.',
  ),
});
export type JobDetail = z.infer<typeof jobDetail>;

export const jobsPage = pageOf(jobView);
export const jobsQuery = strictQuery({
  ...pageQuery,
  status: severalOf([...JOB_STATUSES, 'all']).prefault('all'),
  kind: severalOf(JOB_KINDS).optional(),
  connection_id: exactly.optional(),
  ...timeFilters,
  q: textFilter('id, subject and error'),
  sort: sortedBy(['-created_at', 'created_at']),
  fields: fieldsOf(jobView),
});
export type JobsQuery = z.infer<typeof jobsQuery>;

export async function listJobs(database: Database, query: JobsQuery, now: Date): Promise<Page<JobView>> {
  const { kind, connection_id: connectionId } = query;
  const wanted = JOB_STATUSES.filter((one) => query.status.includes(one) || query.status.includes('all'));
  const where = filtersOf<Job>({ connectionId, kind: kind && In(kind) });
  const source = {
    list: 'jobs',
    repository: database.repo(Job),
    order: ['createdAt', 'id'] as const,
    like: [0, ''],
    branches: eachOf(where, { status: wanted }),
    span: spanOf(query, now),
    searched: ['id', 'subject', 'error'] as const,
    without: ['request', 'result'] as const,
  };
  return mapPage(await readList(source, query), (job) => shown(viewJob(job), query.fields));
}

export async function readJob(database: Database, id: string): Promise<JobDetail> {
  const job = found('job', id, await database.repo(Job).findOneBy({ id }));
  return { ...viewJob(job), request: job.request, result: job.result };
}

export function viewJob(job: Job): JobView {
  return {
    id: job.id,
    kind: job.kind,
    status: job.status,
    subject: job.subject,
    asked_by: { kind: job.actorKind, id: job.actorId, name: job.actorName },
    connection_id: job.connectionId,
    progress: { done: job.done, total: job.total },
    error: job.error,
    created_at: isoTime(job.createdAt),
    started_at: isoTimeOrNull(job.startedAt),
    finished_at: isoTimeOrNull(job.finishedAt),
  };
}
