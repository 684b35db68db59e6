import { Body, Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { Public } from '../lib/access.js';
import { SESSION_MS, SessionStore } from '../store/session.store.js';
import { Caller, Needs } from './access.js';
import { Answers, AnswersNothing } from './answers.js';
import { Authenticator } from './authenticator.js';
import { credentialOf, sessionCookie } from './credentials.js';
import { sessionView, signInBody, viewSession, type SessionView, type SignInBody } from './session-views.js';

@ApiTags('session')
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly sessions: SessionStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Signs a browser in for 12 hours, or until the token ends: a cookie that no script can read stands for it. */
  @Post()
  @Public()
  @Answers(200, sessionView)
  async signIn(
    @Body({ schema: signInBody }) { token }: SignInBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionView> {
    const { secret, caller } = await this.authenticator.signIn(token, request);
    const seconds = SESSION_MS / 1000;
    void reply.header('set-cookie', sessionCookie(this.config.publicUrl, { secret, seconds }));
    void reply.header('cache-control', 'no-store');
    return viewSession(caller);
  }

  /** Who asks, and what they may do. */
  @Get()
  @Needs('read')
  @ApiOkResponse({ standardSchema: sessionView })
  show(@Caller() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply): SessionView {
    void reply.header('cache-control', 'no-store');
    return viewSession(caller);
  }

  /** Signs out: the session ends on the server too. */
  @Delete()
  @Needs('read')
  @AnswersNothing()
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const credential = credentialOf(request.headers);
    if (credential?.kind === 'session') await this.sessions.end(credential.secret);
    void reply.header('set-cookie', sessionCookie(this.config.publicUrl, null));
  }
}
