import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import {
  decisionsPage,
  decisionsQuery,
  listDecisions,
  type DecisionsQuery,
  type DecisionView,
} from './decision-views.js';
import type { Page } from './page.js';

@ApiTags('decisions')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/decisions')
export class DecisionsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: decisionsPage })
  list(@Query({ schema: decisionsQuery }) query: DecisionsQuery): Promise<Page<DecisionView>> {
    return listDecisions(this.database, query, this.clock.now());
  }
}
