import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import type { ActionContext } from './action.js';
import { changeEntries } from './contact-entries.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { changeCustomFields, customFields } from './custom-field-changes.js';
import { calendarDate } from './input-fields.js';
import { readBack } from './read-back.js';
import type { RecordChanges } from './record-changes.js';

const text = z.string().min(1).optional();
const kind = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.enum(names).optional().describe('What it is for.');

/** Clio keeps no more of each since version 4.0.13 of its API. */
const list = <T extends z.ZodObject>(entry: T) => z.array(entry).min(1).max(20).optional();

/** What can be set on a contact. */
export const contactFields = {
  name: text.describe('The whole name of a company, or of a person instead of its parts.'),
  prefix: text.describe('Before the name: `Dr`.'),
  first_name: text.describe("A person's first name."),
  middle_name: text.describe("A person's middle name."),
  last_name: text.describe("A person's last name."),
  title: text.describe("A person's position."),
  date_of_birth: calendarDate.optional().describe("A person's date of birth."),
  company: contactReference.optional().describe('The company a person belongs to.'),
  email_addresses: list(
    z.strictObject({
      address: z.email(),
      name: kind(['Work', 'Home', 'Other']),
      default_email: z.boolean().optional(),
    }),
  ).describe('E-mail addresses the contact must have; others stay.'),
  phone_numbers: list(
    z.strictObject({
      number: z.string().min(1),
      name: kind(['Work', 'Home', 'Mobile', 'Fax', 'Pager', 'Skype', 'Other']),
      default_number: z.boolean().optional(),
    }),
  ).describe('Telephone numbers the contact must have; others stay.'),
  addresses: list(
    z.strictObject({
      name: kind(['Work', 'Home', 'Billing', 'Other']),
      street: text,
      city: text,
      province: text,
      postal_code: text,
      country: text,
    }),
  ).describe('Postal addresses the contact must have; others stay.'),
  custom_fields: customFields.optional().describe("Values by the custom field's name; null takes one away."),
};
type ContactFields = z.output<z.ZodObject<typeof contactFields>>;

export const contact = readBack('contact', {
  id: true,
  etag: true,
  type: true,
  name: true,
  prefix: true,
  first_name: true,
  middle_name: true,
  last_name: true,
  title: true,
  date_of_birth: true,
  primary_email_address: true,
  primary_phone_number: true,
  company: ['id', 'name'],
  is_client: true,
  created_at: true,
});

/** How contacts' texts are escaped. */
export const contactText = {
  name: 'plain',
  prefix: 'plain',
  first_name: 'plain',
  middle_name: 'plain',
  last_name: 'plain',
  title: 'plain',
  email_addresses: 'plain',
  phone_numbers: 'plain',
  addresses: 'plain',
  custom_fields: 'plain',
} as const;

/** What must be read besides to tell what is missing of the lists a step gives. */
export function contactLists(wanted: ContactFields): string {
  const fields = [
    wanted.email_addresses && 'email_addresses{id,name,address,primary}',
    wanted.phone_numbers && 'phone_numbers{id,name,number,primary}',
    wanted.addresses && 'addresses{id,name,street,city,province,postal_code,country}',
    wanted.custom_fields && 'custom_field_values{id,value,custom_field}',
  ];
  return fields.filter((field) => field !== undefined).join(',');
}

const PLAIN = ['name', 'prefix', 'first_name', 'middle_name', 'last_name', 'title', 'date_of_birth'] as const;

/** Gathers what must be sent so that the contact has the wanted values. */
export async function contactChanges(
  wanted: ContactFields,
  current: ClioRecord,
  changes: RecordChanges,
  context: ActionContext,
): Promise<void> {
  for (const name of PLAIN) changes.want(name, current[name], wanted[name]);
  if (wanted.company !== undefined)
    changes.want('company', current.company, { id: await resolveContact(wanted.company, context) });
  for (const name of ['email_addresses', 'phone_numbers', 'addresses'] as const)
    changeEntries(name, wanted[name], current, changes);
  await changeCustomFields(wanted.custom_fields, current, changes, context, 'contact');
}
