import { Body, Controller, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import type { TestReport } from '../rules/test-rules.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { validate, validateBody, validation, type ValidateBody, type Validation } from './rule-text.js';
import { testRule, testReport } from './rule-trials.js';

/** Texts and rules tried out; nothing is kept and nothing sent. */
@ApiTags('rules')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1')
export class RuleTrialsController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
  ) {}

  /** What the engine says of a text, as an editor asks while it is written. */
  @Post('validate')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: validation })
  validate(@Body({ schema: validateBody }) body: ValidateBody): Validation {
    return validate(body, { rules: this.rules, vocabulary: this.vocabulary });
  }

  /** Runs the tests that stand in the rule, by the engine that decides events. */
  @Post('rules/:id/test')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: testReport })
  test(@Param('id') id: string): TestReport {
    return testRule(this.rules.book(), id, this.vocabulary);
  }
}
