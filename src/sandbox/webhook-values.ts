import { resourceFacts } from '../clio/catalog/catalog.js';
import { newSecret } from '../lib/ids.js';
import type { Data } from './check-attributes.js';
import { parseFields, LONGEST_FIELDS } from './field-selection.js';
import { asText, Reference, type Firm, type Value, type Values } from './firm.js';
import { invalidArgument } from './refusal.js';

const DAY_MS = 86_400_000;
const DEFAULT_LIFE_MS = 3 * DAY_MS;
const LONGEST_LIFE_MS = 31 * DAY_MS;

/** Clio takes a model by name or by this number, counted from 1. */
const MODELS = [
  'matter', 'activity', 'bill', 'calendar_entry', 'communication', 'contact', 'task', 'document', 'folder',
  'clio_payments_payment',
]; // prettier-ignore

/** `{"model": 2}` is `{"model": "activity"}`. */
export function withModelName(data: Data): Data {
  const { model } = data;
  return typeof model === 'number' ? { ...data, model: MODELS[model - 1] ?? String(model) } : data;
}

/** The events of a webhook model. */
export function eventsOf(model: string): string[] {
  if (model === 'matter') {
    return ['created', 'updated', 'deleted', 'matter_opened', 'matter_pended', 'matter_closed'];
  }
  return model === 'clio_payments_payment' ? ['created', 'updated'] : ['created', 'updated', 'deleted'];
}

/**
 * What a create or update writes into a webhook. A new address, or the address of a suspended one written again, has to
 * shake hands and gets a new secret.
 * @throws Refusal 422, or 400 for unknown `fields`.
 */
export function webhookValues(
  firm: Firm,
  user: string,
  data: Data,
  current: Values | undefined,
): Record<string, Value> {
  const next = { ...current, ...(data as Values) };
  const model = asText(next['model']);
  checkUrl(next['url']);
  checkFields(next['fields'], model);
  const { events = eventsOf(model) } = next;
  checkEvents(events, model);
  const values: Record<string, Value> = { ...(data as Values), model, events };
  if (current === undefined || 'expires_at' in data) values['expires_at'] = expiry(firm, next['expires_at']);
  if (current === undefined) values['user'] = new Reference('user', user);
  const isNewAddress = data['url'] !== undefined && data['url'] !== current?.['url'];
  if (isNewAddress || (data['url'] !== undefined && current?.['status'] === 'suspended')) {
    values['status'] = 'pending';
    values['shared_secret'] = newSecret();
  }
  return values;
}

/** Clio takes https alone. Plain http to this machine is the sandbox's one exception, so that both run on one. */
function checkUrl(value: Value | undefined): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return;
  throw invalidArgument('url must be an https address');
}

function checkFields(value: Value | undefined, model: string): void {
  if (typeof value !== 'string' || value.trim() === '') throw invalidArgument('fields is required');
  if (value.length > LONGEST_FIELDS) {
    throw invalidArgument(`fields has ${value.length} characters; at most ${LONGEST_FIELDS} are allowed`);
  }
  parseFields(value, resourceFacts(model).fields);
}

function checkEvents(events: Value, model: string): void {
  const possible = eventsOf(model);
  const wrong = (Array.isArray(events) ? events : []).find((event) => !possible.includes(asText(event)));
  if (wrong !== undefined) throw invalidArgument(`'${asText(wrong)}' is not a valid event of ${model}`);
}

function expiry(firm: Firm, value: Value | undefined): string {
  const now = firm.now().getTime();
  const at = typeof value === 'string' ? Date.parse(value) : now + DEFAULT_LIFE_MS;
  if (at <= now) throw invalidArgument('expires_at must be in the future');
  // A second of grace: both clocks of a caller and of Clio cut to whole seconds.
  if (at > now + LONGEST_LIFE_MS + 1000) throw invalidArgument('expires_at must be within 31 days');
  return firm.timestamp(new Date(at));
}
