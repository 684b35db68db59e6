import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { ApprovalStore } from '../store/approval.store.js';
import { Database } from '../store/database.js';
import { Actor, Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import {
  approvalsPage,
  approvalsQuery,
  approvalStory,
  approvalView,
  judge,
  judgementBody,
  listApprovals,
  readApproval,
  type ApprovalsQuery,
  type ApprovalStory,
  type ApprovalView,
  type JudgementBody,
} from './approval-views.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('approvals')
@Controller('api/v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly database: Database,
    private readonly approvals: ApprovalStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What people are asked; the pending ones unless asked otherwise. */
  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: approvalsPage })
  list(
    @Scope() scope: Scope,
    @Query({ schema: approvalsQuery }) query: ApprovalsQuery,
  ): Promise<Page<ApprovalView>> {
    return listApprovals(this.database.within(scope), query, this.clock.now());
  }

  @Get(':id')
  @Needs('read')
  @ShowsOne(approvalStory)
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<ApprovalStory> {
    return found('approval', id, await readApproval(this.database.within(scope), id));
  }

  /** The run goes on. Saying it again changes nothing; 409 when it was decided otherwise. */
  @Post(':id/approve')
  @Needs('approve')
  @Answers(200, approvalView)
  approve(
    @Actor() actor: Actor,
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: judgementBody }) body: JudgementBody,
  ): Promise<ApprovalView> {
    return judge(this.within(scope), id, 'approved', body, this.by(actor));
  }

  /** The run ends. Saying it again changes nothing; 409 when it was decided otherwise. */
  @Post(':id/reject')
  @Needs('approve')
  @Answers(200, approvalView)
  reject(
    @Actor() actor: Actor,
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: judgementBody }) body: JudgementBody,
  ): Promise<ApprovalView> {
    return judge(this.within(scope), id, 'rejected', body, this.by(actor));
  }

  private within(scope: Scope) {
    return { database: this.database.within(scope), approvals: this.approvals };
  }

  private by(actor: Actor) {
    return { actor, at: this.clock.now().getTime() };
  }
}
