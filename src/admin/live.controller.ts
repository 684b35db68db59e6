import { Controller, Get, Headers, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminTokenGuard } from './admin-token.guard.js';
import { liveQuery, positionOf, type LiveQuery } from './live-messages.js';
import { LiveStreams } from './live-streams.js';

@ApiTags('live')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/live')
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly guard: AdminTokenGuard,
  ) {}

  /**
   * Server-sent events: new events, decisions, runs and alerts, and every change of a run's or an alert's status. Goes on where
   * the Last-Event-ID says. `gap` says that this is not possible any more, `closed` why the stream ends.
   */
  @Get()
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  follow(
    @Query({ schema: liveQuery }) query: LiveQuery,
    @Headers('last-event-id') lastId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const since = lastId === undefined || lastId === '' ? null : positionOf(lastId);
    this.streams.assertRoom();
    reply.hijack();
    const isAllowed = () => this.guard.isAllowed(request);
    void this.streams.serve({ response: reply.raw, query, since, isAllowed });
  }
}
