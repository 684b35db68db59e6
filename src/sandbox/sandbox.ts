import Fastify, { type FastifyInstance } from 'fastify';
import { RequestError } from '../lib/errors.js';
import type { Clock } from '../lib/clock.js';
import { errorAnswer } from './answer.js';
import { apiRoutes } from './api-routes.js';
import { runAutomations } from './automations.js';
import { SandboxControl } from './control.js';
import { controlRoutes } from './control-routes.js';
import { CourtRules, runDockets } from './court-rules.js';
import { Deliveries } from './deliveries.js';
import { Door } from './door.js';
import { injectFaults } from './fault-injection.js';
import { Faults } from './faults.js';
import { finishRecord } from './finish-record.js';
import { asText, Firm, Reference } from './firm.js';
import { HookSender } from './hook-sender.js';
import { oauthRoutes } from './oauth-routes.js';
import { Permissions } from './permissions.js';
import { RateLimit } from './rate-limit.js';
import { Refusal, notFound } from './refusal.js';
import { ResourceApi } from './resource-api.js';
import { seedFirm } from './seed-firm.js';
import { Timers } from './timers.js';
import { Tokens } from './tokens.js';
import { Traffic } from './traffic.js';
import { Uploads } from './uploads.js';

export interface SandboxOptions {
  /** 0 or absent for a free one. */
  port?: number;
  clock: Clock;
  /** Calls per minute and access token; 50 unless given, which is Clio's limit at peak hours. */
  rateLimit?: number;
  /** Waits before the tries after a failed delivery; 2, 4, 8, 16 and 32 minutes unless given. */
  retryDelaysMs?: readonly number[];
  clientId?: string;
  clientSecret?: string;
  /** 30 days unless given. */
  accessTokenSeconds?: number;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, the value for CLIO_BASE_URL. */
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly control: SandboxControl;
  /** Cuts all connections and timers; nothing keeps the process alive afterwards. */
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;
const RETRY_DELAYS_MS = [2, 4, 8, 16, 32].map((minutes) => minutes * MINUTE_MS);
const THIRTY_DAYS_SECONDS = 30 * 24 * 3600;

/** Uploads are the largest bodies. */
const BODY_LIMIT = 32 * 1024 * 1024;

/** A Clio with one seeded law firm, on this machine. Everything is kept in memory. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, rateLimit = 50, retryDelaysMs = RETRY_DELAYS_MS } = options;
  const { clientId = 'sandbox-client', clientSecret = 'sandbox-secret' } = options;
  const { accessTokenSeconds = THIRTY_DAYS_SECONDS } = options;
  const firm = new Firm(clock);
  const user = seedFirm(firm).id;
  const [faults, traffic, timers, sender] = [
    new Faults(),
    new Traffic(),
    new Timers(clock),
    new HookSender(clock),
  ];
  const deliveries = new Deliveries(firm, faults, timers, sender, retryDelaysMs);
  const tokens = new Tokens({ clock, clientId, clientSecret, accessTokenSeconds });
  const uploads = new Uploads(firm);
  const machinery = new Timers(clock);
  const app = server();
  const door = new Door(app.server, timers);
  const permissions = new Permissions();
  let origin = '';
  const control = new SandboxControl({
    ...{ firm, tokens, traffic, faults, door, deliveries, sender, permissions, uploads, user },
    origin: () => origin,
  });

  runAutomations(firm, machinery, (document) => control.create('document', document)['id'] as number);

  const courtRules = new CourtRules(firm, () => origin);
  runDockets(firm, machinery, (dates) => {
    const calendar = firm.find('user', user)?.values['default_calendar_id'];
    const entry = { ...dates, calendar_owner: new Reference('calendar', asText(calendar)) };
    const values = finishRecord({ firm, user, origin }, 'calendar_entry', entry, undefined);
    return firm.insert('calendar_entry', values).id;
  });

  // The sandbox lives by its own clock, and tells its time as Clio does.
  app.addHook('onRequest', async (_request, reply) => void reply.header('Date', clock.now().toUTCString()));
  const limit = new RateLimit(clock, rateLimit);
  injectFaults(app, { faults, traffic, timers, rateLimit: limit, clock });
  oauthRoutes(app, tokens, user, control);
  apiRoutes(app, new ResourceApi(firm, () => origin, deliveries, permissions, courtRules), {
    ...{ tokens, traffic },
    rateLimit: limit,
  });
  controlRoutes(app, control);
  uploads.routes(app);
  courtRules.routes(app);
  origin = await app.listen({ port: options.port ?? 0, host: '127.0.0.1' });

  const stop = async () => {
    timers.stop();
    machinery.stop();
    sender.stop();
    await door.open();
    await app.close();
  };
  return { origin, clientId, clientSecret, control, stop };
}

function server(): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true, bodyLimit: BODY_LIMIT });
  // Bodies stay text: what is wrong with them is for each route to say in its own words.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorAnswer(notFound()).body));
  app.setErrorHandler((error: unknown, _request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).send(errorAnswer(error).body);
    const { code, message } =
      error instanceof RequestError ? error : { code: 'engine.invariant', message: String(error) };
    const status = STATUS_OF[code] ?? 500;
    return reply.code(status).send({ error: { type: code, message } });
  });
  return app;
}

const STATUS_OF: Readonly<Record<string, number>> = {
  'request.unauthorized': 401,
  'request.not_found': 404,
  'request.invalid': 422,
};
