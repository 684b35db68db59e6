import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, Scope } from './access.js';
import { AnswersFile } from './answers.js';
import { Authenticator } from './authenticator.js';
import { liveQuery, positionOf, type LiveQuery } from './live-messages.js';
import { LiveStreams } from './live-streams.js';

@ApiTags('live')
@Controller('api/v1/live')
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * Server-sent events: new events, decisions, runs and alerts, and every change of a run's or an alert's status. Goes on where
   * the Last-Event-ID says. `gap` says that this is not possible any more, `closed` why the stream ends.
   */
  @Get()
  @Needs('read')
  @AnswersFile('text/event-stream')
  follow(
    @Scope() scope: Scope,
    @Query({ schema: liveQuery }) query: LiveQuery,
    @Headers('last-event-id') lastId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const since = lastId === undefined || lastId === '' ? null : positionOf(lastId);
    this.streams.assertRoom();
    reply.hijack();
    const isAllowed = () => this.authenticator.isStillGood(request);
    void this.streams.serve({ response: reply.raw, query, scope, since, isAllowed });
  }
}
