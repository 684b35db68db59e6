import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { runStoryView, type RunStory, type RunView } from './run-story.js';
import { tagOfStory } from './run-tag.js';
import { listRuns, readRunStory, runsPage, runsQuery, type RunsQuery } from './run-views.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: runsPage })
  list(@Scope() scope: Scope, @Query({ schema: runsQuery }) query: RunsQuery): Promise<Page<RunView>> {
    return listRuns(this.database.within(scope), query, this.clock.now());
  }

  @Get(':id')
  @Needs('read')
  @ShowsOne(runStoryView, tagOfStory)
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<RunStory> {
    return found('run', id, await readRunStory(this.database.within(scope), id));
  }
}
