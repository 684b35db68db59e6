import { Body, Controller, Get, Headers, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { adminActor } from '../store/actor.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import {
  engineView,
  startBody,
  startNow,
  stopBody,
  stopNow,
  tagOfEngine,
  viewEngine,
  type EngineView,
  type StopBody,
} from './engine-verbs.js';
import { Interventions, orderOf } from './interventions.js';

@ApiTags('engine')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/engine')
export class EngineController {
  constructor(
    private readonly database: Database,
    private readonly interventions: Interventions,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: engineView })
  async show(@Res({ passthrough: true }) reply: FastifyReply): Promise<EngineView> {
    const shown = await viewEngine(this.database);
    reply.header('etag', tagOfEngine(shown));
    return shown;
  }

  /** Nothing is carried out any more until it is started, through restarts too; webhooks are taken in and kept. */
  @Post('stop')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: engineView })
  stop(
    @Body({ schema: stopBody }) body: StopBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<EngineView> {
    return stopNow(this.interventions, orderOf(adminActor, 'engine/stop', headers), body);
  }

  /** Carries out what waited, each once. */
  @Post('start')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: engineView })
  start(
    @Body({ schema: startBody }) _body: object,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<EngineView> {
    return startNow(this.interventions, orderOf(adminActor, 'engine/start', headers));
  }
}
