import { z } from 'zod';

/** Where Clio answers, by region: API and OAuth share the host. */
export const REGION_ORIGINS = {
  us: 'https://app.clio.com',
  eu: 'https://eu.app.clio.com',
  ca: 'https://ca.app.clio.com',
  au: 'https://au.app.clio.com',
} as const;

export type Region = keyof typeof REGION_ORIGINS;

const ORIGIN_PROBLEM = 'must be the origin of Clio, such as https://eu.app.clio.com, without a path';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Where a Clio answers, spelt as `URL.origin` spells it; what it answers is compared with that. */
export const clioOrigin = z
  .url({ protocol: /^https?$/, error: ORIGIN_PROBLEM, abort: true })
  .refine((url) => new URL(url).href === `${new URL(url).origin}/`, ORIGIN_PROBLEM)
  .transform((url) => new URL(url).origin);

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

/** `hooks.example.com:8443` as the origin `https://hooks.example.com:8443`; undefined for what is no host. */
function originOf(entry: string): string | undefined {
  try {
    const url = new URL(entry.includes('://') ? entry : `https://${entry}`);
    const isPlain = url.href === `${url.origin}/` && /^https?:$/.test(url.protocol) && !entry.includes('*');
    return isPlain ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

const allowedOrigins = z.string().transform((text, context) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const origin = originOf(entry);
      if (origin === undefined)
        context.addIssue({
          code: 'custom',
          message: `has "${entry}", which is no host: write hooks.example.com, hooks.example.com:8443 or http://127.0.0.1:8080`,
        });
      return origin ?? entry;
    }),
);

const nameList = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

const mailAddress = z
  .string()
  .regex(
    /^(?:[^<>\p{Cc}]* <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/u,
    'must be an address, or a name and an address: Praetor <praetor@example.com>',
  );

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
    .describe('Bearer token of an admin of the REST API; "praetor token create" makes others.'),
  PROTECTED_LABELS: nameList
    .optional()
    .describe(
      'Labels, comma-separated: a text of a rule of the API with one of them needs a second person before it is in force. Default: none.',
    ),
  ROLE: oneOf(['all', 'web', 'worker'])
    .default('all')
    .describe('all, web (takes events in) or worker (carries them out).'),
  CLIO_REGION: oneOf(['us', 'eu', 'ca', 'au'])
    .default('us')
    .describe('Region of the Clio account: us, eu, ca, au.'),
  CLIO_BASE_URL: clioOrigin
    .optional()
    .describe('Overrides the region, for the sandbox: http://127.0.0.1:4000.'),
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
  HTTP_ALLOWED_HOSTS: allowedOrigins
    .optional()
    .describe(
      'Hosts that the action http.request may call, comma-separated; https unless written http://host. A private address only when it is listed itself. Default: none.',
    ),
  HTTP_SIGNING_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters (openssl rand -hex 32)')
    .optional()
    .describe('Signs what http.request sends (HMAC-SHA256), so that receivers can tell it is ours.'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must look like smtps://user:password@host:465 or smtp://host:587' })
    .optional()
    .describe(
      'Mail server of the action email.send: smtps://user:password@host:465, or smtp://host:587?requireTLS=true.',
    ),
  MAIL_FROM: mailAddress
    .optional()
    .describe('Sender of the action email.send: Praetor <praetor@example.com>.'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent.'),
});

export type Environment = z.infer<typeof environmentSchema>;

/** What may be kept in a file instead, which `NAME_FILE` names: secrets as container platforms hand them out. */
export const SECRETS = [
  'DATABASE_URL',
  'ENCRYPTION_KEY',
  'ADMIN_TOKEN',
  'CLIO_CLIENT_SECRET',
] as const satisfies readonly (keyof Environment)[];

/** `.env.example`, generated, so that it cannot fall behind. */
export function envExample(): string {
  const lines = ['# Settings of Praetor. Copy to .env and change what you need; `npm start` reads it.', ''];
  for (const [name, schema] of Object.entries(environmentSchema.shape)) {
    const parsed = schema.safeParse(undefined);
    const standard = parsed.success && parsed.data !== undefined ? String(parsed.data) : '';
    lines.push(`# ${schema.description}`, `${standard === '' ? '# ' : ''}${name}=${standard}`);
    if (SECRETS.some((secret) => secret === name))
      lines.push('# Or the file that holds it:', `# ${name}_FILE=`);
    lines.push('');
  }
  return lines.join('\n');
}
