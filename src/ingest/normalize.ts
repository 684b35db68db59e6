import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import type { NewInboundEvent } from '../store/event.store.js';
import { dedupeKeyOf } from './dedupe-key.js';
import { eventNameOf } from './event-names.js';

/** The subscription a delivery came for. Clio's body names neither the model nor the firm. */
export interface DeliverySource {
  id: string;
  connectionId: string;
  model: string;
  /** Null until Clio's answer to the create is known. */
  clioWebhookId: string | null;
}

// Recurring calendar entries have text ids; everything else has whole numbers.
const recordId = z.union([z.int().positive(), z.string().regex(/^[\x21-\x7e]{1,100}$/)]);
const webhookId = z.union([z.int().positive(), z.string().regex(/^\d{1,20}$/)]);

const envelope = z.object({
  data: z.looseObject({
    id: recordId,
    etag: z
      .string()
      .regex(/^[\x20-\x7e]{1,200}$/)
      .nullish(),
  }),
  meta: z.looseObject({ event: z.string().min(1).max(100), webhook_id: webhookId.optional() }),
});

/**
 * Turns a delivery whose signature was good into an InboundEvent. Deliveries of one change have one dedupe key,
 * whichever subscription and however often they come.
 * @throws RequestError `request.invalid` when the body is not Clio's envelope or names another webhook.
 */
export function normalize(raw: Buffer, source: DeliverySource): NewInboundEvent {
  const body = parseJson(raw);
  const parsed = envelope.safeParse(body);
  if (!parsed.success) throw refused(`is not Clio's envelope (${problemsOf(parsed.error)})`);
  const { data, meta } = parsed.data;
  if (source.clioWebhookId !== null && meta.webhook_id !== undefined)
    if (String(meta.webhook_id) !== source.clioWebhookId)
      throw refused(`names webhook ${meta.webhook_id}, but this address is webhook ${source.clioWebhookId}`);
  const event = eventNameOf(source.model, meta.event);
  if (event === null) throw refused(`names the event "${meta.event}", which a ${source.model} does not have`);

  const id = String(data.id);
  const etag = data.etag ?? null;
  const { connectionId, model } = source;
  const payload = (body as { data: JsonObject }).data;
  return {
    connectionId,
    subscriptionId: source.id,
    source: 'webhook',
    model,
    recordId: id,
    type: `${model}.${event}`,
    etag,
    dedupeKey: dedupeKeyOf({ connectionId, model, recordId: id, event, etag, payload }),
    payload,
  };
}

/** The webhook id in the body of a handshake, or null when there is none to be read. */
export function handshakeWebhookId(raw: Buffer): string | null {
  const handshake = z.object({ data: z.looseObject({ webhook_id: webhookId }) });
  try {
    const parsed = handshake.safeParse(JSON.parse(raw.toString('utf8')));
    return parsed.success ? String(parsed.data.data.webhook_id) : null;
  } catch {
    return null;
  }
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch (error) {
    throw refused('is not JSON', error);
  }
}

function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}

function refused(why: string, cause?: unknown): RequestError {
  return new RequestError(
    'request.invalid',
    `The delivery was not stored: its body ${why}. Only Clio should send to this address.`,
    cause === undefined ? {} : { cause },
  );
}
