import { InvalidArgumentError, type Command } from 'commander';
import type { z } from 'zod';
import { requestWords } from '../admin/request-words.js';
import { RequestError } from '../lib/errors.js';

/** The options of a list, by the names of its flags. */
export type ListOptions = Record<string, unknown>;

/** Flags that say it shorter than the parameter of the API. */
const FLAGS: Readonly<Record<string, string>> = {
  rule_id: 'rule',
  event_id: 'event',
  run_id: 'run',
  connection_id: 'connection',
  q: 'search',
};
const PLACES: Readonly<Record<string, string>> = {
  q: 'text',
  record: 'model/id',
  since: 'time',
  until: 'time',
  sort: 'order',
};
const NO_FILTERS = ['limit', 'cursor', 'fields'];

/** Adds `--limit`, `--cursor`, and a flag for each filter and the sort that the REST API's `query` has. */
export function withListOptions(command: Command, query: z.ZodObject): Command {
  return withFilters(
    command
      .option('--limit <count>', 'at most so many, 1 to 200', toLimit, 50)
      .option('--cursor <cursor>', 'the next_cursor of the page before'),
    query,
  );
}

/** The filters and the sort alone, for what is always listed whole. */
export function withFilters(command: Command, query: z.ZodObject): Command {
  for (const [parameter, schema] of Object.entries<Described>(query.shape)) {
    if (NO_FILTERS.includes(parameter)) continue;
    const flag = FLAGS[parameter] ?? parameter;
    const text = describedAs(schema) ?? `Only of this ${flag}.`;
    command.option(`--${flag} <${parameter.endsWith('_id') ? 'id' : (PLACES[parameter] ?? 'words')}>`, text);
  }
  return command;
}

/** What the flags ask for. @throws RequestError that names the flags that are wrong. */
export function askedFor<Query extends z.ZodType>(query: Query, options: ListOptions): z.infer<Query> {
  const parameters = Object.entries(FLAGS).map(([parameter, flag]) => [flag, parameter] as const);
  const names = new Map(parameters);
  const asked = Object.entries(options).map(([flag, value]) => [names.get(flag) ?? flag, value]);
  return parsed(query, Object.fromEntries(asked));
}

/** @throws RequestError `request.invalid` with everything that is wrong. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value, { error: requestWords });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    [...path.map((part) => `--${FLAGS[String(part)] ?? String(part)}`), message].join(': '),
  );
  throw new RequestError('request.invalid', `That cannot be asked: ${problems.join('; ')}`);
}

interface Described {
  description?: string | undefined;
  /** Of what wraps another: optional, or with a default. */
  unwrap?: () => Described;
}

/** The description of what a parameter is, whatever wraps it. */
function describedAs(schema: Described): string | undefined {
  return schema.description ?? (schema.unwrap && describedAs(schema.unwrap()));
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new InvalidArgumentError('It must be a whole number from 1 to 200.');
  return limit;
}

/** How to see what did not fit on this page. */
export function moreText(cursor: string | null): string {
  return cursor === null ? '' : `\nMore: add --cursor ${cursor}\n`;
}
