import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Connector } from '../clio/connector.js';
import { CONFIG, type Config } from '../config/config.js';
import { adminActor } from '../store/actor.js';
import { Database } from '../store/database.js';
import { AdminTokenGuard } from './admin-token.guard.js';
import {
  connectionsPage,
  connectionsQuery,
  connectionView,
  listConnections,
  viewConnection,
  type ConnectionsQuery,
  type ConnectionView,
} from './connection-views.js';
import {
  authorizeAnswer,
  callbackUrl,
  connectQuery,
  tokenGrant,
  type AuthorizeAnswer,
  type ConnectQuery,
  type TokenGrantBody,
} from './connecting.js';
import type { Page } from './page.js';

@ApiTags('connections')
@ApiBearerAuth()
@UseGuards(AdminTokenGuard)
@Controller('api/v1/connections')
export class ConnectionsController {
  constructor(
    private readonly database: Database,
    private readonly connector: Connector,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: connectionsPage })
  list(@Query({ schema: connectionsQuery }) query: ConnectionsQuery): Promise<Page<ConnectionView>> {
    return listConnections(this.database, query);
  }

  /** Takes tokens that were obtained elsewhere. Clio is asked whose they are before anything is stored. */
  @Post()
  @ApiCreatedResponse({ standardSchema: connectionView })
  async add(@Body({ schema: tokenGrant }) body: TokenGrantBody): Promise<ConnectionView> {
    const grant = {
      name: body.name,
      region: body.region,
      baseUrl: body.base_url,
      accessToken: body.access_token,
      refreshToken: body.refresh_token,
      expiresIn: body.expires_in,
    };
    const connection = await this.connector.connectWithTokens(grant, adminActor);
    return viewConnection(this.database, connection);
  }

  /** Where to send the firm's user to connect through OAuth. The address is good for 10 minutes. */
  @Post('authorize')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: authorizeAnswer })
  authorize(@Query({ schema: connectQuery }) { region }: ConnectQuery): AuthorizeAnswer {
    return { authorize_url: this.connector.authorizeUrl(callbackUrl(this.config), region) };
  }
}
