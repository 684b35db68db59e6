import { createRequire } from 'node:module';
import { InvariantError } from '../../lib/errors.js';

export type FieldType =
  'integer' | 'number' | 'string' | 'boolean' | 'date' | 'date-time' | 'object' | 'array' | 'file';

/** What Clio offers of one field. `schema` names the nested record's fields in `catalog.schemas`. */
export interface FieldFacts {
  readonly type: FieldType;
  readonly enum?: readonly string[];
  readonly list?: boolean;
  readonly nullable?: boolean;
  readonly maxLength?: number;
  readonly schema?: string;
  readonly required?: boolean | readonly string[];
}

/** What Clio takes in a body. */
export interface AttributeFacts extends FieldFacts {
  readonly attributes?: Readonly<Record<string, AttributeFacts>>;
}

export interface BodyFacts {
  readonly attributes: Readonly<Record<string, AttributeFacts>>;
  readonly required: readonly string[];
}

export interface ResourceFacts {
  /** `matters`, under `/api/v4`. */
  readonly path: string;
  readonly schema: string;
  /** Query filters by name, without the `[]` of lists. */
  readonly filters: Readonly<Record<string, FieldFacts>>;
  readonly order: readonly string[];
  readonly list: boolean;
  readonly get: boolean;
  readonly delete: boolean;
  readonly create?: BodyFacts;
  readonly update?: BodyFacts;
}

export interface Catalog {
  /** The API version the facts belong to. */
  readonly version: string;
  readonly resources: Readonly<Record<string, ResourceFacts>>;
  readonly schemas: Readonly<Record<string, Readonly<Record<string, FieldFacts>>>>;
}

/** Facts about Clio's API: made by `npm run catalog`. */
export const catalog = createRequire(import.meta.url)('./catalog.json') as Catalog;

/** The facts of a resource by our name (`matter`). */
export function resourceFacts(name: string): ResourceFacts {
  const facts = Object.hasOwn(catalog.resources, name) ? catalog.resources[name] : undefined;
  if (facts === undefined)
    throw new InvariantError(
      `The catalog has no resource "${name}"; add it to scripts/generate-catalog.mjs.`,
    );
  return facts;
}

/** The fields of a resource by name. */
export function fieldsOf(name: string): Readonly<Record<string, FieldFacts>> {
  return catalog.schemas[resourceFacts(name).schema] ?? {};
}
