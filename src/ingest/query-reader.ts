import { Injectable } from '@nestjs/common';
import type { ClioClient } from '../clio/clio.client.js';
import { resourceFacts } from '../clio/catalog/catalog.js';
import { fieldList, webhookFields } from '../clio/field-list.js';
import type { JsonObject } from '../lib/json.js';
import { EventStore } from '../store/event.store.js';
import type { Schedule } from '../store/schedule.entity.js';
import type { Snapshot } from '../store/snapshot.entity.js';
import { pathsToRead } from './custom-field-paths.js';
import { Directory } from './directory.js';
import { idsOfNames } from './named-ids.js';
import { RecordReader } from './record-reader.js';
import type { ScheduledQuery } from './scheduled-triggers.js';

/** Reads what a query asks for, page by page, with all that its rule reads. */
@Injectable()
export class QueryReader {
  constructor(
    private readonly events: EventStore,
    private readonly records: RecordReader,
    private readonly directory: Directory,
  ) {}

  clientOf(connectionId: string): Promise<ClioClient> {
    return this.records.clientOf(connectionId);
  }

  /** The last known states of records, by record id. */
  snapshots(
    connectionId: string,
    model: string,
    recordIds: readonly string[],
  ): Promise<Map<string, Snapshot>> {
    return this.events.snapshots(connectionId, model, recordIds);
  }

  /** The page that the walk of `row` is at. More fields than Clio takes cost a call more for each further part of them. */
  async page(
    client: ClioClient,
    { connectionId, ruleId, walkPage }: Pick<Schedule, 'connectionId' | 'ruleId' | 'walkPage'>,
    { model, filter, named, paths }: Pick<ScheduledQuery, 'model' | 'filter' | 'named' | 'paths'>,
    signal: AbortSignal,
  ): Promise<{ records: JsonObject[]; next: string | null }> {
    const wanted = pathsToRead(new Set(paths));
    const { fields, isCut } = webhookFields(model, wanted);
    // The pages after the first have their own address.
    const ids =
      walkPage === null ? await idsOfNames(this.directory, { connectionId, ruleId, named }, signal) : {};
    const { records, next } = await client.page(
      resourceFacts(model).path,
      { ...filter, ...ids, fields },
      walkPage,
      signal,
    );
    if (isCut) {
      const found = records.map(({ id }) => String(id));
      const asked = { model, ids: found, fields: fieldList(model, wanted) };
      const whole = await this.records.read(connectionId, asked, [], signal);
      // What is gone since is not found any more.
      return { records: found.map((id) => whole.records.get(id)).filter((one) => one !== undefined), next };
    }
    return {
      records: await this.records.inWords(connectionId, { model, fields }, records as JsonObject[], signal),
      next,
    };
  }
}
