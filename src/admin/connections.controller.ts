import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Connector } from '../clio/connector.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../store/database.js';
import { Actor, Needs, Scope } from './access.js';
import { Answers } from './answers.js';
import {
  connectionsPage,
  connectionsQuery,
  connectionView,
  listConnections,
  readConnection,
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
import { found } from './found.js';
import type { Page } from './page.js';
import { ShowsOne } from './shows-one.js';
import {
  listSubscriptions,
  subscriptionsPage,
  subscriptionsQuery,
  type SubscriptionsQuery,
} from './subscription-views.js';

@ApiTags('connections')
@Controller('api/v1/connections')
export class ConnectionsController {
  constructor(
    private readonly database: Database,
    private readonly connector: Connector,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: connectionsPage })
  list(
    @Scope() scope: Scope,
    @Query({ schema: connectionsQuery }) query: ConnectionsQuery,
  ): Promise<Page<ConnectionView>> {
    return listConnections(this.database.within(scope), query);
  }

  @Get(':id')
  @Needs('read')
  @ShowsOne(connectionView)
  async show(@Scope() scope: Scope, @Param('id') id: string): Promise<ConnectionView> {
    return found('connection', id, await readConnection(this.database.within(scope), id));
  }

  /** The webhooks at Clio, also those that are not wanted any more. */
  @Get(':id/subscriptions')
  @Needs('read')
  @ApiOkResponse({ standardSchema: subscriptionsPage })
  async subscriptions(
    @Scope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: subscriptionsQuery }) query: SubscriptionsQuery,
  ) {
    return found('connection', id, await listSubscriptions(this.database.within(scope), id, query));
  }

  /** Takes tokens that were obtained elsewhere. Clio is asked whose they are before anything is stored. */
  @Post()
  @Needs('admin')
  @ApiCreatedResponse({ standardSchema: connectionView })
  async add(
    @Actor() actor: Actor,
    @Body({ schema: tokenGrant }) body: TokenGrantBody,
  ): Promise<ConnectionView> {
    const grant = {
      name: body.name,
      region: body.region,
      baseUrl: body.base_url,
      accessToken: body.access_token,
      refreshToken: body.refresh_token,
      expiresIn: body.expires_in,
    };
    const connection = await this.connector.connectWithTokens(grant, actor);
    return viewConnection(this.database, connection);
  }

  /** Where to send the firm's user to connect through OAuth. The address is good for 10 minutes. */
  @Post('authorize')
  @Needs('admin')
  @Answers(200, authorizeAnswer)
  authorize(
    @Actor() actor: Actor,
    @Query({ schema: connectQuery }) { region }: ConnectQuery,
  ): AuthorizeAnswer {
    return { authorize_url: this.connector.authorizeUrl(callbackUrl(this.config), region, actor) };
  }
}
