import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
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
import { tagOfEvent } from './event-verbs.js';
import { found } from './found.js';
import type { Page } from './page.js';

@ApiTags('events')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/events')
export class EventsController {
  constructor(private readonly database: Database) {}

  @Get()
  @ApiOkResponse({ standardSchema: eventsPage })
  list(@Query({ schema: eventsQuery }) query: EventsQuery): Promise<Page<EventView>> {
    return listEvents(this.database, query);
  }

  @Get(':id')
  @ApiOkResponse({ standardSchema: eventDetail })
  async show(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<EventDetail> {
    const event = found('event', id, await readEvent(this.database, id));
    reply.header('etag', tagOfEvent(event));
    return event;
  }
}
