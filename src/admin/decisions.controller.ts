import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import {
  decisionsPage,
  decisionsQuery,
  listDecisions,
  type DecisionsQuery,
  type DecisionView,
} from './decision-views.js';
import type { Page } from './page.js';

@ApiTags('decisions')
@Controller('api/v1/decisions')
export class DecisionsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: decisionsPage })
  list(
    @Scope() scope: Scope,
    @Query({ schema: decisionsQuery }) query: DecisionsQuery,
  ): Promise<Page<DecisionView>> {
    return listDecisions(this.database.within(scope), query, this.clock.now());
  }
}
