import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { alertsPage, alertsQuery, listAlerts, type AlertsQuery, type AlertView } from './alert-views.js';
import type { Page } from './page.js';

@ApiTags('alerts')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What a person has to look at; the open ones unless asked otherwise. */
  @Get()
  @ApiOkResponse({ standardSchema: alertsPage })
  list(@Query({ schema: alertsQuery }) query: AlertsQuery): Promise<Page<AlertView>> {
    return listAlerts(this.database, query, this.clock.now());
  }
}
