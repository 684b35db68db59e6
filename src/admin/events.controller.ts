import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import {
  eventDetail,
  eventsPage,
  eventsQuery,
  listEvents,
  readEvent,
  type EventDetail,
  type EventsQuery,
  type EventView,
} from './event-views.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('events')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: eventsPage })
  list(@Query({ schema: eventsQuery }) query: EventsQuery): Promise<Page<EventView>> {
    return listEvents(this.database, query, this.clock.now());
  }

  @Get(':id')
  @ShowsOne(eventDetail)
  async show(@Param('id') id: string): Promise<EventDetail> {
    return found('event', id, await readEvent(this.database, id));
  }
}
