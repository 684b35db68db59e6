import type { ErrorObject } from 'ajv';
import { catalog } from '../../src/clio/catalog/catalog.js';
import { isObject } from '../../src/lib/json.js';
import type { CallLine } from '../../src/sandbox/traffic.js';
import { absolute, ajvFor, readOpenApi, type Operation } from './open-api.js';

const api = readOpenApi();
const ajv = ajvFor(api.components);
/** Queries are text: `12` is an integer, `true` a boolean. */
const queryAjv = ajvFor(api.components, { coerceTypes: true });

/** The templates of Clio's file; whole names come before those with a part that varies. */
const templates = Object.keys(api.paths)
  .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
  .map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '\\d+')}$`),
  }));

const pathOf = ({ path }: CallLine) => path.replace('/api/v4', '');
/** The template in Clio's file that a call fits. */
export const templateOf = (call: CallLine) =>
  templates.find(({ pattern }) => pattern.test(pathOf(call)))?.template ??
  pathOf(call).replaceAll(/\d+/g, '{id}');

/** What Clio's file has against a call. */
export function objections(call: CallLine): string[] {
  const operation = api.paths[templateOf(call)]?.[call.method.toLowerCase()];
  const found =
    operation === undefined
      ? ['no such path']
      : [
          ...queryObjections(call.query, operation),
          ...headerObjections(call.headers, operation),
          ...bodyObjections(call.body, operation),
        ];
  return found.map((objection) => `${call.method} ${templateOf(call)}: ${objection}`);
}

function queryObjections(query: CallLine['query'], { parameters = [] }: Operation): string[] {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const missing = known.filter(({ name, required }) => required && !(name in query));
  const wrong = Object.entries(query).flatMap(([name, value]) => {
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) return [`no parameter ${name}`];
    const validate = queryAjv.compile({ properties: { [name]: absolute(parameter.schema) } });
    return [value].flat().flatMap((one) => (validate({ [name]: one }) ? [] : texts(validate.errors)));
  });
  return [...missing.map(({ name }) => `needs the parameter ${name}`), ...wrong];
}

/** What every request over HTTP may have, whatever it is for. */
const OF_HTTP = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'host',
  'pragma',
  'sec-fetch-mode',
  'user-agent',
];

function headerObjections(headers: CallLine['headers'], { parameters = [] }: Operation): string[] {
  const names = parameters
    .filter(({ in: place }) => place === 'header')
    .map(({ name }) => name.toLowerCase());
  const unknown = Object.keys(headers).filter((name) => !OF_HTTP.includes(name) && !names.includes(name));
  const version = headers['x-api-version'] === catalog.version ? [] : ['needs the header x-api-version'];
  return [...unknown.map((name) => `no header ${name}`), ...(names.includes('x-api-version') ? version : [])];
}

function bodyObjections(body: unknown, { requestBody }: Operation): string[] {
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined) return body === undefined ? [] : ['takes no body'];
  const validate = ajv.compile(closed(absolute(schema)) as object);
  return validate(body) ? [] : texts(validate.errors);
}

const texts = (errors: ErrorObject[] | null | undefined) =>
  (errors ?? []).map(({ instancePath, message = '', params }) =>
    [instancePath, message, params['additionalProperty'], params['allowedValues']].filter(Boolean).join(' '),
  );

/** The schema with no room for attributes that Clio would drop without a word. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (!isObject(node)) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return isObject(node['properties']) ? { ...copy, additionalProperties: false } : copy;
}
