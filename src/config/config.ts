import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, RequestError } from '../lib/errors.js';
import { readEnvFile } from './env-file.js';
import { publicUrlNotice } from './public-address.js';
import { encryptionKeysFor, type EncryptionKey } from './encryption-key.js';
import { withSecretFiles } from './secret-files.js';
import { environmentSchema, REGION_ORIGINS, SECRETS, type Environment, type Region } from './settings.js';

/** Nest's token for the settings. */
export const CONFIG = Symbol('Config');

/** Where actions may go besides Clio. */
export interface OutboundSettings {
  /** Origins that http.request may call: `https://hooks.example.com`. */
  readonly allowedOrigins: readonly string[];
  /** Signs the bodies of http.request; set whenever a host is allowed. */
  readonly signingSecret: string | undefined;
  readonly smtpUrl: string | undefined;
  /** Set whenever `smtpUrl` is. */
  readonly mailFrom: string | undefined;
}
/** The apps of regions other than CLIO_REGION: Clio has a developer portal for each. */
export type ClioApps = Partial<Record<Region, { clientId: string; clientSecret: string }>>;

/** Every setting, parsed once and frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Origin under which Clio and browsers reach this server, without a trailing slash. */
  readonly publicUrl: string;
  readonly databaseUrl: string;
  readonly rulesDir: string;
  /** The first seals; all open. */
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly adminToken: string | undefined;
  /** Rules of the API with one of these need a second person's approval. */
  readonly protectedLabels: readonly string[];
  readonly role: 'all' | 'web' | 'worker';
  readonly logLevel: Environment['LOG_LEVEL'];
  readonly clio: {
    readonly region: Region;
    /** Origin of Clio, without a trailing slash. */
    readonly baseUrl: string;
    readonly clientId: string | undefined;
    readonly clientSecret: string | undefined;
    /** Of the regions other than `region`. */
    readonly apps: ClioApps;
    /** Calls an hour per connection, or undefined for no cap. */
    readonly hourlyCap: number | undefined;
  };
  readonly outbound: OutboundSettings;
  /** What the person who starts the server should be told. */
  readonly notices: readonly string[];
}

export interface LoadOptions {
  /** Whether a missing encryption key is made, where something is to be sealed with it. Default: false. */
  makesKey?: boolean;
  /** Whether the rules folder must be there. Default: false. */
  needsRules?: boolean;
}

/** Besides the secrets that may stand in files; allowed hosts are named in their messages. */
const UNSHOWN: readonly string[] = [
  ...SECRETS,
  'CLIO_APPS',
  'HTTP_ALLOWED_HOSTS',
  'HTTP_SIGNING_SECRET',
  'SMTP_URL',
];

/**
 * Reads the settings from `environment` (default: this process and the file `.env` in the working folder, the process
 * winning). Empty variables count as unset; `NAME_FILE` of a secret is read from the file.
 * @throws RequestError `config.invalid` that lists every problem, one a line.
 */
export function loadConfig(
  environment?: Record<string, string | undefined>,
  { makesKey = false, needsRules = false }: LoadOptions = {},
): Config {
  const file = environment === undefined ? readEnvFile() : { variables: {}, problems: [] };
  const given = filled(environment ?? { ...file.variables, ...process.env });
  const { environment: complete, problems } = withSecretFiles(given);
  // Without the secret of a file nobody can read, the others cannot be judged together.
  const isComplete = problems.length === 0;
  const parsed = environmentSchema.safeParse(complete);
  if (!parsed.success)
    problems.push(
      ...parsed.error.issues.map(({ path, message }) => problemWith(path.join('.'), message, complete)),
    );
  if (isComplete)
    problems.push(...crossProblems(parsed.success ? parsed.data : (complete as unknown as Environment)));
  if (needsRules) problems.push(...rulesProblems(complete['RULES_DIR'] ?? 'rules'));
  problems.push(...file.problems);
  if (!parsed.success || problems.length > 0) throw invalid(problems);
  return freeze(parsed.data, makesKey);
}

/**
 * RULES_DIR alone, for commands on files: what is wrong with another setting does not stop them.
 * @throws RequestError `config.invalid` when there is a file `.env` that cannot be read.
 */
export function loadRulesDir(): string {
  const { RULES_DIR: given } = filled({ ...readEnvFile().variables, ...process.env });
  return environmentSchema.shape.RULES_DIR.parse(given);
}

function filled(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** `PORT must be at most 65535, not "99999"`; what may hold a secret is not repeated. */
function problemWith(name: string, message: string, given: Record<string, string | undefined>): string {
  const value = given[name];
  const isSecret = UNSHOWN.includes(name) || (value?.includes('@') ?? true);
  return `${name} ${message}${isSecret ? '' : `; it is "${value}" now`}`;
}

function rulesProblems(folder: string): string[] {
  try {
    readdirSync(folder);
    return [];
  } catch (error) {
    return [`RULES_DIR is ${folder}, which cannot be read (${messageOf(error)}); create it or set RULES_DIR`];
  }
}

function crossProblems(env: Environment): string[] {
  const problems: string[] = [];
  const sqlite = (env.DATABASE_URL ?? 'sqlite:').startsWith('sqlite:');
  if (!sqlite && env.ENCRYPTION_KEY === undefined)
    problems.push('ENCRYPTION_KEY is required with PostgreSQL: make one with `openssl rand -hex 32`');
  if (sqlite && (env.ROLE === 'web' || env.ROLE === 'worker'))
    problems.push(
      `ROLE ${env.ROLE} needs PostgreSQL: an SQLite file has one process; use ROLE=all or set DATABASE_URL`,
    );
  if ((env.CLIO_CLIENT_ID === undefined) !== (env.CLIO_CLIENT_SECRET === undefined))
    problems.push('CLIO_CLIENT_ID and CLIO_CLIENT_SECRET belong together: set both or neither');
  if (env.HTTP_ALLOWED_HOSTS !== undefined && env.HTTP_SIGNING_SECRET === undefined)
    problems.push(
      'HTTP_SIGNING_SECRET is required with HTTP_ALLOWED_HOSTS: make one with `openssl rand -hex 32`',
    );
  if ((env.SMTP_URL === undefined) !== (env.MAIL_FROM === undefined))
    problems.push('SMTP_URL and MAIL_FROM belong together: set both or neither');
  return problems;
}

function invalid(problems: readonly string[]): RequestError {
  return new RequestError(
    'config.invalid',
    `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} invalid:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    { details: { problems } },
  );
}

function freeze(env: Environment, makesKey: boolean): Config {
  const notices: string[] = [];
  const notify = (notice: string) => void notices.push(notice);
  const folder = keyFolder(env.DATABASE_URL);
  const encryptionKeys = encryptionKeysFor(env.ENCRYPTION_KEY, folder, makesKey ? notify : null);
  const host = env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST;
  const publicUrl = env.PUBLIC_URL ?? `http://${host}:${env.PORT}`;
  const clioUrl = env.CLIO_BASE_URL ?? REGION_ORIGINS[env.CLIO_REGION];
  const notice = publicUrlNotice(publicUrl, clioUrl);
  if (notice !== null) notices.push(notice);
  return Object.freeze({
    port: env.PORT,
    host: env.HOST,
    publicUrl,
    databaseUrl: env.DATABASE_URL,
    rulesDir: env.RULES_DIR,
    encryptionKeys,
    adminToken: env.ADMIN_TOKEN,
    protectedLabels: Object.freeze(env.PROTECTED_LABELS ?? []),
    role: env.ROLE,
    logLevel: env.LOG_LEVEL,
    clio: Object.freeze({
      region: env.CLIO_REGION,
      baseUrl: clioUrl,
      clientId: env.CLIO_CLIENT_ID,
      clientSecret: env.CLIO_CLIENT_SECRET,
      apps: appsOf(env.CLIO_APPS),
      hourlyCap: env.CLIO_HOURLY_CAP,
    }),
    outbound: Object.freeze({
      allowedOrigins: Object.freeze(env.HTTP_ALLOWED_HOSTS ?? []),
      signingSecret: env.HTTP_SIGNING_SECRET,
      smtpUrl: env.SMTP_URL,
      mailFrom: env.MAIL_FROM,
    }),
    notices,
  });
}

/** `eu:id:secret,ca:id:secret` by region. */
function appsOf(text: string | undefined): ClioApps {
  const entries = (text?.split(',') ?? []).map((one) => {
    const [region = '', clientId = '', clientSecret = ''] = one.split(':');
    return [region, { clientId, clientSecret }] as const;
  });
  return Object.freeze(Object.fromEntries(entries) as ClioApps);
}

/** The key lies beside the database it opens: both are copied, or neither. */
function keyFolder(databaseUrl: string): string {
  return dirname(databaseUrl.replace(/^sqlite:/, ''));
}
