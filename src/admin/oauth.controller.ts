import { Controller, Get, Header, Inject, Query, Redirect, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Connector } from '../clio/connector.js';
import { CONFIG, type Config } from '../config/config.js';
import { Public } from '../lib/access.js';
import { RequestError } from '../lib/errors.js';
import { AccessGuard } from './access.guard.js';
import {
  callbackQuery,
  callbackUrl,
  connectQuery,
  isLocalVisit,
  type CallbackQuery,
  type ConnectQuery,
} from './connecting.js';

@ApiTags('oauth')
@Controller('oauth/clio')
export class OAuthController {
  constructor(
    private readonly connector: Connector,
    private readonly access: AccessGuard,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Sends the browser to Clio. On a server that only this machine knows, anybody on it may; elsewhere it takes an admin who
   * is signed in, or the address that POST /api/v1/connections/authorize tells.
   */
  @Get('connect')
  @Redirect()
  @Public()
  async connect(
    @Req() request: FastifyRequest,
    @Query({ schema: connectQuery }) { region }: ConnectQuery,
  ): Promise<{ url: string; statusCode: number }> {
    const isLocal = isLocalVisit(this.config.publicUrl, request.socket.remoteAddress);
    const caller = isLocal ? null : await this.access.demand(request, { need: 'admin', of: 'installation' });
    return {
      url: this.connector.authorizeUrl(callbackUrl(this.config), region, caller?.actor),
      statusCode: 302,
    };
  }

  /** Clio sends the browser back here. The state proves that the visit began with us, so no token is asked. */
  @Get('callback')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Public()
  async callback(@Query({ schema: callbackQuery }) { code, state, error }: CallbackQuery): Promise<string> {
    if (code === undefined || state === undefined)
      throw new RequestError('request.invalid', refusal(error), { details: { status: 400 } });
    const redirectUri = callbackUrl(this.config);
    const connection = await this.connector.connectWithCode({ code, state, redirectUri });
    return `Connected: ${connection.userName} of ${connection.accountName ?? connection.name}. You may close this page.\n`;
  }
}

function refusal(error: string | undefined): string {
  return error === 'access_denied'
    ? 'Access was declined at Clio; nothing was connected. Start again when it may be granted.'
    : 'This is not an answer from Clio to a connection started here; start again at /oauth/clio/connect.';
}
