import { contentHash, isObject } from './json.js';

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
};

/** A text as its readers see it: without tags, which Clio may rewrite, and with single blanks. Nothing for no text. */
export function readableText(value: unknown): string {
  return (typeof value === 'string' ? value : '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d{1,6})|([a-z]+));/g, (whole, code: string | undefined, name = '') =>
      code === undefined ? (ENTITIES[String(name)] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .replace(/\s+/g, ' ')
    .trim();
}

/** By which a record is known again that carries no reference: what its readers see in these fields. */
export interface Content {
  fields: readonly string[];
  hash: string;
}

export function contentOf(texts: Readonly<Record<string, string>>): Content {
  const fields = Object.keys(texts).sort();
  return { fields, hash: hashOf(texts, fields) };
}

export function hasContent(record: unknown, { fields, hash }: Content): boolean {
  return isObject(record) && hashOf(record, fields) === hash;
}

function hashOf(record: Readonly<Record<string, unknown>>, fields: readonly string[]): string {
  return contentHash(fields.map((field) => readableText(record[field])));
}
