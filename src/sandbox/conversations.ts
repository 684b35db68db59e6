import { asText, Reference, type Firm, type Value, type Values } from './firm.js';
import { invalidArgument } from './refusal.js';

/** The messages of a conversation, oldest first. */
export function messagesOf(firm: Firm, conversation: Values): Reference[] {
  return firm
    .list('conversation_message')
    .filter(({ values }) => isIn(values['conversation'], asText(conversation['id'])))
    .map(({ id }) => new Reference('conversation_message', id));
}

const isIn = (value: Value | undefined, id: string) => value instanceof Reference && value.id === id;

/** A message that names no conversation begins one. @throws Refusal 422 when nobody would get it. */
export function finishMessage(firm: Firm, user: string, next: Values): Record<string, Value> {
  const { receivers, subject = null, matter = null } = next;
  if (!Array.isArray(receivers) || receivers.length === 0) throw invalidArgument('receivers is required');
  const sender = new Reference('user', user);
  const known = next['conversation'];
  const conversation =
    known instanceof Reference ? known : begun(firm, { subject, matter }, [sender, ...receivers]);
  const record = firm.find('conversation', conversation.id);
  if (record !== undefined) firm.change(record, {}, true);
  return { conversation, sender, date: firm.timestamp() };
}

function begun(firm: Firm, values: Values, members: Value[]): Reference {
  const memberships = members.map((member): Value => {
    const [id, at] = [firm.nextId('conversation_membership'), firm.timestamp()];
    const etag = firm.etag('conversation_membership', String(id));
    return { id, etag, created_at: at, updated_at: at, archived: false, read: false, member };
  });
  const { id } = firm.insert('conversation', { ...values, ...AT_BIRTH, memberships });
  return new Reference('conversation', id);
}

const AT_BIRTH: Values = {
  archived: false,
  current_user_is_member: true,
  read: true,
  read_only: false,
  time_entries_count: 0,
};
