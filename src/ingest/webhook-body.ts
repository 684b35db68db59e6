import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Hook } from './hook-receiver.js';

const ADDRESS = '/webhooks/clio/';

/** The largest delivery that is read, in bytes; Fastify answers 413 beyond it. */
export const LARGEST_DELIVERY = 1_048_576;

/**
 * Hands the bodies of deliveries over as they came. Were they parsed first, a truncated one would be called bad JSON
 * before its signature was looked at, and every good one would be parsed twice. Every other address is parsed as usual.
 */
export function keepDeliveriesRaw(adapter: FastifyAdapter): void {
  const parseJson = adapter.getInstance().getDefaultJsonParser('error', 'error');
  adapter.useBodyParser('application/json', true, { bodyLimit: LARGEST_DELIVERY }, (request, body, done) => {
    if (request.url.startsWith(ADDRESS)) done(null, undefined);
    else void parseJson(request, body.toString('utf8'), done);
  });
}

/** A request to a webhook address as the receiver wants it. */
export function hookOf(key: string, request: FastifyRequest & { rawBody?: Buffer }): Hook {
  return {
    key,
    raw: request.rawBody ?? Buffer.alloc(0),
    signature: headerOf(request, 'x-hook-signature'),
    secret: headerOf(request, 'x-hook-secret'),
  };
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}
