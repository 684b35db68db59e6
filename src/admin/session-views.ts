import { z } from 'zod';
import { TOKEN_ROLES } from '../store/api-token.entity.js';
import { isoTime, moment } from './answer-fields.js';
import type { Caller } from './caller.js';
import { MAY } from './roles.js';

export const signInBody = z.strictObject({
  token: z
    .string()
    .trim()
    .min(1)
    .max(4096)
    .describe('A token of "praetor token create", or the ADMIN_TOKEN.'),
});
export type SignInBody = z.infer<typeof signInBody>;

/** Who asks, and what they may do. */
export const sessionView = z.object({
  actor: z.object({ kind: z.enum(['token', 'admin_token']), id: z.string(), name: z.string() }),
  role: z.enum(TOKEN_ROLES),
  may: z.array(z.enum(['read', 'edit', 'approve', 'admin'])),
  connection_id: z.string().nullable().describe('The one connection that is seen; null for all.'),
  csrf_token: z
    .string()
    .nullable()
    .describe('Send it as X-CSRF-Token with every change by cookie; null with a bearer token.'),
  expires_at: moment.nullable().describe('When the session ends; null with a bearer token.'),
});
export type SessionView = z.infer<typeof sessionView>;

export function viewSession({ actor, role, connectionId, session }: Caller): SessionView {
  const kind = actor.kind === 'token' ? 'token' : 'admin_token';
  return {
    actor: { kind, id: actor.id, name: actor.name },
    role,
    may: [...MAY[role]],
    connection_id: connectionId,
    csrf_token: session?.csrfToken ?? null,
    expires_at: session === null ? null : isoTime(session.expiresAt),
  };
}
