import type { OutboundSettings } from '../config/config.js';
import { UpstreamError } from '../lib/errors.js';
import type { MailReceipt, OutboundMail } from './outbound.js';

/** For each of connecting, the greeting, and silence during the talk, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** Hands one message to the mail server, for each recipient or none of the talk. See `Outbound.mail`. */
export async function sendMail(message: OutboundMail, settings: OutboundSettings): Promise<MailReceipt> {
  const { smtpUrl, mailFrom } = settings;
  if (smtpUrl === undefined || mailFrom === undefined)
    throw new UpstreamError(
      'email.not_set_up',
      'No mail server is set up, so the e-mail was not sent. Whoever runs the engine can set SMTP_URL and MAIL_FROM.',
      { retry: 'never', applied: 'no' },
    );
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { messageId, accepted, rejected } = await transport.sendMail(envelopeOf(message, mailFrom));
    return { messageId, accepted: accepted.map(addressOf), rejected: rejected.map(addressOf) };
  } catch (error) {
    throw failure(error as SmtpError);
  } finally {
    transport.close();
  }
}

/** Addresses go in as objects, so that none of them is ever read as a list or as a header. */
function envelopeOf(message: OutboundMail, from: string) {
  const { to, cc, replyTo, subject, text, html, reference, signal } = message;
  const domain = from.replace(/^.*@|>$/g, '');
  return {
    from,
    to: to.map(asAddress),
    cc: cc.map(asAddress),
    ...(replyTo === undefined ? {} : { replyTo: asAddress(replyTo) }),
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    messageId: `<praetor-${reference}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    signal,
  };
}

const asAddress = (address: string) => ({ name: '', address });
const addressOf = (entry: string | { address: string }) =>
  typeof entry === 'string' ? entry : entry.address;

interface SmtpError extends Error {
  code?: string;
  /** `connect` and `getaddrinfo`: there was no connection. */
  syscall?: string;
  responseCode?: number;
}

/** These end the talk before the message was handed over. */
const BEFORE_THE_MESSAGE = new Set([
  'EDNS',
  'EAUTH',
  'ENOAUTH',
  'ETLS',
  'EENVELOPE',
  'EOAUTH2',
  'EREQUIRETLS',
]);

function failure(error: SmtpError): UpstreamError {
  const { code = '', syscall, responseCode } = error;
  const status = responseCode === undefined ? '' : ` with ${responseCode}`;
  if (responseCode !== undefined && responseCode >= 500)
    return new UpstreamError(
      'email.refused',
      `The mail server refused the e-mail${status} (${code}). Check the recipients, SMTP_URL and MAIL_FROM.`,
      { retry: 'never', applied: 'no', status: responseCode, cause: error },
    );
  // A connection that ends in the middle looks the same before and after the message: then nobody knows.
  const isBefore =
    responseCode !== undefined ||
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    BEFORE_THE_MESSAGE.has(code);
  return new UpstreamError(
    'email.failed',
    `The mail server did not take the e-mail${status} (${code === '' ? 'no reason given' : code}).` +
      (isBefore ? ' It is tried again.' : ' It may have been sent: look there before sending it again.'),
    { retry: 'later', applied: isBefore ? 'no' : 'maybe', cause: error },
  );
}
