import { Controller, Get, Inject, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { keptHeads } from '../store/audit-head-file.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import { AnswersFile } from './answers.js';
import { exportAudit, exportQuery, type ExportQuery } from './audit-export.js';
import {
  auditPage,
  auditQuery,
  auditVerdict,
  auditVerdictOf,
  listAudit,
  markOf,
  verifyQuery,
  type AuditQuery,
  type AuditVerdict,
  type AuditView,
  type VerifyQuery,
} from './audit-views.js';
import type { Page } from './page.js';

@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What was changed and done, and on whose word; newest first. */
  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: auditPage })
  list(@Scope() scope: Scope, @Query({ schema: auditQuery }) query: AuditQuery): Promise<Page<AuditView>> {
    return listAudit(this.database.within(scope), query, this.clock.now());
  }

  /** Reads the whole trail and computes every hash anew. */
  @Get('verify')
  @Needs('read', 'installation')
  @ApiOkResponse({ standardSchema: auditVerdict })
  verify(@Query({ schema: verifyQuery }) { head }: VerifyQuery): Promise<AuditVerdict> {
    const given = head === undefined ? [] : [markOf(head)];
    return auditVerdictOf(this.database, [...keptHeads(this.config.databaseUrl), ...given]);
  }

  /** What is written down about one matter, as a file. */
  @Get('export')
  @Needs('read')
  @AnswersFile('text/csv', 'application/pdf')
  async export(
    @Scope() scope: Scope,
    @Query({ schema: exportQuery }) query: ExportQuery,
  ): Promise<StreamableFile> {
    const kept = keptHeads(this.config.databaseUrl);
    const { name, type, body } = await exportAudit(
      this.database.within(scope),
      query,
      this.clock.now(),
      kept,
    );
    return new StreamableFile(body, { type, disposition: `attachment; filename="${name}"` });
  }
}
