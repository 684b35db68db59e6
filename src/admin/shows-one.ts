import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader, ApiOkResponse, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { etagOf } from './entity-tag.js';
import { fieldsOf, shown, strictQuery } from './list-query.js';

const SHOWN = Symbol('what a route shows one of');

interface Shown {
  view: z.ZodObject;
  tagOf: (whole: never) => string;
  isPart: boolean;
}

/**
 * Gives an answer that is one thing an ETag, 304 to whoever has it already (If-None-Match), and `fields`. The ETag is that
 * of the whole, whatever fields are shown: it is what changes want in If-Match.
 */
@Injectable()
export class OneInterceptor implements NestInterceptor<object, object | undefined> {
  constructor(private readonly reflector: Reflector) {}

  /** @throws RequestError `request.invalid` for a query other than `fields`. */
  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<object | undefined> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { view, tagOf, isPart } = this.reflector.get<Shown>(SHOWN, context.getHandler());
    const fields = fieldsAsked(view, request.query);
    return next.handle().pipe(
      map((whole) => {
        const tag = tagOf(whole as never);
        void reply.headers({ etag: tag, 'cache-control': 'private, no-cache' });
        if (isPart || !isKnown(request.headers['if-none-match'], tag)) return shown(whole, fields);
        void reply.status(304);
        return undefined;
      }),
    );
  }
}

function fieldsAsked(view: z.ZodObject, query: unknown): readonly string[] | undefined {
  const parsed = strictQuery({ fields: fieldsOf(view) }).safeParse(query);
  if (parsed.success) return parsed.data.fields;
  const problems = parsed.error.issues.map(({ path, message }) => [...path, message].map(String).join(': '));
  throw new RequestError('request.invalid', `The request is not valid: ${problems.join('; ')}`, {
    details: { problems },
  });
}

function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const known = ifNoneMatch?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return known.includes('*') || known.includes(tag);
}

/**
 * A route that shows one `view`. `tagOf` tells its ETag from what a change can read in its transaction. `isPart`: other parts
 * of the view can change while the tag stays; then nobody is told that they know it already.
 */
export function ShowsOne<View extends z.ZodObject>(
  view: View,
  tagOf: (whole: z.infer<View>) => string = etagOf,
  { isPart = false } = {},
): MethodDecorator {
  return applyDecorators(
    SetMetadata(SHOWN, { view, tagOf, isPart }),
    UseInterceptors(OneInterceptor),
    ApiOkResponse({ standardSchema: view, headers: { ETag: { schema: { type: 'string' } } } }),
    ApiResponse({ status: 304, description: 'It is still what If-None-Match names.' }),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of an earlier answer.' }),
    ApiQuery({
      name: 'fields',
      required: false,
      type: String,
      description: `Only these fields, separated by commas: ${Object.keys(view.shape).join(', ')}.`,
    }),
  );
}
