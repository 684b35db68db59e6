import { Body, Controller, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import type { TestReport } from '../rules/test-rules.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import {
  evaluateBody,
  evaluateEvent,
  eventEvaluation,
  ruleAsked,
  type EvaluateBody,
  type EventEvaluation,
} from './evaluate-event.js';
import { recordNamed } from './explain-views.js';
import { foundRule } from './found.js';
import { RECORDS_NOW, type RecordsNow } from './records-now.js';
import { validate, validateBody, validation, type ValidateBody, type Validation } from './rule-text.js';
import { simulateBody, simulation, testRule, testReport, type SimulateBody } from './rule-trials.js';
import { connectionFor } from './run-rule.js';
import { simulateRule, type Simulation } from './simulate-rule.js';

/** Texts and rules tried out; nothing is kept and nothing sent. */
@ApiTags('rules')
@Controller('api/v1')
export class RuleTrialsController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
    private readonly database: Database,
    @Inject(RECORDS_NOW) private readonly records: RecordsNow,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the engine says of a text, as an editor asks while it is written. */
  @Post('validate')
  @Needs('read')
  @Answers(200, validation)
  validate(@Body({ schema: validateBody }) body: ValidateBody): Validation {
    return validate(body, { rules: this.rules, vocabulary: this.vocabulary, now: this.clock.now() });
  }

  /** What a rule would make of an event that is written down, with the full tree. */
  @Post('rules/evaluate')
  @Needs('read')
  @Answers(200, eventEvaluation)
  evaluate(@Body({ schema: evaluateBody }) body: EvaluateBody): EventEvaluation {
    const now = this.clock.now();
    const rule = ruleAsked(body, { rules: this.rules, vocabulary: this.vocabulary, now });
    return evaluateEvent(rule, body, this.vocabulary, now);
  }

  /** Runs the tests that stand in the rule, by the engine that decides events. */
  @Post('rules/:id/test')
  @Needs('read')
  @Answers(200, testReport)
  test(@Param('id') id: string): TestReport {
    return testRule(this.rules.book(), id, this.vocabulary);
  }

  /** What the rule would do with a record as it is at Clio now; only reads. */
  @Post('rules/:id/simulate')
  @Needs('edit')
  @Answers(200, simulation)
  async simulate(
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: simulateBody }) { record, event, connection: wanted }: SimulateBody,
  ): Promise<Simulation> {
    const book = this.rules.book();
    const rule = foundRule(book, id, book.find(id));
    const connectionId = await connectionFor(this.database.within(scope), wanted);
    const connection = await this.database.repo(Connection).findOneByOrFail({ id: connectionId });
    const { vocabulary, database, records: reader } = this;
    const request = { rule, record: recordNamed(record, vocabulary), event, now: this.clock.now() };
    return simulateRule(request, { reader, database, connection, vocabulary });
  }
}
