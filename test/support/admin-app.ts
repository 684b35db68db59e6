import 'reflect-metadata';
import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminModule } from '../../src/admin/admin.module.js';
import { describeApi } from '../../src/admin/openapi.js';
import { RECORDS_NOW, type RecordsNow } from '../../src/admin/records-now.js';
import { RequestPipe } from '../../src/admin/request-words.js';
import { CONFIG, loadConfig, type Config } from '../../src/config/config.js';
import { CLOCK } from '../../src/lib/clock.js';
import { noCommons } from '../../src/rules/commons.js';
import { CurrentRules, RULE_BOOK } from '../../src/rules/current-rules.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import { RuleShelf } from '../../src/rules/rule-shelf.js';
import { VOCABULARY, type Vocabulary } from '../../src/rules/rule-vocabulary.js';
import { ApiRuleStore } from '../../src/store/api-rule.store.js';
import { Database } from '../../src/store/database.js';
import { WAKER } from '../../src/store/waker.js';
import { TestClock } from './test-clock.js';
import { smallVocabulary } from './rule-text.js';

export const ADMIN_TOKEN = 'a-token-of-the-admin';

const NOTHING_AT_CLIO: RecordsNow = {
  read: () => Promise.resolve({ records: new Map(), inWords: (record) => record, calls: 1 }),
  lookUp: () => Promise.resolve({ found: {}, calls: 0 }),
};

@Global()
@Module({})
class Administering {
  static with(
    config: Config,
    { clock, rules, woken, vocabulary }: AdminApp,
    controllers: Type[],
  ): DynamicModule {
    return {
      module: Administering,
      controllers,
      imports: [AdminModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: RULE_BOOK, useValue: rules },
        { provide: VOCABULARY, useValue: vocabulary },
        { provide: RECORDS_NOW, useValue: NOTHING_AT_CLIO },
        { provide: WAKER, useValue: { wake: (id: string) => Promise.resolve(void woken.push(id)) } },
      ],
      exports: [RECORDS_NOW, CONFIG, CLOCK, RULE_BOOK, VOCABULARY, WAKER],
    };
  }
}

/** An answer of the API with its body read. */
export interface Answer {
  status: number;
  type: string | null;
  headers: Headers;
  text: string;
  /** The parsed JSON; undefined when the body is none. */
  body: unknown;
}

/** The admin API over HTTP on a real database. */
export class AdminApp {
  readonly clock = new TestClock();
  readonly rules = new CurrentRules(RuleBook.of([]));
  /** The connections whose lanes were woken. */
  readonly woken: string[] = [];
  vocabulary: Vocabulary;
  app: NestFastifyApplication;
  url: string;
  private readonly shelf = new RuleShelf(this.rules, smallVocabulary, { files: [], commons: noCommons }, []);

  /** `environment` as the process would have it; tokens of the admin and the encryption key are set. `controllers` come on top. */
  static async start(
    databaseUrl: string,
    environment: Record<string, string> = {},
    controllers: Type[] = [],
    vocabulary = smallVocabulary,
  ): Promise<AdminApp> {
    const admin = new AdminApp();
    admin.vocabulary = vocabulary;
    const config = loadConfig({
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEY: '07'.repeat(32),
      ADMIN_TOKEN,
      ...environment,
    });
    admin.app = await NestFactory.create<NestFastifyApplication>(
      Administering.with(config, admin, controllers),
      new FastifyAdapter({ bodyLimit: 1_048_576 }),
      { logger: false, abortOnError: false },
    );
    admin.app.useGlobalPipes(new RequestPipe());
    describeApi(admin.app);
    const texts = admin.app.get(ApiRuleStore);
    texts.onChange(async () => void admin.shelf.putStored(await texts.read()));
    try {
      await admin.app.listen(0, '127.0.0.1');
    } catch (error) {
      await admin.stop();
      throw error;
    }
    admin.url = await admin.app.getUrl();
    return admin;
  }

  get database(): Database {
    return this.app.get(Database);
  }

  /** Puts rule texts in force, by file name. */
  useRules(files: Record<string, string>): void {
    const parsed = Object.entries(files).map(([file, text]) => parseRuleFile(file, text, smallVocabulary));
    this.shelf.putFolder({ files: parsed, commons: noCommons });
  }

  /** Asks with the admin's token. */
  get(path: string): Promise<Answer> {
    return this.ask(path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.ask(path, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
  }

  put(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const type = { 'content-type': 'application/json' };
    return this.ask(path, { method: 'PUT', body: JSON.stringify(body), headers: { ...type, ...headers } });
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, { method: 'DELETE', headers });
  }

  /** Redirects are not followed. Without `authorization` in the headers the admin's token is sent. */
  async ask(path: string, request: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(request.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${ADMIN_TOKEN}`);
    const answer = await fetch(`${this.url}${path}`, { redirect: 'manual', ...request, headers });
    const text = await answer.text();
    const type = answer.headers.get('content-type');
    const body: unknown = type?.includes('json') === true ? JSON.parse(text) : undefined;
    return { status: answer.status, type, headers: answer.headers, text, body };
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
