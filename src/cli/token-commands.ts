import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  createToken,
  listTokens,
  newTokenView,
  revokeToken,
  tokenBody,
  tokensQuery,
  tokenView,
  type NewTokenView,
  type TokenView,
} from '../admin/token-views.js';
import { loadConfig } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { TOKEN_ROLES } from '../store/api-token.entity.js';
import { ApiTokenStore } from '../store/api-token.store.js';
import type { Database } from '../store/database.js';
import { cliOrder } from './cli-actor.js';
import { checked } from './checked.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { changeDatabase, readDatabase } from './read-database.js';
import { deleteAtServer, postToServer } from './running-server.js';
import { oneLine, table, type Column } from './table.js';

const timeOr = (otherwise: string, time: string | null) => (time === null ? otherwise : timeText(time));

const columns: Column<TokenView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'CONNECTION', value: ({ connection_id: id }) => id ?? 'all' },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'EXPIRES', value: ({ expires_at: at }) => timeOr('never', at) },
  { title: 'LAST USED', value: ({ last_used_at: at }) => timeOr('never', at) },
  { title: 'MADE BY', value: ({ created_by: by }) => by },
];

interface CreateOptions {
  name: string;
  role: string;
  connection?: string;
  /** Milliseconds from now. */
  expires?: number;
}

export function addTokenCommands(program: Command, line: CommandLine): void {
  const tokens = program.command('token').description('tokens of the REST API');

  tokens
    .command('create')
    .description('make a token; it is shown this once')
    .requiredOption('--name <name>', 'who or what uses it; it stands in the audit trail')
    .addOption(new Option('--role <role>', 'what it may do').choices(TOKEN_ROLES).makeOptionMandatory())
    .option('--connection <id>', 'confines it to one connection')
    .option('--expires <time>', 'after so long it ends: 90d, 12h; never when left out', toMilliseconds)
    .action(async (options: CreateOptions) => {
      const made = await create(options);
      print(line, made, () => madeText(made));
    });

  withListOptions(
    tokens.command('list').description('every token there was, newest first'),
    tokensQuery,
  ).action(async (options: ListOptions) => {
    const query = askedFor(tokensQuery, options);
    const page = await readDatabase((database) => listTokens(database, query, systemClock.now()));
    print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
  });

  tokens
    .command('revoke')
    .description('end a token at once, with the sessions and streams that it began')
    .argument('<id>', 'as "praetor token list" shows it')
    .action(async (id: string) => {
      const revoked = await revoke(id);
      print(line, revoked, () => `${oneLine(`The token ${id} (${revoked.name}) is revoked.`)}\n`);
    });
}

async function create({ name, role, connection, expires }: CreateOptions): Promise<NewTokenView> {
  const end = expires === undefined ? undefined : new Date(systemClock.now().getTime() + expires);
  const body = { name, role, connection_id: connection, expires_at: end?.toISOString() };
  const wanted = checked(tokenBody, body, 'The token cannot be made');
  const config = loadConfig();
  const { adminToken } = config;
  const made = adminToken === undefined ? null : await postToServer(config, 'tokens', wanted, newTokenView);
  const directly = (database: Database) => createToken(storesOf(database), wanted, cliOrder());
  // The first token of an installation may be made before its first server is started.
  return made ?? changeDatabase(config, directly, { makesIt: true });
}

async function revoke(id: string): Promise<TokenView> {
  const config = loadConfig();
  const path = `tokens/${encodeURIComponent(id)}`;
  const { adminToken } = config;
  const revoked = adminToken === undefined ? null : await deleteAtServer(config, path, tokenView);
  return revoked ?? changeDatabase(config, (database) => revokeToken(storesOf(database), id, cliOrder()));
}

function storesOf(database: Database): { database: Database; tokens: ApiTokenStore } {
  return { database, tokens: new ApiTokenStore(database, systemClock) };
}

function madeText({
  id,
  name,
  role,
  connection_id: connection,
  expires_at: end,
  token,
}: NewTokenView): string {
  const reach = connection === null ? 'all connections' : `connection ${connection}`;
  const until = end === null ? 'until it is revoked' : `until ${timeText(end)}`;
  return `${oneLine(`Token ${id} (${name}): ${role} on ${reach}, ${until}. It is shown this once:`)}\n${token}\n`;
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function toMilliseconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? 0);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError('It must be a time like 90d, 12h or 30m.');
}
