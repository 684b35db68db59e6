import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { runStoryView, type RunStory, type RunView } from './run-story.js';
import { listRuns, readRunStory, runsPage, runsQuery, type RunsQuery } from './run-views.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('runs')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: runsPage })
  list(@Query({ schema: runsQuery }) query: RunsQuery): Promise<Page<RunView>> {
    return listRuns(this.database, query, this.clock.now());
  }

  @Get(':id')
  @ShowsOne(runStoryView)
  async show(@Param('id') id: string): Promise<RunStory> {
    return found('run', id, await readRunStory(this.database, id));
  }
}
