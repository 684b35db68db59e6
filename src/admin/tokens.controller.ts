import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CLOCK, type Clock } from '../lib/clock.js';
import { ApiTokenStore } from '../store/api-token.store.js';
import { Database } from '../store/database.js';
import { Actor, Needs } from './access.js';
import { Answers } from './answers.js';
import type { Page } from './page.js';
import {
  createToken,
  listTokens,
  newTokenView,
  revokeToken,
  tokenBody,
  tokensPage,
  tokensQuery,
  tokenView,
  type NewTokenView,
  type TokenBody,
  type TokensQuery,
  type TokenView,
} from './token-views.js';

@ApiTags('tokens')
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    private readonly database: Database,
    private readonly tokens: ApiTokenStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Every token there was, the revoked too, newest first. */
  @Get()
  @Needs('admin')
  @ApiOkResponse({ standardSchema: tokensPage })
  list(@Query({ schema: tokensQuery }) query: TokensQuery): Promise<Page<TokenView>> {
    return listTokens(this.database, query, this.clock.now());
  }

  /** Makes a token. Its secret is in this answer and nowhere else. */
  @Post()
  @Needs('admin')
  @Answers(201, newTokenView)
  create(@Actor() actor: Actor, @Body({ schema: tokenBody }) body: TokenBody): Promise<NewTokenView> {
    return createToken({ database: this.database, tokens: this.tokens }, body, {
      actor,
      now: this.clock.now(),
    });
  }

  /** Ends a token at once, with the sessions and streams that it began. */
  @Delete(':id')
  @Needs('admin')
  @Answers(200, tokenView)
  revoke(@Actor() actor: Actor, @Param('id') id: string): Promise<TokenView> {
    return revokeToken({ tokens: this.tokens }, id, { actor, now: this.clock.now() });
  }
}
