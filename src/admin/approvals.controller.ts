import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { ApprovalStore } from '../store/approval.store.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
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
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly database: Database,
    private readonly approvals: ApprovalStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What people are asked; the pending ones unless asked otherwise. */
  @Get()
  @ApiOkResponse({ standardSchema: approvalsPage })
  list(@Query({ schema: approvalsQuery }) query: ApprovalsQuery): Promise<Page<ApprovalView>> {
    return listApprovals(this.database, query, this.clock.now());
  }

  @Get(':id')
  @ShowsOne(approvalStory)
  async show(@Param('id') id: string): Promise<ApprovalStory> {
    return found('approval', id, await readApproval(this.database, id));
  }

  /** The run goes on. Saying it again changes nothing; 409 when it was decided otherwise. */
  @Post(':id/approve')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: approvalView })
  approve(
    @Param('id') id: string,
    @Body({ schema: judgementBody }) body: JudgementBody,
  ): Promise<ApprovalView> {
    return judge({ approvals: this.approvals, clock: this.clock }, id, 'approved', body);
  }

  /** The run ends. Saying it again changes nothing; 409 when it was decided otherwise. */
  @Post(':id/reject')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: approvalView })
  reject(
    @Param('id') id: string,
    @Body({ schema: judgementBody }) body: JudgementBody,
  ): Promise<ApprovalView> {
    return judge({ approvals: this.approvals, clock: this.clock }, id, 'rejected', body);
  }
}
