import { z } from 'zod';
import { Interventions, type Order } from '../admin/interventions.js';
import { bulkAnswer, type BulkAnswer } from '../admin/bulk-verbs.js';
import { loadConfig } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { cliActor } from './cli-actor.js';
import { print, type CommandLine } from './command-line.js';
import { changeDatabase } from './read-database.js';
import { postToServer } from './running-server.js';

/** Ten thousand at once take about a minute on PostgreSQL. */
const LONGEST_MS = 280_000;

interface Verb<Body, Answer> {
  /** Below `/api/v1`. */
  path: string;
  body: Body;
  view: z.ZodType<Answer>;
  /** The same without a server; the next one to start goes on from the rows. */
  directly: (interventions: Interventions, order: Order) => Promise<Answer>;
}

/**
 * Has it done by the running server when there is one, because it holds the database, and on the database otherwise.
 * @throws RequestError with the reason when it is refused.
 */
export async function intervene<Body extends object, Answer>(verb: Verb<Body, Answer>): Promise<Answer> {
  const config = loadConfig();
  const { path, body, view, directly } = verb;
  const told = await postToServer(config, path, body, view, LONGEST_MS);
  if (told !== null) return told;
  const nobody = { wake: () => Promise.resolve() };
  const order = { actor: cliActor(), scope: null, route: path };
  return changeDatabase(config, (database) =>
    directly(new Interventions(database, systemClock, nobody), order),
  );
}

export interface BulkOptions {
  where?: string[];
  expect?: string;
}

/** `rule=opening since=2026-11-01T00:00:00Z` as the "where" of the API. */
export function whereOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined)
        throw new RequestError('request.invalid', `"${pair}" is no filter; write it as name=value.`);
      return [name, value];
    }),
  );
}

/** One by its id, or several by `--where`, and not both. @throws RequestError otherwise. */
export function assertOneWay(id: string | undefined, where: readonly string[] | undefined): void {
  if ((id === undefined) === (where === undefined))
    throw new RequestError('request.invalid', 'Give an id, or filters with --where, and not both.');
}

/** What many came to: the count alone, or what was done. Ends with 1 when some were refused. */
export function printBulk(line: CommandLine, answer: BulkAnswer): void {
  print(line, bulkAnswer.parse(answer), () => bulkReport(answer));
  if (answer.refused.length > 0) line.finish(1);
}

function bulkReport({ verb, count, sample, done, refused }: BulkAnswer): string {
  if (done !== null) {
    const refusals = refused.map(({ message }) => `  ${message}\n`).join('');
    return `Asked to ${verb} ${count}; done for ${done}.\n${refusals}`;
  }
  if (count === 0) return `There is nothing to ${verb}.\n`;
  const newest = sample.map((id) => `  ${id}\n`).join('');
  return `There are ${count} to ${verb}; nothing is done yet. The newest:\n${newest}To do it: the same again with --expect ${count}\n`;
}
