import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { recordId } from './input-fields.js';
import { noMatch } from './lookup-list.js';

/** A person or company in Clio: its id, its e-mail address, or its whole name. */
export const contactReference = z
  .union([recordId, z.strictObject({ email: z.email() }), z.strictObject({ name: z.string().min(1) })])
  .describe('A contact: its id, `{ email: ... }` or `{ name: ... }`; the whole address or name.');
type ContactReference = z.infer<typeof contactReference>;

/** What a rule may look for. */
export type ContactSearch = { email: string } | { name: string };

/** Clio's search may not know yet what was made so recently. */
const SEARCHED_AFTER_MS = 15 * 60_000;

/**
 * The contact's id.
 * @throws UpstreamError `clio.no_match` or `clio.ambiguous`; both name what was looked for, the second the candidates.
 */
export async function resolveContact(wanted: ContactReference, context: ActionContext): Promise<number> {
  if (typeof wanted === 'number') return wanted;
  const found = await searchContact(wanted, context);
  if (found !== undefined) return Number(found.id);
  const search = labelOf(wanted);
  throw noMatch(
    `Clio shows no contact with the ${search} to this connection. Correct it in the rule, or add the contact in Clio.`,
    wanted,
  );
}

/** The one contact with that e-mail address (whatever its case) or name. @throws UpstreamError `clio.ambiguous` */
export async function searchContact(
  wanted: ContactSearch,
  { clio, now, signal }: ActionContext,
): Promise<ClioRecord | undefined> {
  const text = 'email' in wanted ? wanted.email : wanted.name;
  const fields = 'id,name,type,primary_email_address,email_addresses{address}';
  const fits = (contacts: readonly ClioRecord[]) => contacts.filter((contact) => isThe(wanted, contact));
  let found = fits(await clio.list('contacts', { query: text, fields }, signal));
  if (found.length === 0) {
    const since = new Date(now.getTime() - SEARCHED_AFTER_MS).toISOString();
    found = fits(await clio.list('contacts', { created_since: since, fields }, signal));
  }
  if (found.length > 1) throw ambiguous(labelOf(wanted), found);
  return found[0];
}

const labelOf = (wanted: ContactSearch) =>
  'email' in wanted ? `e-mail address ${wanted.email}` : `name "${wanted.name}"`;

function isThe(wanted: ContactSearch, contact: ClioRecord): boolean {
  if ('name' in wanted) return contact.name === wanted.name.trim();
  const entries = Array.isArray(contact.email_addresses) ? contact.email_addresses.filter(isObject) : [];
  const addresses = [contact.primary_email_address, ...entries.map(({ address }) => address)];
  return addresses.some((address) => String(address).toLowerCase() === wanted.email.toLowerCase());
}

function ambiguous(search: string, found: readonly ClioRecord[]): UpstreamError {
  const candidates = found.map(({ id, name, primary_email_address: email }) => {
    const address = typeof email === 'string' ? `, ${email}` : '';
    return `${id} (${String(name)}${address})`;
  });
  return new UpstreamError(
    'clio.ambiguous',
    `Clio has ${found.length} contacts with the ${search}: ${candidates.join('; ')}. Give the id in the rule, or merge them in Clio.`,
    { retry: 'never', applied: 'no', details: { ids: found.map(({ id }) => id) } },
  );
}
