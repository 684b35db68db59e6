import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { customFieldChanges, customFields } from './custom-field-changes.js';
import { calendarDate } from './input-fields.js';
import { readBack } from './read-back.js';

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

/** What must be sent so that the contact has the wanted values; nothing for those that `current` already has. */
export async function contactChanges(
  wanted: ContactFields,
  current: ClioRecord,
  context: ActionContext,
): Promise<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const name of PLAIN) {
    const value = wanted[name];
    if (value !== undefined && current[name] !== value) changes[name] = value;
  }
  if (wanted.company !== undefined) {
    const id = await resolveContact(wanted.company, context);
    if (!isObject(current.company) || current.company.id !== id) changes.company = { id };
  }
  const lists = {
    email_addresses: missing(wanted.email_addresses, current.email_addresses, ({ address }) =>
      String(address).toLowerCase(),
    ),
    phone_numbers: missing(wanted.phone_numbers, current.phone_numbers, ({ number }) =>
      String(number).replaceAll(/[^\d+]/g, ''),
    ),
    addresses: missing(wanted.addresses, current.addresses, ({ street, postal_code, city }) =>
      [street, postal_code, city]
        .map((part) => (typeof part === 'string' ? part.toLowerCase() : ''))
        .join('|'),
    ),
    custom_field_values: await customFieldChanges(wanted.custom_fields ?? {}, current, context, 'contact'),
  };
  for (const [name, entries] of Object.entries(lists)) if (entries.length > 0) changes[name] = entries;
  return changes;
}

type Entry = Readonly<Record<string, unknown>>;

/** Written as `default_email` or `default_number`, read as `primary`. */
const readName = (name: string) => (name.startsWith('default_') ? 'primary' : name);

/** What tells entries apart; letter case and blanks in it are no difference. */
const KEYS = ['address', 'number', 'street', 'postal_code', 'city'];

/** The wanted entries that are not there, and those that are there with other values, by the id of the entry. */
function missing(wanted: readonly Entry[] | undefined, current: unknown, keyOf: (entry: Entry) => string) {
  const present = Array.isArray(current) ? current.filter(isObject) : [];
  return (wanted ?? []).flatMap((entry) => {
    const old = present.find((candidate) => keyOf(candidate) === keyOf(entry));
    if (old === undefined) return [entry];
    const rest = Object.entries(entry).filter(([name]) => !KEYS.includes(name));
    const isSame = rest.every(([name, value]) => value === undefined || holds(old[readName(name)], value));
    return isSame ? [] : [{ id: old.id, ...entry }];
  });
}

function holds(held: unknown, value: unknown): boolean {
  return typeof value === 'boolean' ? (held ?? false) === value : held === value;
}
