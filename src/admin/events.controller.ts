import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
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
import { tagOfEvent } from './event-verbs.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('events')
@Controller('api/v1/events')
export class EventsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: eventsPage })
  list(@Scope() scope: Scope, @Query({ schema: eventsQuery }) query: EventsQuery): Promise<Page<EventView>> {
    return listEvents(this.database.within(scope), query, this.clock.now());
  }

  @Get(':id')
  @Needs('read')
  @ShowsOne(eventDetail, tagOfEvent)
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<EventDetail> {
    return found('event', id, await readEvent(this.database.within(scope), id));
  }
}
