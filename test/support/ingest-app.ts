import 'reflect-metadata';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHash } from 'node:crypto';
import { ProblemFilter } from '../../src/admin/problem.filter.js';
import { CONFIG, type Config } from '../../src/config/config.js';
import { IngestModule } from '../../src/ingest/ingest.module.js';
import {
  NEEDS,
  type NamedReference,
  type SubscriptionNeeds,
  type WantedOfModel,
} from '../../src/ingest/needs.js';
import {
  SCHEDULES,
  type ScheduledTrigger,
  type ScheduledTriggers,
} from '../../src/ingest/scheduled-triggers.js';
import { CLOCK } from '../../src/lib/clock.js';
import { newId, newSecret } from '../../src/lib/ids.js';
import { Connection } from '../../src/store/connection.entity.js';
import { Database } from '../../src/store/database.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { SealedText } from '../../src/store/sealed-text.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { TestClock } from './test-clock.js';

const key = Buffer.alloc(32, 7);

/** Needs that a test changes as a reload of the rules would. */
export class TestNeeds implements SubscriptionNeeds, ScheduledTriggers {
  private current = new Map<string, WantedOfModel>();
  private named: NamedReference[] = [];
  private timed: readonly ScheduledTrigger[] = [];

  needs(): ReadonlyMap<string, WantedOfModel> {
    return this.current;
  }

  references(): readonly NamedReference[] {
    return this.named;
  }

  schedules(): readonly ScheduledTrigger[] {
    return this.timed;
  }

  readsOf(_ruleId: string, model: string): ReadonlySet<string> | null {
    return this.current.get(model)?.paths ?? null;
  }

  isBehind(ruleId: string, source: string | null): boolean {
    return !this.timed.some((one) => one.ruleId === ruleId && one.version === source);
  }

  /** What goes by the clock from now on. */
  time(...triggers: ScheduledTrigger[]): void {
    this.timed = triggers;
  }

  onChange(): () => void {
    return () => undefined;
  }

  /** No rule is about it any more. */
  forget(model: string): void {
    this.current = new Map([...this.current].filter(([known]) => known !== model));
  }

  /** `want('matter', ['updated'], ['status'])`. */
  want(model: string, events: string[], paths: string[]): this {
    const wanted = { events: new Set(events), paths: new Set(paths), rules: new Set(['a-rule']) };
    this.current = new Map(this.current).set(model, wanted);
    return this;
  }

  /** What rules name from now on: `name({ kind: 'user', name: 'Ada', rules: ['a'] })`. */
  name(...references: NamedReference[]): this {
    this.named = references;
    return this;
  }
}

@Global()
@Module({})
class Ingesting {
  static with(config: Config, clock: TestClock, needs: TestNeeds): DynamicModule {
    return {
      module: Ingesting,
      imports: [IngestModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: NEEDS, useValue: needs },
        { provide: SCHEDULES, useValue: needs },
      ],
      exports: [CONFIG, CLOCK, NEEDS, SCHEDULES],
    };
  }
}

interface IngestOptions {
  accessToken?: string;
  clock?: TestClock;
  /** Webhooks really arrive; otherwise they are asked for at an address that leads nowhere. */
  reachable?: boolean;
}

/** The ingest stage with its HTTP door, on a real database, against the Clio at `clioUrl`. */
export class IngestApp {
  readonly needs = new TestNeeds();
  readonly connectionId = newId();
  app: NestFastifyApplication;
  url: string;

  private constructor(readonly clock: TestClock) {}

  static async start(databaseUrl: string, clioUrl: string, options: IngestOptions = {}): Promise<IngestApp> {
    const { accessToken = 'a-token', clock = new TestClock(), reachable = false } = options;
    const ingest = new IngestApp(clock);
    const config = {
      publicUrl: 'https://praetor.example',
      databaseUrl,
      encryptionKeys: [{ id: createHash('sha256').update(key).digest('hex').slice(0, 8), key }],
      clio: {
        region: 'us',
        baseUrl: clioUrl,
        clientId: undefined,
        clientSecret: undefined,
        hourlyCap: undefined,
      },
    } as unknown as Config;

    ingest.app = await NestFactory.create<NestFastifyApplication>(
      Ingesting.with(config, ingest.clock, ingest.needs),
      new FastifyAdapter(),
      { rawBody: true, logger: false, abortOnError: false },
    );
    ingest.app.useGlobalFilters(new ProblemFilter());
    await ingest.app.listen(0, '127.0.0.1');
    ingest.url = await ingest.app.getUrl();
    if (reachable) Object.assign(config, { publicUrl: ingest.url });
    await ingest.connect(clioUrl, accessToken);
    return ingest;
  }

  get database(): Database {
    return this.app.get(Database);
  }

  get sealed(): SealedText {
    return this.app.get(SealedText);
  }

  /** Adds a subscription with these columns; `secret` in clear. */
  async subscribe({ secret, previousSecret, ...over }: Partial<Subscription> = {}): Promise<Subscription> {
    const now = this.clock.now().getTime();
    const seal = (text: string | null | undefined) => (text ? this.sealed.seal(text) : null);
    const row: Subscription = {
      id: newId(),
      connectionId: this.connectionId,
      key: newSecret(),
      model: 'matter',
      events: ['created', 'updated'],
      fields: 'id,etag,created_at,updated_at,status',
      status: 'enabled',
      clioWebhookId: '1234',
      expiresAt: null,
      renewedAt: null,
      createdAt: now,
      updatedAt: now,
      ...over,
      secret: seal(secret),
      previousSecret: seal(previousSecret),
    };
    await this.database.write((tx) => tx.insert(Subscription, row));
    return row;
  }

  subscriptions(): Promise<Subscription[]> {
    return this.database.repo(Subscription).find({ order: { id: 'ASC' } });
  }

  events(): Promise<InboundEvent[]> {
    return this.database.repo(InboundEvent).find({ order: { id: 'ASC' } });
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  private async connect(baseUrl: string, accessToken: string): Promise<void> {
    const now = this.clock.now().getTime();
    const row: Connection = {
      id: this.connectionId,
      name: 'Test firm',
      region: null,
      baseUrl,
      userId: '1',
      userName: 'Test',
      accountId: null,
      accountName: null,
      status: 'active',
      accessToken: this.sealed.seal(accessToken),
      refreshToken: null,
      tokenExpiresAt: null,
      authorisedAt: now,
      createdAt: now,
      updatedAt: now,
    };
    await this.database.write((tx) => tx.insert(Connection, row));
  }
}
