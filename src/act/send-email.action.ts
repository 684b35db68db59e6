import { z } from 'zod';
import { defineAction } from './action.js';

const addresses = z.array(z.email()).min(1).max(50);

const input = z.strictObject({
  to: z
    .union([z.email(), addresses])
    .describe('The address or addresses it goes to; addresses only, no names.'),
  cc: addresses.optional().describe('Who gets a copy.'),
  reply_to: z.email().optional().describe('Where answers go.'),
  subject: z.string().min(1).max(500).describe('The subject, on one line.'),
  text: z.string().min(1).describe('The message.'),
  html: z.string().min(1).optional().describe('The message once more, for readers that show HTML.'),
});

/** Sends one e-mail through the firm's own mail server. What has left cannot be called back, nor looked for. */
export const sendEmail = defineAction({
  name: 'email.send',
  summary: "Sends one e-mail through the firm's mail server.",
  input,
  safety: 'once',
  text: { to: 'plain', cc: 'plain', reply_to: 'plain', subject: 'plain', text: 'plain', html: 'html' },
  output: new Map([
    ['message_id', { type: 'text' }],
    ['accepted', { type: 'list' }],
    ['rejected', { type: 'list' }],
  ]),

  async execute({ to, cc, reply_to, subject, text, html }, { outbound, reference, signal, log }) {
    const { messageId, accepted, rejected } = await outbound.mail({
      to: [to].flat(),
      cc: cc ?? [],
      replyTo: reply_to,
      // A value of a record may bring line breaks along; a header has none.
      subject: subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim(),
      text,
      html,
      reference,
      signal,
    });
    if (rejected.length > 0)
      log(`The mail server refused ${rejected.length} of the recipients; the step's output lists them.`);
    return { output: { message_id: messageId, accepted, rejected }, writes: [] };
  },
});
