import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Database } from '../store/database.js';
import { Caller, Needs } from './access.js';
import { Answers } from './answers.js';
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
import { ShowsOne } from './shows-one.js';

@ApiTags('engine')
@Controller('api/v1/engine')
export class EngineController {
  constructor(
    private readonly database: Database,
    private readonly interventions: Interventions,
  ) {}

  @Get()
  @Needs('read')
  @ShowsOne(engineView, tagOfEngine)
  show(): Promise<EngineView> {
    return viewEngine(this.database);
  }

  /** Nothing is carried out any more until it is started, through restarts too; webhooks are taken in and kept. */
  @Post('stop')
  @Needs('admin')
  @Answers(200, engineView)
  stop(
    @Caller() caller: Caller,
    @Body({ schema: stopBody }) body: StopBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<EngineView> {
    return stopNow(this.interventions, orderOf(caller, 'engine/stop', headers), body);
  }

  /** Carries out what waited, each once. */
  @Post('start')
  @Needs('admin')
  @Answers(200, engineView)
  start(
    @Caller() caller: Caller,
    @Body({ schema: startBody }) _body: object,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<EngineView> {
    return startNow(this.interventions, orderOf(caller, 'engine/start', headers));
  }
}
