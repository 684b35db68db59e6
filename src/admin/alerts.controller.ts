import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import { alertsPage, alertsQuery, listAlerts, type AlertsQuery, type AlertView } from './alert-views.js';
import type { Page } from './page.js';

@ApiTags('alerts')
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What a person has to look at; the open ones unless asked otherwise. */
  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: alertsPage })
  list(@Scope() scope: Scope, @Query({ schema: alertsQuery }) query: AlertsQuery): Promise<Page<AlertView>> {
    return listAlerts(this.database.within(scope), query, this.clock.now());
  }
}
