import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { ClioClients } from './clio-clients.js';
import { Connector } from './connector.js';

/** clio: the only folder that calls Clio. */
@Module({ imports: [StoreModule], providers: [ClioClients, Connector], exports: [ClioClients, Connector] })
export class ClioModule {}
