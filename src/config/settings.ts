import { z } from 'zod';

/** Where Clio answers, by region: API and OAuth share the host. */
export const REGION_ORIGINS = {
  us: 'https://app.clio.com',
  eu: 'https://eu.app.clio.com',
  ca: 'https://ca.app.clio.com',
  au: 'https://au.app.clio.com',
} as const;

export type Region = keyof typeof REGION_ORIGINS;

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const databaseUrl = z
  .string()
  .regex(
    /^(sqlite:.+|postgres(ql)?:\/\/.+)$/,
    'must look like sqlite:data/praetor.sqlite or postgres://user@host/name',
  )
  .refine(
    (url) => !/^sqlite::?memory:?/.test(url),
    'must name a file: an in-memory database forgets what was acknowledged',
  );

const encryptionKeys = z
  .string()
  .regex(
    /^[0-9a-f]{64}(,[0-9a-f]{64})*$/i,
    'must be 64 hex digits (openssl rand -hex 32); to rotate, put the new key first: new,old',
  );

const count = (from: number, to: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${from} to ${to}` })
    .int(`must be a whole number from ${from} to ${to}`)
    .min(from, `must be at least ${from}`)
    .max(to, `must be at most ${to}`);

/** `eu:id:secret,ca:id:secret` by region. */
const clioApps = z
  .string()
  .regex(
    /^(us|eu|ca|au):[^:,\s]+:[^:,\s]+(,(us|eu|ca|au):[^:,\s]+:[^:,\s]+)*$/,
    'must look like eu:<client id>:<client secret>,ca:<client id>:<client secret>',
  );

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** The environment, one field per variable. The description is the comment in `.env.example`. */
export const environmentSchema = z.object({
  PORT: count(0, 65535).default(3000).describe('TCP port of the HTTP server; 0 takes a free one.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on; 0.0.0.0 behind a reverse proxy in a container.'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('How Clio reaches this server, https on the internet. Default: http://HOST:PORT.'),
  DATABASE_URL: databaseUrl
    .default('sqlite:data/praetor.sqlite')
    .describe('sqlite:<file> or postgres://user:password@host/name.'),
  RULES_DIR: z
    .string()
    .min(1)
    .default('rules')
    .describe('Folder of rule files, YAML or JSON; changes are taken in while running.'),
  ENCRYPTION_KEY: encryptionKeys
    .optional()
    .describe(
      '64 hex digits that seal tokens at rest; several, comma-separated, to rotate. SQLite makes its own in data/.',
    ),
  ADMIN_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters (openssl rand -hex 24)')
    .optional()
    .describe('Bearer token of the REST API. Without it the API refuses every call.'),
  ROLE: oneOf(['all', 'web', 'worker'])
    .default('all')
    .describe('all, web (takes events in) or worker (carries them out).'),
  CLIO_REGION: oneOf(['us', 'eu', 'ca', 'au'])
    .default('us')
    .describe('Region of the Clio account: us, eu, ca, au.'),
  CLIO_BASE_URL: httpUrl.optional().describe('Overrides the region, for the sandbox: http://127.0.0.1:4000.'),
  CLIO_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Key of the app in the developer portal of the region.'),
  CLIO_CLIENT_SECRET: z.string().min(1).optional().describe('Secret of the same app.'),
  CLIO_APPS: clioApps
    .optional()
    .describe(
      'Apps of more regions, for connections there: eu:<client id>:<client secret>, comma-separated.',
    ),
  CLIO_HOURLY_CAP: count(1, 1_000_000)
    .optional()
    .describe('At most so many Clio calls an hour per connection. Default: no cap.'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent.'),
});

export type Environment = z.infer<typeof environmentSchema>;

/** `.env.example`, generated, so that it cannot fall behind. */
export function envExample(): string {
  const lines = ['# Settings of Praetor. Copy to .env and change what you need; `npm start` reads it.', ''];
  for (const [name, schema] of Object.entries(environmentSchema.shape)) {
    const parsed = schema.safeParse(undefined);
    const standard = parsed.success && parsed.data !== undefined ? String(parsed.data) : '';
    lines.push(`# ${schema.description}`, `${standard === '' ? '# ' : ''}${name}=${standard}`, '');
  }
  return lines.join('\n');
}
