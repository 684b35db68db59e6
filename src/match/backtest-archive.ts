import type { Pace } from '../lib/pace.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import {
  archivedEvents,
  countReceived,
  daysArchived,
  type ArchivedEvent,
  type Reading,
} from '../store/event-archive.js';
import { Lookup } from '../store/lookup.entity.js';
import { Backtest, lookupNotes, untoldNotes, type BacktestReport } from './backtest.js';
import { rulesInForce } from './rules-in-force.js';

const DAY_MS = 86_400_000;
/** What SQLite reads in a few milliseconds. */
const SMALL_PAGE = 100;

export interface BacktestResult extends BacktestReport {
  /** ISO 8601. */
  since: string;
  days: number;
  /** Those of them that there is anything from, one at least: the archive of a new server is younger. */
  days_archived: number;
  /** True when there was no archive, and records as they are now stood for it. */
  approximate: boolean;
  /** Calls to Clio that the backtest itself made: reads only, and none with an archive. */
  reads: number;
  /** What the figures do not tell. */
  notes: string[];
}

/** Adds an archived event with what was looked up about it when it came. */
export async function replay(database: Database, backtest: Backtest, event: ArchivedEvent): Promise<void> {
  const looked = backtest.looksUp(event) ? await database.repo(Lookup).findBy({ eventId: event.id }) : [];
  backtest.add(event, looked);
}

/** What the drafts would have done in the last `days` days before `now`. */
export interface BacktestQuestion {
  drafts: readonly CompiledRule[];
  days: number;
  now: Date;
  /** Only with the events of this connection; null or left out for those of all. */
  connectionId?: string | null;
}

/**
 * Answers from the events that are stored, each as the rules saw it when it came. Only reads, and calls nobody. With a pace
 * it tells how many events it has looked at, and reads in small pages.
 */
export async function backtestArchive(
  database: Database,
  vocabulary: Vocabulary,
  { drafts, days, now, connectionId = null }: BacktestQuestion,
  pace?: Pace,
): Promise<BacktestResult> {
  const since = now.getTime() - days * DAY_MS;
  const ids = drafts.map(({ rule }) => rule.id);
  const inForce = await rulesInForce(database, ids, vocabulary);
  const pairs = drafts.map((draft) => ({ draft, active: inForce.get(draft.rule.id) ?? null }));
  const connections = await database.repo(Connection).find({ select: { id: true, baseUrl: true } });
  const clioUrls = new Map(connections.map(({ id, baseUrl }) => [id, baseUrl]));
  const models = new Set(
    pairs.flatMap(({ draft, active }) => [draft, active].flatMap((one) => [...(one?.needs.keys() ?? [])])),
  );
  const backtest = new Backtest(pairs, vocabulary.actions, clioUrls);
  pace?.begins(await countReceived(database, since, now.getTime() + 1));
  let done = 0;
  const onPage = (rows: number) => {
    done += rows;
    return pace?.step(done);
  };
  const reading: Reading = pace === undefined ? {} : { page: SMALL_PAGE, onPage };
  for await (const event of archivedEvents(database, since, models, reading)) {
    if (connectionId === null || event.connectionId === connectionId) await replay(database, backtest, event);
    const turn = pace?.step(done);
    if (turn !== undefined) await turn;
  }
  const from = new Date(since).toISOString();
  const report = backtest.report();
  return {
    since: from,
    days,
    days_archived: await daysArchived(database, { days, now: now.getTime(), connectionId }),
    approximate: false,
    reads: 0,
    notes: [...untoldNotes(drafts), ...lookupNotes(report)],
    ...report,
  };
}
