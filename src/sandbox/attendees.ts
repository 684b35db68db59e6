import { fieldValue } from './derived-fields.js';
import { asText, type Firm, type Value } from './firm.js';
import { entriesOf, type Entry } from './inline-list.js';
import { invalidArgument } from './refusal.js';

/**
 * Clio knows an attendee by the id of the calendar or contact: a pair that is not there is added, one with `_destroy`
 * is taken away.
 * @throws Refusal 422 for somebody who does not exist.
 */
export function writeAttendees(firm: Firm, current: Value | undefined, written: Value): Value {
  let attendees = entriesOf(current);
  for (const entry of entriesOf(written)) {
    const others = attendees.filter(({ id, type }) => id !== entry['id'] || type !== entry['type']);
    attendees = entry['_destroy'] === true ? others : [...others, attendee(firm, entry)];
  }
  return attendees;
}

function attendee(firm: Firm, { id, type }: Entry): Entry {
  const model = asText(type).toLowerCase();
  const record = model === 'calendar' || model === 'contact' ? firm.find(model, asText(id)) : undefined;
  if (record === undefined) throw invalidArgument(`attendee ${asText(type)} ${asText(id)} does not exist`);
  const isContact = model === 'contact';
  const at = firm.timestamp();
  return {
    id: Number(record.id),
    etag: firm.etag('attendee', record.id),
    type: isContact ? 'Contact' : 'Calendar',
    name: record.values['name'] ?? null,
    email: isContact ? fieldValue(firm, 'contact', record.values, 'primary_email_address') : null,
    enabled: isContact ? null : true,
    created_at: at,
    updated_at: at,
  };
}
