import { Body, Controller, Get, Headers, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { Database } from '../store/database.js';
import { Actor, Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import { requireMatch } from './entity-tag.js';
import { foundRule } from './found.js';
import {
  pauseBody,
  pauseNow,
  pausesView,
  resumeBody,
  resumeNow,
  viewPauses,
  type Order,
  type PauseBody,
  type PausesView,
  type ResumeBody,
} from './pause-views.js';
import { shadowBody, type ShadowBody } from './rule-bodies.js';
import { RuleEditor } from './rule-editor.js';
import { readRule, ruleDetail, ruleTag, type RuleDetail } from './rule-views.js';
import { ShowsOne } from './shows-one.js';

@ApiTags('rules')
@Controller('api/v1/rules/:id')
export class PausesController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly editor: RuleEditor,
  ) {}

  @Get('pauses')
  @Needs('read')
  @ShowsOne(pausesView)
  async list(@Scope() scope: Scope, @Param('id') id: string): Promise<PausesView> {
    return viewPauses(this.database.within(scope), await this.known(id), this.clock.now());
  }

  /** Stops the rule at once; its file stays as it is. */
  @Post('pause')
  @Needs('edit')
  @Answers(200, pausesView)
  async pause(
    @Actor() actor: Actor,
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: pauseBody }) body: PauseBody,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PausesView> {
    return pauseNow(this.database.within(scope), await this.known(id), body, this.by(actor, ifMatch));
  }

  /** Lets a rule go on that was paused by its limit or by a person. */
  @Post('resume')
  @Needs('edit')
  @Answers(200, pausesView)
  async resume(
    @Actor() actor: Actor,
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: resumeBody }) body: ResumeBody,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PausesView> {
    return resumeNow(this.database.within(scope), await this.known(id), body, this.by(actor, ifMatch));
  }

  private by(actor: Actor, ifMatch: string | undefined): Order {
    return { actor, now: this.clock.now(), ifMatch };
  }

  /** Lets the rule only watch, at once, or act again as its text says; its file stays as it is. */
  @Post('shadow')
  @Needs('edit', 'installation')
  @Answers(200, ruleDetail)
  async shadow(
    @Actor() actor: Actor,
    @Param('id') id: string,
    @Body({ schema: shadowBody }) { on }: ShadowBody,
    @Headers('if-match') ifMatch?: string,
  ): Promise<RuleDetail> {
    requireMatch(ifMatch, ruleTag(await this.rule(id)), `rule ${id}`);
    await this.editor.shadow(id, on, { actor });
    return this.rule(id);
  }

  private async known(id: string): Promise<string> {
    return (await this.rule(id)).id;
  }

  private async rule(id: string): Promise<RuleDetail> {
    const book = this.rules.book();
    return foundRule(book, id, await readRule(book, this.database, id));
  }
}
