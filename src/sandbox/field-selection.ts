import { catalog, type FieldFacts } from '../clio/catalog/catalog.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { invalidFields } from './refusal.js';

/** The fields asked for, and for an association the names in its braces; undefined means its default fields. */
export type Selection = ReadonlyMap<string, readonly string[] | undefined>;

type Fields = Readonly<Record<string, FieldFacts>>;

/** Documented for webhooks. The sandbox holds requests to it too, since Clio does not say where their limit is. */
export const LONGEST_FIELDS = 1000;

/** What Clio answers when `fields` is absent. */
export function defaultSelection(fields: Fields): Selection {
  return new Map(
    ['id', 'etag'].filter((name) => Object.hasOwn(fields, name)).map((name) => [name, undefined]),
  );
}

/** Every field, and of every association what one level of braces could name. */
export function fullSelection(fields: Fields): Selection {
  return new Map(
    Object.entries(fields).map(([name, { resource }]) => [
      name,
      resource === undefined ? undefined : Object.keys(catalog.schemas[resource] ?? {}),
    ]),
  );
}

/** @throws Refusal 400 InvalidFields for an unknown name, a second level of braces, or a text out of shape. */
export function parseFields(text: string, fields: Fields): Selection {
  if (text.length > LONGEST_FIELDS) {
    throw invalidFields(
      `The fields parameter has ${text.length} characters; at most ${LONGEST_FIELDS} are allowed.`,
    );
  }
  const selection = new Map<string, readonly string[] | undefined>();
  for (const item of splitOutsideBraces(text)) {
    const [, name = '', braces] = /^([a-z_0-9]+)(?:\{([^{}]*)\})?$/i.exec(item) ?? [];
    if (name === '') throw invalidFields(unreadable(item));
    const field = known(fields, name);
    selection.set(name, braces === undefined ? undefined : nestedNames(name, field, braces));
  }
  return selection;
}

function nestedNames(owner: string, field: FieldFacts, braces: string): string[] {
  const nested = catalog.schemas[field.resource ?? ''];
  if (nested === undefined) throw invalidFields(`${owner} has no fields to choose from.`);
  const names = braces
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw invalidFields(`The braces of ${owner} are empty.`);
  for (const name of names) known(nested, name);
  return names;
}

function known(fields: Fields, name: string): FieldFacts {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) {
    throw invalidFields(`Invalid fields: ${name}.${didYouMean(name, Object.keys(fields))}`);
  }
  return field;
}

function unreadable(item: string): string {
  return /\{[^}]*\{/.test(item)
    ? `Invalid fields: ${item} chooses fields two levels deep; only one level is possible.`
    : `Invalid fields: ${item} is not readable.`;
}

function splitOutsideBraces(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let item = '';
  for (const char of text) {
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (char === ',' && depth <= 0) {
      items.push(item);
      item = '';
    } else item += char;
  }
  return [...items, item].map((part) => part.trim()).filter((part) => part !== '');
}
