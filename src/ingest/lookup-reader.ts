import { Injectable } from '@nestjs/common';
import { fieldList } from '../clio/field-list.js';
import type { JsonObject } from '../lib/json.js';
import type { Lookup } from '../store/lookup.entity.js';
import { pathsToRead } from './custom-field-paths.js';
import { QueryReader } from './query-reader.js';
import { RecordReader } from './record-reader.js';

type Asked = Lookup['asked'][string];
type Found = NonNullable<Lookup['found']>[string];

/** Reads what a rule wants to know beside the record, with all that it reads of that. */
@Injectable()
export class LookupReader {
  constructor(
    private readonly queries: QueryReader,
    private readonly records: RecordReader,
  ) {}

  /**
   * By the name that the rule has for it. Only for the holder of the connection's lane.
   * @throws UpstreamError when Clio does not answer for one of them.
   */
  async read(
    { connectionId, ruleId, asked }: Pick<Lookup, 'connectionId' | 'ruleId' | 'asked'>,
    signal: AbortSignal,
  ): Promise<NonNullable<Lookup['found']>> {
    const found: Record<string, Found> = {};
    for (const [name, one] of Object.entries(asked))
      found[name] =
        one.id === null
          ? await this.find({ connectionId, ruleId }, one, signal)
          : { items: await this.record(connectionId, one, one.id, signal), more: false };
    return found;
  }

  private async find(
    who: Pick<Lookup, 'connectionId' | 'ruleId'>,
    { model, filter, named, paths, max }: Asked,
    signal: AbortSignal,
  ): Promise<Found> {
    const client = await this.queries.clientOf(who.connectionId);
    const query = { model, filter: { ...filter, limit: max }, named, paths };
    const { records, next } = await this.queries.page(client, { ...who, walkPage: null }, query, signal);
    return { items: records.slice(0, max), more: next !== null || records.length > max };
  }

  private async record(
    connectionId: string,
    { model, paths }: Asked,
    id: string,
    signal: AbortSignal,
  ): Promise<JsonObject[]> {
    const wanted = { model, ids: [id], fields: fieldList(model, pathsToRead(new Set(paths))) };
    const { records } = await this.records.read(connectionId, wanted, [], signal);
    return [...records.values()];
  }
}
