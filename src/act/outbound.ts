import type { LookupAddress } from 'node:dns';

/** A request to somebody who is not Clio. */
export interface OutboundRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  signal: AbortSignal;
}

export interface OutboundAnswer {
  status: number;
  /** The beginning of the body when it was longer than is kept. */
  text: string;
  truncated: boolean;
}

/** An e-mail; addresses only, no names. */
export interface OutboundMail {
  to: readonly string[];
  cc: readonly string[];
  replyTo?: string | undefined;
  subject: string;
  text: string;
  html?: string | undefined;
  /** Makes the message's id, the same on every try. */
  reference: string;
  signal: AbortSignal;
}

export interface MailReceipt {
  messageId: string;
  /** Recipients for whom the mail server took the message, and those it refused. */
  accepted: string[];
  rejected: string[];
}

/** The ways out of this machine that do not lead to Clio. Everything else in this folder goes through them. */
export interface Outbound {
  /** @throws UpstreamError for every answer that is not 2xx, and for none. */
  http(request: OutboundRequest): Promise<OutboundAnswer>;
  /** @throws UpstreamError when the mail server took the message for nobody. */
  mail(message: OutboundMail): Promise<MailReceipt>;
}

/** All addresses of a host name, as Node's own `dns.lookup` with `all` gives them. */
export type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;
