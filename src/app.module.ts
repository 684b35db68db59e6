import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { LoggerModule } from 'nestjs-pino';
import { ActModule } from './act/act.module.js';
import { actions } from './act/catalog.js';
import { AdminModule } from './admin/admin.module.js';
import { ClioModule } from './clio/clio.module.js';
import { CONFIG, type Config } from './config/config.js';
import { IngestModule } from './ingest/ingest.module.js';
import { NEEDS } from './ingest/needs.js';
import { SCHEDULES } from './ingest/scheduled-triggers.js';
import { LANES } from './lanes/lanes.js';
import { LanesModule } from './lanes/lanes.module.js';
import { CLOCK, type Clock } from './lib/clock.js';
import { MatchModule } from './match/match.module.js';
import { Agenda, Lookout, Pipeline, Stages } from './pipeline.js';
import { ReadAgainModule } from './read-again.js';
import { RULE_BOOK, type CurrentRules } from './rules/current-rules.js';
import { ACTION_WORDS, VOCABULARY } from './rules/rule-vocabulary.js';
import { RunModule } from './run/run.module.js';
import { StandingNeeds } from './standing-needs.js';
import { StoreModule } from './store/store.module.js';
import { WAKER } from './store/waker.js';
import { vocabulary } from './vocabulary.js';

/** What the whole process shares: settings, the clock, the rules in force. */
@Global()
@Module({})
class Surroundings {
  static with(config: Config, clock: Clock, rules: CurrentRules): DynamicModule {
    return {
      module: Surroundings,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: RULE_BOOK, useValue: rules },
        { provide: ACTION_WORDS, useValue: actions },
        { provide: SCHEDULES, useExisting: RULE_BOOK },
        { provide: VOCABULARY, useFactory: vocabulary },
      ],
      exports: [CONFIG, CLOCK, RULE_BOOK, ACTION_WORDS, SCHEDULES, VOCABULARY],
    };
  }
}

/** Lets whoever takes something in wake the lanes, without knowing them. */
@Global()
@Module({
  imports: [LanesModule],
  providers: [{ provide: WAKER, useExisting: LANES }],
  exports: [WAKER],
})
class Waking {}

/** What is worth hearing of, for whoever takes something in. */
@Global()
@Module({
  imports: [StoreModule],
  providers: [StandingNeeds, { provide: NEEDS, useExisting: StandingNeeds }],
  exports: [StandingNeeds, NEEDS],
})
class Listening {}

/** Nothing of a request but its outline reaches the log: webhook keys and tokens are secrets. */
function logging(config: Config): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level: config.logLevel,
      autoLogging: false,
      quietReqLogger: true,
      serializers: { req: () => undefined, res: () => undefined },
    },
  });
}

/** The only place that knows every folder. */
@Module({})
export class AppModule {
  static with(config: Config, clock: Clock, rules: CurrentRules): DynamicModule {
    return {
      module: AppModule,
      imports: [
        logging(config),
        ScheduleModule.forRoot(),
        Surroundings.with(config, clock, rules),
        StoreModule,
        ClioModule,
        LanesModule,
        Waking,
        Listening,
        ActModule,
        IngestModule,
        MatchModule,
        ReadAgainModule,
        RunModule,
        AdminModule,
      ],
      providers: [Agenda, Lookout, Stages, Pipeline],
    };
  }
}
