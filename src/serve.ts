import 'reflect-metadata';
import { Logger as NestLogger, StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { describeApi } from './admin/openapi.js';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { systemClock, type Clock } from './lib/clock.js';
import { EngineError, InvariantError, messageOf } from './lib/errors.js';
import { CurrentRules } from './rules/current-rules.js';
import { loadRules } from './rules/load-rules.js';
import type { RuleBook } from './rules/rule-book.js';
import { watchRules } from './rules/watch-rules.js';
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
  const rules = new CurrentRules(await loadRules(config.rulesDir, words));
  const app = await create(config, clock, rules);
  const log = new NestLogger('Praetor');
  for (const notice of config.notices) log.warn(notice);
  const store = app.get(RuleStore);
  const keep = async (book: RuleBook) => {
    await store.record(book.active, book.broken);
    report(log, book);
  };
  await keep(rules.book());
  const unwatch = watchRules(config.rulesDir, words, clock, (book) => {
    rules.replace(book);
    void keep(book).catch((error: unknown) => log.error(messageOf(error)));
  });
  try {
    await app.listen(config.port, config.host);
  } catch (cause) {
    unwatch();
    await app.close();
    throw new InvariantError(
      `Port ${config.port} on ${config.host} cannot be listened on (${messageOf(cause)}); set another PORT or stop the program that has it.`,
      { cause },
    );
  }
  const url = await app.getUrl();
  log.log(`Praetor listens on ${url}; rules from ${config.rulesDir}.`);
  return {
    url,
    app,
    stop: async () => {
      unwatch();
      await app.close();
    },
  };
}

async function create(config: Config, clock: Clock, rules: CurrentRules): Promise<NestFastifyApplication> {
  try {
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.with(config, clock, rules),
      new FastifyAdapter({ bodyLimit: 1_048_576, trustProxy: false }),
      // Until there is an application, what goes wrong is ours to say, once: Nest would add a page of stack.
      { rawBody: true, logger: false, bufferLogs: true, abortOnError: false },
    );
    app.useLogger(app.get(Logger));
    app.useGlobalPipes(new StandardSchemaValidationPipe());
    describeApi(app);
    return app;
  } catch (error) {
    throw error instanceof EngineError
      ? error
      : new InvariantError(`The engine cannot be put together: ${messageOf(error)}`, { cause: error });
  }
}

function report(log: NestLogger, { active, broken }: RuleBook): void {
  log.log(`${active.length} rules are active, ${broken.length} broken.`);
  for (const rule of broken)
    for (const { file, line, column, code, message } of rule.diagnostics)
      log.error(`${file}:${line}:${column} ${code} ${message}`);
}
