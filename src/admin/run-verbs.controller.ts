import { Body, Controller, Headers, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ClioClients } from '../clio/clio-clients.js';
import { Caller, Needs } from './access.js';
import { Answers } from './answers.js';
import { bulkAnswer, runsBulkBody, runsInBulk, type BulkAnswer, type RunsBulkBody } from './bulk-verbs.js';
import { Interventions, orderOf } from './interventions.js';
import { revertAnswer, revertBody, revertNow, type RevertAnswer, type RevertBody } from './revert-verb.js';
import {
  cancelAnswer,
  cancelBody,
  cancelNow,
  resumeNow,
  retryAnswer,
  retryBody,
  retryNow,
  type CancelAnswer,
  type CancelBody,
  type RetryAnswer,
  type RetryBody,
} from './run-verbs.js';

/** What people do to runs. Send an Idempotency-Key to be able to ask again, and If-Match to act on what you saw alone. */
@ApiTags('runs')
@Controller('api/v1/runs')
export class RunVerbsController {
  constructor(
    private readonly interventions: Interventions,
    private readonly clients: ClioClients,
  ) {}

  /** Without "expect" it says how many there are; with it, it does so for as many. At most 10,000 at once. */
  @Post('bulk')
  @Needs('edit')
  @Answers(200, bulkAnswer)
  bulk(
    @Caller() caller: Caller,
    @Body({ schema: runsBulkBody }) body: RunsBulkBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<BulkAnswer> {
    return runsInBulk(this.interventions, orderOf(caller, 'runs/bulk', headers), body);
  }

  /** The step that failed is tried again, with what the run was decided on; what is done stays done. */
  @Post(':id/retry')
  @Needs('edit')
  @Answers(200, retryAnswer)
  retry(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: retryBody }) body: RetryBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<RetryAnswer> {
    return retryNow(this.interventions, orderOf(caller, `runs/${id}/retry`, headers), id, body);
  }

  /** Says whether the effect of a step is there whose answer was lost. */
  @Post(':id/resume')
  @Needs('edit')
  @Answers(200, retryAnswer)
  resume(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: retryBody }) body: RetryBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<RetryAnswer> {
    return resumeNow(this.interventions, orderOf(caller, `runs/${id}/resume`, headers), id, body);
  }

  /** Ends the run; a try that is under way settles and is not repeated. */
  @Post(':id/cancel')
  @Needs('edit')
  @Answers(200, cancelAnswer)
  cancel(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: cancelBody }) body: CancelBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<CancelAnswer> {
    return cancelNow(this.interventions, orderOf(caller, `runs/${id}/cancel`, headers), id, body);
  }

  /**
   * Undoes what the run did at Clio, newest first, by a run of its own. What somebody has changed since stays, and so does
   * what cannot be taken back; the steps of that run say so.
   */
  @Post(':id/revert')
  @Needs('edit')
  @Answers(200, revertAnswer)
  revert(
    @Caller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: revertBody }) body: RevertBody,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<RevertAnswer> {
    const order = orderOf(caller, `runs/${id}/revert`, headers);
    return revertNow(this.interventions, order, id, body, (owner) => this.clients.forConnection(owner));
  }
}
