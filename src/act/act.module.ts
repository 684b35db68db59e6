import { Module } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import { ClioModule } from '../clio/clio.module.js';
import { ACTIONS, CLIENT_SOURCE } from './action.js';
import { actions } from './catalog.js';

/** act: the verbs a rule may use, one file each. */
@Module({
  imports: [ClioModule],
  providers: [
    { provide: ACTIONS, useValue: actions },
    { provide: CLIENT_SOURCE, useExisting: ClioClients },
  ],
  exports: [ACTIONS, CLIENT_SOURCE],
})
export class ActModule {}
