import { isObject } from '../../src/lib/json.js';
import { absolute, ajvFor, readOpenApi, type OpenApi } from './open-api.js';

/** Clio's file never says so, but an unset field of an answer is null whatever its type. */
function nullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(nullable);
  if (!isObject(node)) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, nullable(value)]));
  if (isObject(copy['properties'])) {
    copy['properties'] = Object.fromEntries(
      Object.entries(copy['properties']).map(([name, schema]) => [
        name,
        name === 'data' ? schema : orNull(schema),
      ]),
    );
  }
  return copy;
}

const orNull = (schema: unknown) =>
  isObject(schema) && ('type' in schema || '$ref' in schema) ? { anyOf: [{ type: 'null' }, schema] } : schema;

const api = nullable(readOpenApi()) as OpenApi;
const ajv = ajvFor(api.components);

/** The complaints about an answer, measured against what Clio declares for it. */
export function complaints(path: string, method: string, status: number, body: unknown): unknown {
  const declared = api.paths[path]?.[method]?.responses[status];
  if (declared === undefined) return `Clio declares no ${status} for ${method} ${path}`;
  const schema = Object.values(declared.content ?? {})[0]?.schema;
  if (schema === undefined) return body === undefined ? [] : 'Clio declares no body';
  return complaintsBy(schema, body);
}

/** The same for an error of a status that the file declares nowhere, or not there. */
export function errorComplaints(body: unknown): unknown {
  return complaintsBy({ $ref: '#/components/schemas/Error' }, body);
}

function complaintsBy(schema: object, body: unknown): unknown {
  const validate = ajv.compile(absolute(schema));
  return validate(body) ? [] : validate.errors;
}
