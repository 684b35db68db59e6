import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext } from './action.js';
import { adopt, written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { sinceFirstTry } from './find-marked.js';
import { findUnmarked, rememberOthers } from './find-unmarked.js';
import { optionalMatter, recordId } from './input-fields.js';
import { lookupParticipant, participant } from './lookup-participant.js';
import { hasMarker, withMarker } from './marker.js';
import { readBack } from './read-back.js';

const message = readBack('conversation_message', {
  id: true,
  etag: true,
  body: true,
  date: true,
  created_at: true,
  conversation: ['id', 'subject'],
});

const input = z.strictObject({
  subject: z.string().min(1).describe('The heading.'),
  body: z.string().min(1).describe("Ends with the step's reference, which the receivers see."),
  receivers: z
    .array(participant)
    .min(1)
    .describe(
      'Who gets it: `{ contact: id, { email } or { name } }`, `{ user: e-mail or id }`, or `{ role: ... }` on the matter.',
    ),
  matter: optionalMatter,
  conversation: recordId.optional().describe('Answers in a conversation instead of beginning one.'),
  document: recordId.optional().describe('Attaches a document that is in Clio.'),
});
type Input = z.output<typeof input>;

/** Sends a message to users and, through the client portal, to contacts. What is sent cannot be taken back. */
export const sendMessage = defineAction({
  name: 'clio.conversation_message.send',
  summary: 'Sends a message to users and, through the client portal, to contacts.',
  input,
  safety: 'check-first',
  echo: ({ matter, conversation: id, body }) => [
    newRecord('conversation_message', { markedIn: 'body', texts: { body } }),
    ...(id === undefined ? [newRecord('conversation', { matter })] : []),
  ],
  references: { receivers: 'user' },
  text: { subject: 'plain', body: 'plain' },
  output: message.output,

  async probe(wanted, context) {
    const { clio, signal } = context;
    const found = await findMessages(wanted, context);
    const read = found.map(({ id }) =>
      clio.get(`conversation_messages/${id}`, { fields: message.fields }, signal),
    );
    return adopt(await Promise.all(read), message, context);
  },

  async execute(wanted, context) {
    const { subject, body, matter, conversation, document } = wanted;
    const receivers = await Promise.all(
      wanted.receivers.map((one) => lookupParticipant(one, matter, context)),
    );
    const data = {
      subject,
      body: withMarker(body, context.marker, undefined),
      receivers,
      matter: matter === undefined ? undefined : { id: matter },
      conversation: conversation === undefined ? undefined : { id: conversation },
      attachment: document === undefined ? undefined : { document_id: document },
    };
    await rememberOthers({ list: () => listMessages(wanted, context) }, context);
    const options = { fields: message.fields, signal: context.signal };
    return written(await context.clio.create('conversation_messages', data, options), message);
  },
});

async function findMessages(wanted: Input, context: ActionContext): Promise<ClioRecord[]> {
  const { marker } = context;
  const list = () => listMessages(wanted, context);
  if (marker === null) {
    const { body } = wanted;
    // A second message cannot be taken back, so any new one is a question.
    return findUnmarked({ path: 'conversation_messages', list, texts: { body }, heading: null }, context);
  }
  return (await list())
    .filter(({ body }) => hasMarker(body, marker))
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/**
 * Messages are listed per conversation only, and the time filters of that list are about the conversation: a message
 * without one is looked for in what was begun or went on since the first try.
 */
async function listMessages(wanted: Input, context: ActionContext): Promise<ClioRecord[]> {
  const { clio, signal } = context;
  if (wanted.conversation !== undefined) {
    const query = { conversation_id: wanted.conversation, fields: 'id,body' };
    return clio.list('conversation_messages', query, signal);
  }
  const query = {
    updated_since: sinceFirstTry(context),
    matter_id: wanted.matter,
    fields: 'id,messages{id,body}',
  };
  const conversations: ClioRecord[] = await clio.list('conversations', query, signal);
  return conversations
    .flatMap(({ messages }): unknown[] => (Array.isArray(messages) ? messages : []))
    .filter((one): one is ClioRecord => isObject(one));
}
