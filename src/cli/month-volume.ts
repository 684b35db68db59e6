import { EngineError } from '../lib/errors.js';
import { Backtest } from '../match/backtest.js';
import { replay } from '../match/backtest-archive.js';
import type { Volume } from '../match/call-cost.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Database } from '../store/database.js';
import { archivedEvents, countArchived, daysArchived } from '../store/event-archive.js';
import { vocabulary } from '../vocabulary.js';
import { readDatabaseIfAny } from './read-database.js';

const DAYS = 30;
const DAY_MS = 86_400_000;
/** So many events tell enough of a month, and cost a second or two. */
const MOST_SAMPLED = 5_000;

/**
 * What last month's events say about these rules; null where there is no database, none that can be read with these
 * settings, or nothing in it: lint works without.
 */
export async function monthVolume(rules: readonly CompiledRule[], now: Date): Promise<Volume | null> {
  try {
    return await readDatabaseIfAny((database) => volumeIn(database, rules, now));
  } catch (error) {
    if (error instanceof EngineError && /^(config|store)[.]/.test(error.code)) return null;
    throw error;
  }
}

/** The newest events of the month replayed over the rules, and how many there were in all. */
export async function volumeIn(
  database: Database,
  rules: readonly CompiledRule[],
  now: Date,
  most = MOST_SAMPLED,
): Promise<Volume | null> {
  const models = new Set(rules.flatMap(({ needs }) => [...needs.keys()]));
  const since = now.getTime() - DAYS * DAY_MS;
  const { count, newest } = await countArchived(database, since, models, most);
  if (count === 0) return null;
  const backtest = new Backtest(
    rules.map((draft) => ({ draft, active: null })),
    vocabulary().actions,
    new Map(),
  );
  const connections = new Set<string>();
  let sampled = 0;
  for await (const event of archivedEvents(database, newest, models)) {
    connections.add(event.connectionId);
    await replay(database, backtest, event);
    sampled += 1;
  }
  return {
    sample: backtest.report(),
    scale: count / Math.max(sampled, 1),
    days: await daysArchived(database, { days: DAYS, now: now.getTime() }),
    connections: connections.size,
  };
}
