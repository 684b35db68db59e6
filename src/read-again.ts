import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { RECORDS_NOW } from './admin/records-now.js';
import { ClioModule } from './clio/clio.module.js';
import { fieldList } from './clio/field-list.js';
import { CONFIG, type Config } from './config/config.js';
import { pathsToRead } from './ingest/custom-field-paths.js';
import { IngestModule } from './ingest/ingest.module.js';
import { LookupReader } from './ingest/lookup-reader.js';
import { RecordReader } from './ingest/record-reader.js';
import type { JsonObject } from './lib/json.js';
import { RecordsAtClio } from './records-at-clio.js';
import type { ReadLookups } from './rules/lookup.js';
import {
  RECORD_SOURCE,
  type LookupsWanted,
  type RecordSource,
  type RecordsWanted,
} from './run/record-source.js';
import { StoreModule } from './store/store.module.js';

/** Reads records for run as ingest does. */
@Injectable()
export class ReadAgain implements RecordSource {
  constructor(
    private readonly reader: RecordReader,
    private readonly lookups: LookupReader,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async read(wanted: RecordsWanted, signal: AbortSignal): Promise<ReadonlyMap<string, JsonObject>> {
    const { connectionId, model, ids, paths } = wanted;
    const fields = fieldList(model, pathsToRead(new Set(paths)));
    const { records } = await this.reader.read(connectionId, { model, ids, fields }, [], signal);
    return records;
  }

  lookUp(wanted: LookupsWanted, signal: AbortSignal): Promise<ReadLookups> {
    return this.lookups.read(wanted, signal);
  }

  runUrl(runId: string): string {
    const { publicUrl, host, port } = this.config;
    return `${publicUrl ?? `http://${host}:${port}`}/api/v1/runs/${runId}`;
  }
}

@Global()
@Module({
  imports: [IngestModule, ClioModule, StoreModule],
  providers: [
    { provide: RECORD_SOURCE, useClass: ReadAgain },
    { provide: RECORDS_NOW, useClass: RecordsAtClio },
  ],
  exports: [RECORD_SOURCE, RECORDS_NOW],
})
export class ReadAgainModule {}
