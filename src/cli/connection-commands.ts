import { InvalidArgumentError, Option, type Command } from 'commander';
import { text } from 'node:stream/consumers';
import { tokenGrant } from '../admin/connecting.js';
import { connectionsQuery, listConnections, type ConnectionView } from '../admin/connection-views.js';
import { loadConfig } from '../config/config.js';
import { checked } from './checked.js';
import { print, type CommandLine } from './command-line.js';
import { connectDirectly } from './connect-directly.js';
import { addGapCommand } from './gap-commands.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { postConnection } from './running-server.js';
import { table, type Column } from './table.js';

const columns: Column<ConnectionView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'USER', value: ({ user }) => user.name },
  { title: 'CLIO', value: ({ base_url }) => base_url },
  { title: 'STATUS', value: ({ status, stands_by }) => (stands_by ? `${status}, stands by` : status) },
  { title: 'ALERTS', value: ({ open_alerts }) => String(open_alerts), align: 'right' },
  { title: 'WEBHOOKS', value: webhooksText },
];

interface AddOptions {
  name?: string;
  region?: string;
  baseUrl?: string;
  accessToken: string;
  refreshToken?: string;
  expiresIn?: number;
}

export function addConnectionCommands(program: Command, line: CommandLine): void {
  const connections = program.command('connections').description('authorised Clio users');

  connections
    .command('add')
    .description('connect with tokens that were obtained elsewhere')
    .requiredOption('--access-token <token>', 'the access token; "-" reads it from standard input')
    .option('--refresh-token <token>', 'with it the connection renews itself')
    .option('--expires-in <seconds>', 'until the access token ends', toSeconds)
    .addOption(new Option('--region <region>', 'default: CLIO_REGION').choices(['us', 'eu', 'ca', 'au']))
    .option('--base-url <url>', "origin of Clio, instead of a region's")
    .option('--name <name>', "default: the firm's name at Clio")
    .action(async (options: AddOptions) => {
      const connection = await connect(options);
      print(line, connection, () => `Connected ${connection.user.name}: connection ${connection.id}\n`);
    });

  addGapCommand(connections, line);

  const list = connections.command('list').description('the connections and their webhooks');
  withListOptions(list, connectionsQuery).action(async (options: ListOptions) => {
    const query = askedFor(connectionsQuery, options);
    const page = await readDatabase((database) => listConnections(database, query));
    print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
  });
}

/** Through the running server when there is one: it holds the database, and starts to work at once. */
async function connect(options: AddOptions): Promise<ConnectionView> {
  const accessToken = options.accessToken === '-' ? (await text(process.stdin)).trim() : options.accessToken;
  const given = {
    name: options.name,
    region: options.region,
    base_url: options.baseUrl,
    access_token: accessToken,
    refresh_token: options.refreshToken,
    expires_in: options.expiresIn,
  };
  const grant = checked(tokenGrant, given, 'The connection cannot be added');
  const config = loadConfig(undefined, { makesKey: true });
  return (await postConnection(config, grant)) ?? (await connectDirectly(config, grant));
}

function toSeconds(value: string): number {
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new InvalidArgumentError('It must be a whole number of seconds.');
  return seconds;
}

/** `matter enabled until 2026-12-25, bill forbidden (Billing)`. */
function webhooksText({ subscriptions, missing_scopes: missing }: ConnectionView): string {
  const forbidden = new Map(missing.map(({ model, permission }) => [model, permission]));
  const kept = subscriptions
    .filter(({ model }) => !forbidden.has(model))
    .map(({ model, status, expires_at: end }) =>
      end === null ? `${model} ${status}` : `${model} ${status} until ${end.slice(0, 10)}`,
    );
  const refused = [...forbidden].map(([model, permission]) => `${model} forbidden (${permission})`);
  return [...kept, ...refused].join(', ') || 'none';
}
