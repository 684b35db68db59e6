import { Body, Controller, Get, Headers, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import { Database } from '../store/database.js';
import { Actor, Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import { explainRule } from './explain-rule.js';
import {
  explainQuery,
  recordNamed,
  ruleExplanation,
  type ExplainQuery,
  type RuleExplanation,
} from './explain-views.js';
import { foundRule } from './found.js';
import type { Page } from './page.js';
import { runAnswer, runRequest, type RunAnswer, type RunRequest } from './run-rule.js';
import { RuleStarter } from './rule-starter.js';
import {
  listRules,
  readRule,
  ruleDetail,
  ruleTag,
  rulesPage,
  rulesQuery,
  type RuleDetail,
  type RulesQuery,
  type RuleView,
} from './rule-views.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('rules')
@Controller('api/v1/rules')
export class RulesController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
    private readonly database: Database,
    private readonly starter: RuleStarter,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: rulesPage })
  list(@Query({ schema: rulesQuery }) query: RulesQuery): Promise<Page<RuleView>> {
    return listRules(this.rules.book(), this.database, query);
  }

  /** The ETag is what a change of its text has to name. */
  @Get(':id')
  @Needs('read')
  @ShowsOne(ruleDetail, ruleTag, { isPart: true })
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<RuleDetail> {
    const book = this.rules.book();
    return foundRule(book, id, await readRule(book, this.database.within(scope), id));
  }

  /** Starts a rule for a record, whose decision is made within seconds. Send an Idempotency-Key to be able to ask again. */
  @Post(':id/run')
  @Needs('edit')
  @Answers(202, runAnswer)
  async run(
    @Actor() actor: Actor,
    @Scope() scope: Scope,
    @Param('id') ruleId: string,
    @Body({ schema: runRequest }) { record, connection }: RunRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<RunAnswer> {
    const about = { ruleId, record: recordNamed(record, this.vocabulary), connection, key, scope };
    return this.starter.start(this.rules.book(), about, actor);
  }

  @Get(':id/explain')
  @Needs('read')
  @ApiOkResponse({ standardSchema: ruleExplanation })
  async explain(
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: explainQuery }) { record, since }: ExplainQuery,
  ): Promise<RuleExplanation> {
    const now = this.clock.now();
    const question = { ruleId: id, record: recordNamed(record, this.vocabulary), since, now };
    const book = this.rules.book();
    return foundRule(book, id, await explainRule(this.database.within(scope), book, question));
  }
}
