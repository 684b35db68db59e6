import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { found } from './found.js';
import { gapReport, gapsQuery, readGaps, type GapReport, type GapsQuery } from './gap-views.js';

@ApiTags('connections')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/connections')
export class GapsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What webhooks told of, what was found without them, and what of it is processed. */
  @Get(':id/gaps')
  @ApiOkResponse({ standardSchema: gapReport })
  async show(@Param('id') id: string, @Query({ schema: gapsQuery }) query: GapsQuery): Promise<GapReport> {
    return found('connection', id, await readGaps(this.database, id, query, this.clock.now()));
  }
}
