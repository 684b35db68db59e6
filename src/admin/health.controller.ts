import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { Public } from '../lib/access.js';
import { messageOf } from '../lib/errors.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { isEngineStopped } from '../store/engine-state.js';
import { Database } from '../store/database.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
  ) {}

  /** The process answers: it asks nothing of its surroundings, so that nobody restarts it for their sake. */
  @Get('live')
  @Public()
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The engine can take events in: its database answers and its rules are loaded. */
  @Get('ready')
  @HealthCheck()
  @Public()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.checkDatabase(), () => this.checkRules(), () => this.checkEngine()]);
  }

  private async checkDatabase() {
    const indicator = this.indicators.check('database');
    try {
      await this.database.ping();
      return indicator.up();
    } catch (error) {
      return indicator.down(messageOf(error));
    }
  }

  /** A stopped engine is ready: what comes in is kept, and a replica that was taken out of service would lose it. */
  private async checkEngine() {
    const indicator = this.indicators.check('engine');
    try {
      return indicator.up({ stopped: await isEngineStopped(this.database) });
    } catch (error) {
      return indicator.down(messageOf(error));
    }
  }

  private checkRules() {
    const { active, broken } = this.rules.book();
    return this.indicators.check('rules').up({ active: active.length, broken: broken.length });
  }
}
