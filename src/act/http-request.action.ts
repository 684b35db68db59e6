import { z } from 'zod';
import type { JsonValue } from '../lib/json.js';
import { defineAction } from './action.js';

/** What the engine itself says, and what would change where a request goes or where its body ends. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-praetor-signature',
]);

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'A header name has letters, digits and hyphens.')
  .refine((name) => !RESERVED.has(name.toLowerCase()), 'This header is set by the engine.');
const headerValue = z
  .string()
  .max(2_000)
  .regex(/^[\x20-\x7e]*$/, 'A header value has printable ASCII characters only.');

const input = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .describe('The whole address. Its host must be listed in the setting HTTP_ALLOWED_HOSTS.'),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional().describe('`POST` when left out.'),
    headers: z.record(headerName, headerValue).optional().describe('Further headers. No place for secrets.'),
    json: z.record(z.string(), z.unknown()).optional().describe('The body, sent as JSON.'),
    text: z.string().optional().describe('The body, sent as plain text.'),
    receiver_deduplicates: z
      .boolean()
      .optional()
      .describe(
        'The receiver does the same `Idempotency-Key` once however often it comes; then a request whose answer was lost is sent again.',
      ),
  })
  .refine(({ json, text }) => json === undefined || text === undefined, {
    path: ['text'],
    message: 'Give json or text, not both.',
  })
  .refine(({ method, json, text }) => method !== 'GET' || (json ?? text) === undefined, {
    path: ['method'],
    message: 'A GET has no body; leave json and text out.',
  });
type Input = z.output<typeof input>;

/** Calls a host that the settings list. */
export const httpRequest = defineAction({
  name: 'http.request',
  summary: 'Sends a signed request to a host that the settings allow.',
  input,
  safety: 'once',
  safetyOf: ({ method, receiver_deduplicates }) =>
    method === 'GET' || receiver_deduplicates === true ? 'repeatable' : 'once',
  text: { url: 'plain', headers: 'plain', json: 'plain', text: 'plain' },
  output: new Map([
    ['status', { type: 'integer' }],
    ['json', { type: 'object', open: true }],
    ['text', { type: 'text' }],
    ['truncated', { type: 'boolean' }],
  ]),

  async execute(wanted, { outbound, reference, signal }) {
    const { url, method = 'POST' } = wanted;
    const headers = { ...typeOfBody(wanted), ...wanted.headers, 'Idempotency-Key': reference };
    const answer = await outbound.http({ method, url, headers, body: bodyOf(wanted), signal });
    return { output: { ...answer, json: parsed(answer.text) }, writes: [] };
  },
});

const bodyOf = ({ json, text }: Input) => (json === undefined ? text : JSON.stringify(json));

function typeOfBody({ json, text }: Input): Record<string, string> {
  if (json !== undefined) return { 'Content-Type': 'application/json' };
  return text === undefined ? {} : { 'Content-Type': 'text/plain; charset=utf-8' };
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
