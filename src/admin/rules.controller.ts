import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { found } from './found.js';
import type { Page } from './page.js';
import {
  listRules,
  readRule,
  ruleDetail,
  rulesPage,
  rulesQuery,
  type RuleDetail,
  type RulesQuery,
  type RuleView,
} from './rule-views.js';

@ApiTags('rules')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/rules')
export class RulesController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    private readonly database: Database,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: rulesPage })
  list(@Query({ schema: rulesQuery }) query: RulesQuery): Promise<Page<RuleView>> {
    return listRules(this.rules.book(), this.database, query);
  }

  @Get(':id')
  @ApiOkResponse({ standardSchema: ruleDetail })
  async show(@Param('id') id: string): Promise<RuleDetail> {
    return found('rule', id, await readRule(this.rules.book(), this.database, id));
  }
}
