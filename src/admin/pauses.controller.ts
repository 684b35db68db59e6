import { Body, Controller, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { adminActor } from '../store/actor.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import { found } from './found.js';
import {
  pauseBody,
  pauseNow,
  pausesView,
  resumeBody,
  resumeNow,
  viewPauses,
  type PauseBody,
  type PausesView,
  type ResumeBody,
} from './pause-views.js';
import { shadowBody, type ShadowBody } from './rule-bodies.js';
import { RuleEditor } from './rule-editor.js';
import { readRule, ruleDetail, type RuleDetail } from './rule-views.js';

@ApiTags('rules')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/rules/:id')
export class PausesController {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly editor: RuleEditor,
  ) {}

  @Get('pauses')
  @ApiOkResponse({ standardSchema: pausesView })
  async list(@Param('id') id: string): Promise<PausesView> {
    return viewPauses(this.database, await this.known(id), this.clock.now());
  }

  /** Stops the rule at once; its file stays as it is. */
  @Post('pause')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: pausesView })
  async pause(@Param('id') id: string, @Body({ schema: pauseBody }) body: PauseBody): Promise<PausesView> {
    return pauseNow(this.database, await this.known(id), body, this.clock.now());
  }

  /** Lets a rule go on that was paused by its limit or by a person. */
  @Post('resume')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: pausesView })
  async resume(@Param('id') id: string, @Body({ schema: resumeBody }) body: ResumeBody): Promise<PausesView> {
    return resumeNow(this.database, await this.known(id), body, this.clock.now());
  }

  /** Lets the rule only watch, at once, or act again as its text says; its file stays as it is. */
  @Post('shadow')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: ruleDetail })
  async shadow(
    @Param('id') id: string,
    @Body({ schema: shadowBody }) { on }: ShadowBody,
  ): Promise<RuleDetail> {
    await this.editor.shadow(await this.known(id), on, { actor: adminActor });
    return found('rule', id, await readRule(this.rules.book(), this.database, id));
  }

  private async known(id: string): Promise<string> {
    return found('rule', id, await readRule(this.rules.book(), this.database, id)).id;
  }
}
