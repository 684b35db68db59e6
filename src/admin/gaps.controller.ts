import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import { found } from './found.js';
import { gapReport, gapsQuery, readGaps, type GapReport, type GapsQuery } from './gap-views.js';

@ApiTags('connections')
@Controller('api/v1/connections')
export class GapsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What webhooks told of, what was found without them, and what of it is processed. */
  @Get(':id/gaps')
  @Needs('read')
  @ApiOkResponse({ standardSchema: gapReport })
  async show(
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: gapsQuery }) query: GapsQuery,
  ): Promise<GapReport> {
    return found('connection', id, await readGaps(this.database.within(scope), id, query, this.clock.now()));
  }
}
