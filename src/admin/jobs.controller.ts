import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Caller, Needs, Scope } from './access.js';
import { Answers, AnswersFile } from './answers.js';
import { Authenticator } from './authenticator.js';
import { JobFeed } from './job-feed.js';
import { JobVerbs } from './job-verbs.js';
import {
  jobDetail,
  jobsPage,
  jobsQuery,
  jobView,
  listJobs,
  readJob,
  type JobDetail,
  type JobsQuery,
  type JobView,
} from './job-views.js';
import { orderOf } from './interventions.js';
import { LiveStreams } from './live-streams.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';

/** Long work that goes on after the answer: what was asked for, how far it is, and what came of it. */
@ApiTags('jobs')
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    private readonly verbs: JobVerbs,
    private readonly streams: LiveStreams,
    private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: jobsPage })
  list(@Scope() scope: Scope, @Query({ schema: jobsQuery }) query: JobsQuery): Promise<Page<JobView>> {
    return listJobs(this.verbs.database.within(scope), query, this.clock.now());
  }

  @Get(':id')
  @Needs('read')
  @ShowsOne(jobDetail)
  show(@Scope() scope: Scope, @Param('id') id: string): Promise<JobDetail> {
    return readJob(this.verbs.database.within(scope), id);
  }

  /** Ends it where it is; what it found so far is not kept. */
  @Post(':id/cancel')
  @Needs('edit')
  @Answers(200, jobView)
  cancel(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<JobView> {
    return this.verbs.cancel(orderOf(caller, `jobs/${id}/cancel`, headers), id);
  }

  /**
   * Server-sent events: `progress` whenever something changes, and `end`, after which the stream closes; both with the job as in
   * lists. `closed` says why a stream ends before the job does.
   */
  @Get(':id/events')
  @Needs('read')
  @AnswersFile('text/event-stream')
  async follow(
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const database = this.verbs.database.within(scope);
    await readJob(database, id);
    this.streams.assertRoom();
    reply.hijack();
    const isAllowed = () => this.authenticator.isStillGood(request);
    void this.streams.serveFeed({ response: reply.raw, feed: new JobFeed(database, id), isAllowed });
  }
}
