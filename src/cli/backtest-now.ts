import type { ClioReader } from '../clio/clio-reader.js';
import { resourceFacts } from '../clio/catalog/catalog.js';
import { listParts, PAGE_SIZE, takesSince } from '../ingest/poll-plan.js';
import { delay, type Clock } from '../lib/clock.js';
import { textOf, type JsonObject } from '../lib/json.js';
import { Backtest, lookupNotes, untoldNotes } from '../match/backtest.js';
import type { BacktestResult } from '../match/backtest-archive.js';
import type { ReadyEvent } from '../match/ready-event.js';
import { rulesInForce } from '../match/rules-in-force.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { eventsOf } from '../rules/trigger.js';
import type { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { vocabulary } from '../vocabulary.js';
import { readNow } from '../read-record-now.js';

/** So many records of a model are read at most; the report says when there were more. */
const MOST_RECORDS = 2_000;

/** Where records are read, and what is known of them. */
export interface NowSources {
  reader: ClioReader;
  database: Database;
  connection: Connection;
  clock: Clock;
}

/**
 * What the drafts would say to the records that changed in the last `days` days, as they are now: for a firm without a
 * history. The versions in force are asked too. Each record counts once, as if it had been made or changed then, and what it was before is not known. Only
 * reads at Clio, and only with budget that the steps leave.
 */
export async function backtestNow(
  drafts: readonly CompiledRule[],
  days: number,
  { reader, database, connection, clock }: NowSources,
): Promise<BacktestResult> {
  const since = new Date(clock.now().getTime() - days * 86_400_000);
  const ids = drafts.map(({ rule }) => rule.id);
  const inForce = await rulesInForce(database, ids, vocabulary());
  const asked = [...drafts, ...inForce.values()];
  const pairs = drafts.map((draft) => {
    const active = inForce.get(draft.rule.id);
    return { draft: asLevel(draft), active: active === undefined ? null : asLevel(active) };
  });
  const clioUrls = new Map([[connection.id, connection.baseUrl]]);
  const backtest = new Backtest(pairs, vocabulary().actions, clioUrls);
  const notes = new Set<string>();
  for (const [model, paths] of pathsOf(asked)) {
    const ids = await idsSince(model, since, reader, clock);
    if (ids.length === MOST_RECORDS) notes.add(`of ${model} only ${MOST_RECORDS} records were read`);
    for (let from = 0; from < ids.length; from += PAGE_SIZE) {
      await spare(reader, clock);
      const wanted = { connectionId: connection.id, model, ids: ids.slice(from, from + PAGE_SIZE), paths };
      const { records } = await readNow(reader, database, wanted, AbortSignal.timeout(600_000));
      for (const record of records.values())
        backtest.add(eventOf(record, model, since, connection.id, asked));
    }
  }
  const unseen = new Set(drafts.flatMap(({ rule }) => eventsOf(rule)).filter((event) => !isSeen(event)));
  if (unseen.size > 0) notes.add(`${[...unseen].join(', ')} cannot be told from a record alone`);
  const report = backtest.report();
  return {
    since: since.toISOString(),
    days,
    days_archived: days,
    approximate: true,
    reads: reader.calls,
    notes: [...untoldNotes(drafts), ...notes, ...lookupNotes(report)],
    ...report,
  };
}

/** Without a before there is no edge. */
function asLevel(compiled: CompiledRule): CompiledRule {
  return { ...compiled, rule: { ...compiled.rule, evaluation: 'level' } };
}

/** What the rules read, by the model of their triggers. */
function pathsOf(rules: readonly CompiledRule[]): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const { needs } of rules)
    for (const [model, { paths }] of needs) all.set(model, new Set([...(all.get(model) ?? []), ...paths]));
  return all;
}

async function idsSince(model: string, since: Date, reader: ClioReader, clock: Clock): Promise<string[]> {
  const ids: string[] = [];
  const filter = takesSince(model) ? { updated_since: since.toISOString() } : {};
  for (const part of listParts(model))
    for (let next: string | null = null; ids.length < MOST_RECORDS;) {
      await spare(reader, clock);
      const query = { ...part, ...filter, fields: 'id', limit: PAGE_SIZE };
      const page = await reader.page(resourceFacts(model).path, query, next);
      ids.push(...page.records.map(({ id }) => String(id)));
      next = page.next;
      if (next === null) break;
    }
  return ids.slice(0, MOST_RECORDS);
}

/** Half of the budget is for the steps of a running server. */
async function spare(reader: ClioReader, clock: Clock): Promise<void> {
  for (let wait = reader.spareInMs(); wait > 0; wait = reader.spareInMs()) await delay(clock, wait);
}

const isSeen = (event: string) => event.endsWith('.updated') || event.endsWith('.created');

/** The record as if it had changed when it last did, and been made then if it is as young as that. */
function eventOf(
  record: JsonObject,
  model: string,
  since: Date,
  connectionId: string,
  rules: readonly CompiledRule[],
): ReadyEvent {
  const at = timeOf(record['updated_at']) ?? since.getTime();
  const made = timeOf(record['created_at']);
  const isNew = made !== undefined && made >= since.getTime();
  const named = rules.flatMap(({ rule }) => eventsOf(rule));
  const models = vocabulary().models;
  const types = named.filter((event) => {
    const isOfModel = models.get(event.split('.')[0] ?? '')?.model === model;
    return isOfModel && (event.endsWith('.updated') || (isNew && event.endsWith('.created')));
  });
  const id = textOf(record['id'] ?? '');
  return {
    id: `${model}/${id}`, connectionId, source: 'sweep', model, recordId: id, type: `${model}.updated`, types, payload: record,
    receivedAt: at, record, previous: null, changed: null, causedByRunId: null, depth: 0,
  }; // prettier-ignore
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
