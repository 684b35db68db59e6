import { isIP } from 'node:net';

/** Whether a host name or address means this machine alone. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '');
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** What to say of an address that Clio will not call; null when there is nothing. */
export function publicUrlNotice(publicUrl: string, clioUrl: string): string | null {
  const isFine = publicUrl.startsWith('https:') || isLoopback(new URL(publicUrl).hostname);
  if (isFine || clioUrl.startsWith('http:')) return null;
  return `PUBLIC_URL is ${publicUrl}: Clio calls https addresses only, so no webhook will arrive. Set PUBLIC_URL to the https address of this server.`;
}
