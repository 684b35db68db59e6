import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { ClioModule } from '../clio/clio.module.js';
import { StoreModule } from '../store/store.module.js';
import { AccessGuard } from './access.guard.js';
import { AlertsController } from './alerts.controller.js';
import { ApprovalsController } from './approvals.controller.js';
import { AuditController } from './audit.controller.js';
import { Authenticator } from './authenticator.js';
import { ConnectionsController } from './connections.controller.js';
import { DecisionsController } from './decisions.controller.js';
import { DeclaredAccess } from './declared-access.js';
import { DocsController } from './docs.controller.js';
import { EngineController } from './engine.controller.js';
import { EventVerbsController } from './event-verbs.controller.js';
import { EventsController } from './events.controller.js';
import { GapsController } from './gaps.controller.js';
import { HealthController } from './health.controller.js';
import { Interventions } from './interventions.js';
import { LiveStreams } from './live-streams.js';
import { LiveController } from './live.controller.js';
import { OAuthController } from './oauth.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { ApiDescription } from './openapi.js';
import { PausesController } from './pauses.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { RuleStarter } from './rule-starter.js';
import { RuleEditingController } from './rule-editing.controller.js';
import { RuleEditor } from './rule-editor.js';
import { RuleTrialsController } from './rule-trials.controller.js';
import { RuleVersionsController } from './rule-versions.controller.js';
import { RulesController } from './rules.controller.js';
import { RunVerbsController } from './run-verbs.controller.js';
import { RunsController } from './runs.controller.js';
import { SchemaController } from './schema.controller.js';
import { SessionController } from './session.controller.js';
import { TokensController } from './tokens.controller.js';

/** admin: look inside and intervene, over REST. */
@Module({
  imports: [DiscoveryModule, StoreModule, ClioModule, TerminusModule.forRoot({ logger: false })],
  controllers: [
    AlertsController,
    ApprovalsController,
    AuditController,
    ConnectionsController,
    DecisionsController,
    DocsController,
    EngineController,
    EventVerbsController,
    EventsController,
    GapsController,
    HealthController,
    LiveController,
    OAuthController,
    OpenApiController,
    PausesController,
    RuleEditingController,
    RuleTrialsController,
    RuleVersionsController,
    RulesController,
    RunVerbsController,
    RunsController,
    SchemaController,
    SessionController,
    TokensController,
  ],
  providers: [
    AccessGuard,
    ApiDescription,
    Authenticator,
    DeclaredAccess,
    Interventions,
    LiveStreams,
    RuleEditor,
    RuleStarter,
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AdminModule {}
