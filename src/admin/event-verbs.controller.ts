import { Body, Controller, Headers, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { Caller, Needs } from './access.js';
import { Answers } from './answers.js';
import {
  bulkAnswer,
  eventsBulkBody,
  eventsInBulk,
  type BulkAnswer,
  type EventsBulkBody,
} from './bulk-verbs.js';
import { replayAnswer, replayBody, replayNow, type ReplayAnswer, type ReplayBody } from './event-verbs.js';
import { Interventions, orderOf } from './interventions.js';

/** What people do with events. Send an Idempotency-Key to be able to ask again. */
@ApiTags('events')
@Controller('api/v1/events')
export class EventVerbsController {
  constructor(
    private readonly interventions: Interventions,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
  ) {}

  /** Without "expect" it says how many there are; with it, it does so for as many. At most 10,000 at once. */
  @Post('bulk')
  @Needs('edit')
  @Answers(200, bulkAnswer)
  bulk(
    @Caller() caller: Caller,
    @Body({ schema: eventsBulkBody }) body: EventsBulkBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<BulkAnswer> {
    const order = orderOf(caller, 'events/bulk', headers);
    return eventsInBulk(this.interventions, order, body, (id) => this.knows(id));
  }

  /** A new event with the record as it was, for today's rules: what they do is done anew. */
  @Post(':id/replay')
  @Needs('edit')
  @Answers(200, replayAnswer)
  replay(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: replayBody }) body: ReplayBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<ReplayAnswer> {
    const order = orderOf(caller, `events/${id}/replay`, headers);
    return replayNow(this.interventions, order, id, body, (rule) => this.knows(rule));
  }

  private knows(ruleId: string): boolean {
    return this.rules.book().find(ruleId) !== undefined;
  }
}
