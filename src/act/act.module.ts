import { Module } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import { ClioModule } from '../clio/clio.module.js';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { ACTIONS, CLIENT_SOURCE, type ClientSource } from './action.js';
import { actions } from './catalog.js';
import { openOutbound } from './open-outbound.js';

/** act: the verbs a rule may use, one file each. */
@Module({
  imports: [ClioModule],
  providers: [
    { provide: ACTIONS, useValue: actions },
    { provide: CLIENT_SOURCE, useFactory: clientSource, inject: [ClioClients, CONFIG, CLOCK] },
  ],
  exports: [ACTIONS, CLIENT_SOURCE],
})
export class ActModule {}

function clientSource(clients: ClioClients, { outbound }: Config, clock: Clock): ClientSource {
  return {
    forConnection: (connectionId) => clients.forConnection(connectionId),
    outbound: openOutbound(outbound, clock),
  };
}
