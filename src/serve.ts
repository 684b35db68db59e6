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
import type { CompiledRule } from './rules/compiled-rule.js';
import { storedRule } from './rules/stored-rule.js';
import { brokenBecause, type RuleBook } from './rules/rule-book.js';
import type { Vocabulary } from './rules/rule-vocabulary.js';
import { watchRules } from './rules/watch-rules.js';
import { withLastGood } from './rules/with-last-good.js';
import { AlertStore } from './store/alert.store.js';
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
  const loaded = await loadRules(config.rulesDir, words);
  const rules = new CurrentRules(loaded);
  const app = await create(config, clock, rules);
  const log = new NestLogger('Praetor');
  for (const notice of config.notices) log.warn(notice);
  const store = app.get(RuleStore);
  const keep = async (book: RuleBook) => {
    await store.record(book.active, book.broken);
    await settleAlerts(app.get(AlertStore), book);
    report(log, book);
  };
  rules.replace(withLastGood(loaded, await lastGoodRules(store, words)));
  let kept = keep(rules.book());
  await kept;
  const unwatch = watchRules(config.rulesDir, words, clock, (changed) => {
    const book = withLastGood(changed, rules.book().lastGood());
    rules.replace(book);
    // One after the other: the alerts must end as the last book has them.
    kept = kept.then(() => keep(book)).catch((error: unknown) => log.error(messageOf(error)));
  });
  try {
    await app.listen(config.port, config.host);
  } catch (cause) {
    unwatch();
    await app.close();
    throw notListening(config, cause);
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

/** What was in force before the engine stopped. A version that this engine cannot read any more is left out. */
async function lastGoodRules(store: RuleStore, words: Vocabulary): Promise<CompiledRule[]> {
  return (await store.lastGood()).flatMap(({ file, version }) => storedRule(file, version, words) ?? []);
}

/** An alert for each rule that was in force and is broken now; closed when it is good again or gone. */
async function settleAlerts(alerts: AlertStore, { broken }: RuleBook): Promise<void> {
  const lost = broken.filter(({ lastGood }) => lastGood !== undefined);
  const about = (subject: string) => ({ connectionId: null, kind: 'rule_broken' as const, subject });
  for (const rule of lost)
    await alerts.raise(
      about(rule.id ?? rule.file),
      `${brokenBecause(rule)} Until it is mended the rule ${rule.id ?? ''} does nothing; the events it misses are noted in its decisions.`,
    );
  for (const { subject } of await alerts.openOf(null, ['rule_broken']))
    if (!lost.some(({ id }) => id === subject)) await alerts.close(about(subject));
}

function report(log: NestLogger, { active, broken }: RuleBook): void {
  log.log(`${active.length} rules are active, ${broken.length} broken.`);
  for (const rule of broken)
    for (const { file, line, column, code, message } of rule.diagnostics)
      log.error(`${file}:${line}:${column} ${code} ${message}`);
}
