import { Injectable } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import type { ClioClient } from '../clio/clio.client.js';
import { parseFields } from '../clio/field-list.js';
import type { JsonObject } from '../lib/json.js';
import { readsCustomFields } from './custom-field-paths.js';
import { CUSTOM_FIELDS, definitionsFor, withNames } from './custom-field-definitions.js';
import { fieldsWithValue, unexplainedIn, type CustomFieldDefinition } from './custom-fields-of.js';
import { Directory } from './directory.js';
import { readRecords, type Wanted } from './read-records.js';

const MOST_UNEXPLAINED = 1_000;

/** Records as they are now, and a way to read older ones in the same words. */
interface Reading {
  records: Map<string, JsonObject>;
  /** Puts the custom fields of an older version of a record under the names that they have now. */
  inWords: (record: JsonObject) => JsonObject;
}

/** Reads records at Clio for the rules: their fields as Clio has them, and custom fields by name. */
@Injectable()
export class RecordReader {
  /** By connection and model, what freshly read definitions did not explain: asking again would not help. */
  private readonly unexplained = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly clients: ClioClients,
    private readonly directory: Directory,
  ) {}

  /** The connection's client, for what is read of a record beside its fields. */
  clientOf(connectionId: string): Promise<ClioClient> {
    return this.clients.forConnection(connectionId);
  }

  /**
   * `known`: the versions of these records that are known already. Only for the holder of the connection's lane.
   * @throws UpstreamError when Clio does not answer for some of them.
   */
  async read(
    connectionId: string,
    wanted: Wanted,
    known: readonly JsonObject[],
    signal: AbortSignal,
  ): Promise<Reading> {
    const client = await this.clients.forConnection(connectionId);
    const found = await readRecords(client, wanted, signal);
    if (!readsCustomFields(parseFields(wanted.fields)))
      return { records: found, inWords: (record) => record };
    const definitions = await this.definitions(
      connectionId,
      wanted.model,
      [...found.values()],
      known,
      signal,
    );
    const inWords = (record: JsonObject) => withNames(record, definitions);
    return { records: new Map([...found].map(([id, record]) => [id, inWords(record)])), inWords };
  }

  /** Records of a list with their custom fields by name, where `fields` asks for those. */
  async inWords(
    connectionId: string,
    { model, fields }: Pick<Wanted, 'model' | 'fields'>,
    records: readonly JsonObject[],
    signal: AbortSignal,
  ): Promise<JsonObject[]> {
    if (!readsCustomFields(parseFields(fields))) return [...records];
    const definitions = await this.definitions(connectionId, model, records, [], signal);
    return records.map((record) => withNames(record, definitions));
  }

  /** The firm's definitions, read anew when the records have something that they do not explain. */
  private async definitions(
    connectionId: string,
    model: string,
    found: readonly JsonObject[],
    known: readonly JsonObject[],
    signal: AbortSignal,
  ): Promise<readonly CustomFieldDefinition[]> {
    const isRead = (await this.directory.lists(connectionId)).has(CUSTOM_FIELDS);
    const kept = await this.keptDefinitions(connectionId, model);
    const strange = found.flatMap((record) => unexplainedIn(record['custom_field_values'], kept));
    const key = `${connectionId} ${model}`;
    const tried = this.unexplained.get(key) ?? new Set<string>();
    const isStrange = strange.some((what) => !tried.has(what));
    if (isRead && !isStrange && !hasLost(known, found)) return kept;
    await this.directory.refresh(connectionId, CUSTOM_FIELDS, signal);
    const fresh = await this.keptDefinitions(connectionId, model);
    const left = found.flatMap((record) => unexplainedIn(record['custom_field_values'], fresh));
    this.unexplained.set(key, new Set([...(tried.size < MOST_UNEXPLAINED ? tried : []), ...left]));
    return fresh;
  }

  private async keptDefinitions(connectionId: string, model: string): Promise<CustomFieldDefinition[]> {
    return definitionsFor(model, await this.directory.entries(connectionId, [CUSTOM_FIELDS]));
  }
}

/** Whether a value that was there is gone: somebody took it away, or deleted the field itself. */
function hasLost(known: readonly JsonObject[], found: readonly JsonObject[]): boolean {
  const now = new Map(found.map((record) => [record['id'], fieldsWithValue(record['custom_field_values'])]));
  return known.some((record) => {
    const left = now.get(record['id'] ?? null);
    return (
      left !== undefined && fieldsWithValue(record['custom_field_values']).some((id) => !left.includes(id))
    );
  });
}
