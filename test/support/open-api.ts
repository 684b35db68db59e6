import { Ajv, type Options } from 'ajv';
import formats from 'ajv-formats';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Clio's own description of its API. Read from beside the repository, never copied into it. */
export const SPEC = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'clio', 'openapi.json');

type Schema = Record<string, unknown>;
type Contents = Record<string, { schema: Schema }>;

export interface Operation {
  parameters?: { name: string; in: 'query' | 'path' | 'header'; required: boolean; schema: Schema }[];
  requestBody?: { content: Contents };
  responses: Record<string, { content?: Contents }>;
}

export interface OpenApi {
  /** By path template (`/tasks/{id}.json`) and method in small letters. */
  paths: Record<string, Record<string, Operation>>;
  components: Schema;
}

export function readOpenApi(): OpenApi {
  if (!existsSync(SPEC)) {
    throw new Error(
      `${SPEC} is missing: check out the folder "shared" beside this repository and run again.`,
    );
  }
  return JSON.parse(readFileSync(SPEC, 'utf8')) as OpenApi;
}

/** A validator that knows Clio's formats and `components`; refer to these by `absolute`. */
export function ajvFor(components: Schema, options: Options = {}): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, ...options });
  formats.default(ajv);
  for (const format of ['int32', 'int64', 'float', 'double', 'decimal']) ajv.addFormat(format, true);
  return ajv.addSchema({ $id: 'clio', components });
}

/** A part of Clio's file whose references `ajvFor` can follow. */
export function absolute<T>(node: T): T {
  return JSON.parse(JSON.stringify(node).replaceAll('"#/components', '"clio#/components')) as T;
}
