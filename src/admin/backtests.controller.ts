import { Body, Controller, Headers, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Needs } from './access.js';
import { Answers } from './answers.js';
import {
  backtestBody,
  Backtests,
  textBacktestBody,
  type BacktestBody,
  type TextBacktestBody,
} from './backtests.js';
import { orderOf } from './interventions.js';
import { jobView, type JobView } from './job-views.js';

type SentHeaders = Record<string, string | undefined>;

/** What rules would have done with the events that are stored. Nothing is sent, and nobody is asked but the database. */
@ApiTags('rules')
@Controller('api/v1/rules')
export class BacktestsController {
  constructor(private readonly backtests: Backtests) {}

  /** Of rules that are not in force: all that the text holds. A job; see its Location. */
  @Post('backtest')
  @Needs('edit')
  @Answers(202, jobView)
  async ofText(
    @Caller() caller: Caller,
    @Body({ schema: textBacktestBody }) body: TextBacktestBody,
    @Headers() headers: SentHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    return located(reply, await this.backtests.ofText(orderOf(caller, 'rules/backtest', headers), body));
  }

  /** Of a rule as it is in force, or as the text has it, against the version in force. A job; see its Location. */
  @Post(':id/backtest')
  @Needs('edit')
  @Answers(202, jobView)
  async ofRule(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: backtestBody }) body: BacktestBody,
    @Headers() headers: SentHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const order = orderOf(caller, `rules/${id}/backtest`, headers);
    return located(reply, await this.backtests.ofRule(order, id, body));
  }
}

function located(reply: FastifyReply, job: JobView): JobView {
  void reply.header('location', `/api/v1/jobs/${job.id}`);
  return job;
}
