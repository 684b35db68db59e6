import { Injectable } from '@nestjs/common';
import { RequestError } from '../lib/errors.js';
import { appendAudit } from '../store/append-audit.js';
import type { Database } from '../store/database.js';
import { Job } from '../store/job.entity.js';
import { JobStore, type NewJob } from '../store/job.store.js';
import { found } from './found.js';
import { Interventions, ownRow, type Order } from './interventions.js';
import { JobRunner, type JobWork } from './job-runner.js';
import { viewJob, type JobView } from './job-views.js';

/** What people do with jobs. */
@Injectable()
export class JobVerbs {
  constructor(
    private readonly interventions: Interventions,
    private readonly store: JobStore,
    private readonly runner: JobRunner,
  ) {}

  get database(): Database {
    return this.interventions.database;
  }

  /**
   * A new job, which begins once it is committed. `body` is that of the request, for its Idempotency-Key.
   * @throws RequestError `request.too_many` when too many wait.
   */
  start(order: Order, body: object, wanted: Omit<NewJob, 'actor'>, work: JobWork): Promise<JobView> {
    return this.interventions.carryOut(order, body, async ({ tx, now }) => {
      this.runner.assertRoom();
      const { actor } = order;
      const job = await this.store.addIn(tx, { ...wanted, actor });
      const { kind, subject, connectionId } = wanted;
      const facts = { job_id: job.id, kind, subject };
      appendAudit(tx, { at: now, actor, kind: 'job.started', connectionId, facts });
      this.database.afterCommit(tx, () => this.runner.accept(job.id, work));
      return viewJob(job);
    });
  }

  /**
   * Ends a job; saying it again changes nothing.
   * @throws RequestError `request.not_found`, or `request.conflict` when it has ended otherwise.
   */
  cancel(order: Order, id: string): Promise<JobView> {
    return this.interventions.carryOut(order, {}, async ({ tx, now }) => {
      const job = found('job', id, await tx.findOneBy(Job, ownRow(order, id)));
      const isEnded = await this.store.cancelIn(tx, id);
      const after = await tx.findOneByOrFail(Job, { id });
      if (!isEnded && after.status !== 'cancelled')
        throw new RequestError(
          'request.conflict',
          `The job ${id} is ${after.status} already; there is nothing to cancel.`,
        );
      if (isEnded) {
        const { connectionId, kind, subject, status: was } = job;
        const facts = { job_id: id, kind, subject, was };
        appendAudit(tx, { at: now, actor: order.actor, kind: 'job.cancelled', connectionId, facts });
        this.database.afterCommit(tx, () => this.runner.drop(id));
      }
      return viewJob(after);
    });
  }
}
