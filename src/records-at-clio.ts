import { Injectable } from '@nestjs/common';
import type { FoundNow, LookupsNow, ReadNow, RecordsNow, WantedNow } from './admin/records-now.js';
import { ClioClients } from './clio/clio-clients.js';
import { lookUpNow, type LookupSource } from './look-up-now.js';
import { readNow } from './read-record-now.js';
import { Database } from './store/database.js';

/** What a client of the connection reads. */
export function recordsOf(lister: LookupSource, database: Database): RecordsNow {
  return {
    read: (wanted, signal) => readNow(lister, database, wanted, signal),
    lookUp: (wanted, signal) => lookUpNow(lister, database, wanted, signal),
  };
}

/** Reads with the connection's own token and budget, as a running server may. */
@Injectable()
export class RecordsAtClio implements RecordsNow {
  constructor(
    private readonly clients: ClioClients,
    private readonly database: Database,
  ) {}

  async read(wanted: WantedNow, signal: AbortSignal): Promise<ReadNow> {
    return readNow(await this.clients.forConnection(wanted.connectionId), this.database, wanted, signal);
  }

  async lookUp(wanted: LookupsNow, signal: AbortSignal): Promise<FoundNow> {
    return lookUpNow(await this.clients.forConnection(wanted.connectionId), this.database, wanted, signal);
  }
}
