import 'reflect-metadata';
import { Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { describeApi } from './admin/openapi.js';
import { RequestPipe } from './admin/request-words.js';
import { AppModule } from './app.module.js';
import { closeConnections } from './close-connections.js';
import type { Config } from './config/config.js';
import { systemClock, type Clock } from './lib/clock.js';
import { EngineError, InvariantError, messageOf } from './lib/errors.js';
import { CurrentRules } from './rules/current-rules.js';
import { loadFolder } from './rules/load-rules.js';
import { RuleBook } from './rules/rule-book.js';
import { RuleKeeper, type RulePlaces } from './rule-keeper.js';
import { AlertStore } from './store/alert.store.js';
import { ApiRuleStore } from './store/api-rule.store.js';
import { Database } from './store/database.js';
import { RuleStore } from './store/rule.store.js';
import { vocabulary } from './vocabulary.js';

export interface Served {
  /** Where it listens: `http://127.0.0.1:3000`. */
  url: string;
  app: NestFastifyApplication;
  stop(): Promise<void>;
}

/**
 * Starts the engine: rules, database, HTTP, lanes. Resolves when it serves.
 * @throws EngineError with one message when a part cannot start; nothing keeps running then.
 */
export async function serve(config: Config, clock: Clock = systemClock): Promise<Served> {
  const words = vocabulary();
  const folder = await loadFolder(config.rulesDir, words);
  const rules = new CurrentRules(RuleBook.of(folder.files), folder.commons);
  const app = await create(config, clock, rules);
  const log = new NestLogger('Praetor');
  for (const notice of config.notices) log.warn(notice);
  const keeper = new RuleKeeper(placesOf(app), rules, words, clock);
  const stop = async () => {
    await keeper.stop();
    await app.close();
  };
  try {
    await keeper.start(config.rulesDir, folder);
    await listen(app, config);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = await app.getUrl();
  log.log(`Praetor listens on ${url}; rules from ${config.rulesDir}.`);
  return { url, app, stop };
}

async function listen(app: NestFastifyApplication, config: Config): Promise<void> {
  try {
    await app.listen(config.port, config.host);
  } catch (cause) {
    throw notListening(config, cause);
  }
}

/** Pipes check what comes in. Fastify's own compilers of schemas, which no route uses, would cost every start their loading. */
const noSchemas = { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } };

function refuseSchema(): never {
  throw new InvariantError(
    'A route gives Fastify a schema, which is not compiled here; check it with a pipe.',
  );
}

async function create(config: Config, clock: Clock, rules: CurrentRules): Promise<NestFastifyApplication> {
  try {
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.with(config, clock, rules),
      new FastifyAdapter({ bodyLimit: 1_048_576, trustProxy: false, schemaController: noSchemas }),
      // Until there is an application, what goes wrong is ours to say, once: Nest would add a page of stack.
      { rawBody: true, logger: false, bufferLogs: true, abortOnError: false },
    );
    app.useLogger(app.get(Logger));
    app.useGlobalPipes(new RequestPipe());
    describeApi(app);
    closeConnections(app.getHttpAdapter().getInstance());
    return app;
  } catch (error) {
    throw error instanceof EngineError
      ? error
      : new InvariantError(`The engine cannot be put together: ${messageOf(error)}`, { cause: error });
  }
}

function notListening({ host, port }: Config, cause: unknown): EngineError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isHost = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(code);
  const advice = isHost
    ? 'HOST must be an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them'
    : code === 'EACCES'
      ? 'this user may not use so low a port; set PORT to 1024 or more'
      : 'set another PORT or stop the program that has it';
  const message = `Port ${port} on ${host} cannot be listened on (${messageOf(cause)}); ${advice}.`;
  return new InvariantError(message, { cause });
}

function placesOf(app: NestFastifyApplication): RulePlaces {
  return {
    store: app.get(RuleStore),
    texts: app.get(ApiRuleStore),
    alerts: app.get(AlertStore),
    isShared: !app.get(Database).isForOneProcess,
  };
}
