import { z } from 'zod';
import { defineAction, type Action, type ActionContext } from './action.js';
import { adopt, written } from './adopt.js';
import { newRecord } from './expected-echo.js';
import { findByProperty, markerProperty } from './external-marker.js';
import { instant, optionalMatter } from './input-fields.js';
import { lookupParticipant, participant, type Participant } from './lookup-participant.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const communication = readBack('communication', {
  id: true,
  etag: true,
  type: true,
  subject: true,
  received_at: true,
  created_at: true,
  matter: ['id', 'display_number'],
});

const WHO =
  '`{ contact: id, { email } or { name } }`, `{ user: e-mail or id }`, or `{ role: ... }` on the matter.';

interface CommunicationKind extends Pick<Action, 'name' | 'summary'> {
  type: 'PhoneCommunication' | 'EmailCommunication';
  /** What the inputs are. */
  body: string;
  from: string;
  to: string;
}

function inputOf({ body, from, to }: CommunicationKind) {
  return z.strictObject({
    subject: z.string().min(1).describe('The heading.'),
    body: z.string().min(1).describe(body),
    matter: optionalMatter,
    from: z.array(participant).optional().describe(`${from}: ${WHO}`),
    to: z.array(participant).optional().describe(`${to}: ${WHO}`),
    received_at: instant.optional().describe('When it took place; the time of the step when left out.'),
  });
}

/** An action that writes down a call or an e-mail. Clio keeps the record; nothing is sent to anybody. */
export function logCommunication(kind: CommunicationKind): Action {
  const { name, summary, type } = kind;
  return defineAction({
    name,
    summary,
    input: inputOf(kind),
    safety: 'check-first',
    echo: ({ matter }) => [newRecord('communication', { matter })],
    references: { from: 'user', to: 'user' },
    text: { subject: 'plain', body: 'plain' },
    output: communication.output,

    async probe({ matter }, context) {
      const parent: Record<string, number> = matter === undefined ? {} : { matter_id: matter };
      const what = { path: 'communications', parent, fields: communication.fields };
      return adopt(await findByProperty(what, context), communication, context);
    },

    async execute(wanted, context) {
      const { subject, body, matter, from, to, received_at: at } = wanted;
      const [senders, receivers] = await Promise.all([
        lookupAll(from, matter, context),
        lookupAll(to, matter, context),
      ]);
      const data = {
        type,
        subject,
        body,
        matter: matter === undefined ? undefined : { id: matter },
        senders,
        receivers,
        received_at: at ?? context.startedAt.toISOString(),
        external_properties: [markerProperty(context)],
      };
      const options = { fields: communication.fields, signal: context.signal };
      return written(await context.clio.create('communications', data, options), communication);
    },

    undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `communications/${id}`, context),
  });
}

async function lookupAll(
  wanted: readonly Participant[] | undefined,
  matter: number | undefined,
  context: ActionContext,
) {
  return wanted && Promise.all(wanted.map((one) => lookupParticipant(one, matter, context)));
}
