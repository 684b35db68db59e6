import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { runStoryView, type RunStory, type RunView } from './run-story.js';
import { tagOfStory } from './run-tag.js';
import { listRuns, readRunStory, runsPage, runsQuery, type RunsQuery } from './run-views.js';

@ApiTags('runs')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/runs')
export class RunsController {
  constructor(private readonly database: Database) {}

  @Get()
  @ApiOkResponse({ standardSchema: runsPage })
  list(@Query({ schema: runsQuery }) query: RunsQuery): Promise<Page<RunView>> {
    return listRuns(this.database, query);
  }

  @Get(':id')
  @ApiOkResponse({ standardSchema: runStoryView })
  async show(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<RunStory> {
    const story = found('run', id, await readRunStory(this.database, id));
    reply.header('etag', tagOfStory(story));
    return story;
  }
}
