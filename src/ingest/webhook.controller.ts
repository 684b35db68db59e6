import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../lib/access.js';
import { HookReceiver } from './hook-receiver.js';
import { hookOf } from './webhook-body.js';

@Controller('webhooks/clio')
export class WebhookController {
  constructor(private readonly receiver: HookReceiver) {}

  @Post(':key')
  @HttpCode(200)
  @Public()
  async receive(
    @Param('key') key: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const echo = await this.receiver.receive(hookOf(key, request));
    if (echo !== null) void reply.header('x-hook-secret', echo);
  }
}
