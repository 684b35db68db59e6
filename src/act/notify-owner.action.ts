import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import { defineAction, type ActionContext } from './action.js';
import { nonEmptyText } from './input-fields.js';

const input = z.strictObject({
  subject: z.string().min(1).max(500).describe('What it is about, on one line.'),
  body: nonEmptyText.describe('The message.'),
});
type Notice = z.output<typeof input>;

/** Tells the owner of the rule by e-mail; where that is not possible, the engine's log and the run have the message. */
export const notifyOwner = defineAction({
  name: 'notify.owner',
  summary:
    "Tells the rule's owner by e-mail; without a mail server, or an owner with an address, it is only written down.",
  input,
  safety: 'once',
  text: { subject: 'plain', body: 'plain' },
  output: new Map([
    ['told', { type: 'text', enum: ['email', 'log'] }],
    ['to', { type: 'text' }],
    ['subject', { type: 'text' }],
  ]),

  async execute(given, context) {
    const subject = given.subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
    const address = z.email().safeParse(context.owner);
    if (address.success && (await mailed(address.data, { ...given, subject }, context)))
      return { output: { told: 'email', to: address.data, subject }, writes: [] };
    context.log(`For ${context.owner ?? 'the owner of the rule, who is not named'}: ${subject}`);
    return { output: { told: 'log', to: context.owner, subject }, writes: [] };
  },
});

/** False when there is no mail server, so nothing was sent. */
async function mailed(
  to: string,
  { subject, body }: Notice,
  { outbound, reference, signal }: ActionContext,
): Promise<boolean> {
  try {
    await outbound.mail({
      to: [to],
      cc: [],
      replyTo: undefined,
      subject,
      text: body,
      html: undefined,
      reference,
      signal,
    });
    return true;
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'email.not_set_up') return false;
    throw error;
  }
}
