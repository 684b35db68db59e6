import { Body, Controller, Get, Headers, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import { Caller, Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import { approvalStory, readApproval, type ApprovalStory } from './approval-story.js';
import { approveBody, judgeNow, rejectBody, type ApproveBody, type RejectBody } from './approval-verbs.js';
import {
  approvalsPage,
  approvalsQuery,
  approvalView,
  listApprovals,
  tagOfApproval,
  type ApprovalsQuery,
  type ApprovalView,
} from './approval-views.js';
import { found } from './found.js';
import { Interventions, orderOf } from './interventions.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';

/** Send an Idempotency-Key to be able to ask again, and If-Match to decide on what you saw alone. */
@ApiTags('approvals')
@Controller('api/v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly interventions: Interventions,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
  ) {}

  /** What people are asked; the pending ones unless asked otherwise. */
  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: approvalsPage })
  list(
    @Scope() scope: Scope,
    @Query({ schema: approvalsQuery }) query: ApprovalsQuery,
  ): Promise<Page<ApprovalView>> {
    const { database } = this.interventions;
    return listApprovals(database.within(scope), query, new Date(this.interventions.now()));
  }

  /** What is asked and of whom, what follows as it would be sent, and why the run came to it. */
  @Get(':id')
  @Needs('read')
  @ShowsOne(approvalStory, tagOfApproval)
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<ApprovalStory> {
    const { database } = this.interventions;
    return found('approval', id, await readApproval(database.within(scope), id));
  }

  /** The run goes on, with other inputs where "edits" says so. 409 when it was decided before, by somebody else or otherwise. */
  @Post(':id/approve')
  @Needs('approve')
  @Answers(200, approvalView)
  approve(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: approveBody }) body: ApproveBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<ApprovalView> {
    const order = orderOf(caller, `approvals/${id}/approve`, headers);
    const { actions } = this.vocabulary;
    return judgeNow(this.interventions, actions, order, { id, status: 'approved', body });
  }

  /** The run ends. 409 when it was decided before, by somebody else or otherwise. */
  @Post(':id/reject')
  @Needs('approve')
  @Answers(200, approvalView)
  reject(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: rejectBody }) body: RejectBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<ApprovalView> {
    const order = orderOf(caller, `approvals/${id}/reject`, headers);
    const { actions } = this.vocabulary;
    return judgeNow(this.interventions, actions, order, { id, status: 'rejected', body });
  }
}
