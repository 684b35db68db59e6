import { z } from 'zod';
import type { Config } from '../config/config.js';
import { isLoopback } from '../config/public-address.js';
import { clioOrigin } from '../config/settings.js';

const secret = z.string().min(1).max(4096);

/** Tokens that were obtained elsewhere. With neither region nor base_url, the server's own Clio. */
export const tokenGrant = z
  .strictObject({
    name: z.string().min(1).max(120).optional().describe("Default: the firm's name at Clio."),
    region: z.enum(['us', 'eu', 'ca', 'au']).optional(),
    base_url: clioOrigin.optional().describe("Origin of Clio, instead of a region's."),
    access_token: secret,
    refresh_token: secret.optional(),
    expires_in: z.number().int().positive().optional().describe('Seconds until the access token ends.'),
  })
  .refine(({ region, base_url }) => region === undefined || base_url === undefined, {
    path: ['base_url'],
    message: 'give a region or a base_url, not both',
  });
export type TokenGrantBody = z.infer<typeof tokenGrant>;

/** In which region to connect; the server's own unless said. */
export const connectQuery = z.strictObject({ region: z.enum(['us', 'eu', 'ca', 'au']).optional() });
export type ConnectQuery = z.infer<typeof connectQuery>;

export const authorizeAnswer = z.object({ authorize_url: z.url() });
export type AuthorizeAnswer = z.infer<typeof authorizeAnswer>;

/** What Clio's answer carries back: a code, or why there is none. */
export const callbackQuery = z.object({
  code: z.string().max(4096).optional(),
  state: z.string().max(1024).optional(),
  error: z.string().max(200).optional(),
});
export type CallbackQuery = z.infer<typeof callbackQuery>;

/** Where Clio sends the user back to; registered in its developer portal. */
export function callbackUrl(config: Pick<Config, 'publicUrl'>): string {
  return `${config.publicUrl}/oauth/clio/callback`;
}

/**
 * Whether a browser may start OAuth without the admin token: only where the server is known to this machine alone and
 * the request comes from it. The public address has to be local too, because behind a reverse proxy on the same machine
 * every request of the internet seems to come from here.
 */
export function isLocalVisit(publicUrl: string, remoteAddress: string | undefined): boolean {
  return isLoopback(new URL(publicUrl).hostname) && isLoopback(remoteAddress ?? '');
}
