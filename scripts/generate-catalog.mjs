// Makes src/clio/catalog/catalog.json from Clio's OpenAPI file: names, types, enums and filters, no prose.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../shared/clio/openapi.json', import.meta.url);
const target = new URL('../src/clio/catalog/catalog.json', import.meta.url);
const api = JSON.parse(readFileSync(source, 'utf8'));

/** Our name, Clio's path, the schema of one record. */
const RESOURCES = {
  activity: 'activities', bill: 'bills', calendar_entry: 'calendar_entries', communication: 'communications',
  contact: 'contacts', custom_field: 'custom_fields', document: 'documents', folder: 'folders', matter: 'matters',
  matter_stage: 'matter_stages', note: 'notes', practice_area: 'practice_areas', task: 'tasks', task_type: 'task_types',
  task_template_list: 'task_template_lists', user: 'users', webhook: 'webhooks',
};

/** Where the file's two halves disagree, what was seen at work: value ids are texts made of the type and a number. */
const CORRECTIONS = { CustomFieldValue: { id: { type: 'string' } } };

const schemas = {};
const deref = (node) => (node?.$ref ? api.components.schemas[node.$ref.split('/').pop()] : node);
const nameOf = (node) => node?.$ref?.split('/').pop();

function factsOf(node) {
  const list = node.type === 'array';
  const inner = list ? node.items : node;
  const reference = nameOf(inner) ?? nameOf(inner.allOf?.[0]);
  const facts = { type: reference ? 'object' : (inner.format === 'date' || inner.format === 'date-time' ? inner.format : (inner.type ?? 'object')) };
  if (inner.enum) facts.enum = inner.enum;
  if (list) facts.list = true;
  if (node.nullable) facts.nullable = true;
  if (node.maxLength) facts.maxLength = node.maxLength;
  if (reference) facts.schema = reference.replace(/_base$/, '');
  return facts;
}

function properties(node, seen = {}) {
  const schema = deref(node);
  for (const part of schema.allOf ?? []) properties(part, seen);
  for (const [name, value] of Object.entries(schema.properties ?? {})) seen[name] = factsOf(value);
  return seen;
}

/** A schema and what it nests: one level is all that `fields` can ask for. */
function collect(name, depth) {
  const key = name.replace(/_base$/, '');
  if (schemas[key]?.depth >= depth) return;
  const node = api.components.schemas[key] ?? api.components.schemas[`${key}_base`];
  if (!node) return;
  const fields = { ...properties(node), ...CORRECTIONS[key] };
  schemas[key] = { depth, fields };
  if (depth > 0) for (const facts of Object.values(fields)) if (facts.schema) collect(facts.schema, depth - 1);
}

function attributes(operation) {
  const schema = deref(operation?.requestBody?.content?.['application/json']?.schema);
  const data = deref(schema?.properties?.data);
  if (!data) return undefined;
  const walk = (node, depth) =>
    Object.fromEntries(
      Object.entries(deref(node).properties ?? {}).map(([name, value]) => {
        const facts = factsOf(value);
        const inner = deref(value.type === 'array' ? value.items : value);
        if (inner?.properties && depth > 0) facts.attributes = walk(inner, depth - 1);
        if (inner?.required && inner.properties) facts.required = inner.required;
        return [name, facts];
      }),
    );
  return { attributes: walk(data, 2), required: data.required ?? [] };
}

function filters(operation) {
  const skip = new Set(['fields', 'limit', 'page_token', 'order', 'offset', 'X-API-VERSION']);
  const found = {};
  for (const raw of operation?.parameters ?? []) {
    const parameter = raw.$ref ? api.components.parameters[raw.$ref.split('/').pop()] : raw;
    if (parameter.in !== 'query' || skip.has(parameter.name)) continue;
    const name = parameter.name.replace('[]', '');
    found[name] = factsOf(parameter.schema ?? { type: 'string' });
    if (parameter.name.endsWith('[]')) found[name].list = true;
    if (parameter.required) found[name].required = true;
  }
  return found;
}

const resources = {};
for (const [name, path] of Object.entries(RESOURCES)) {
  const many = api.paths[`/${path}.json`] ?? {};
  const one = api.paths[`/${path}/{id}.json`] ?? {};
  const answer = (one.get ?? many.get).responses['200'].content;
  const show = deref(Object.values(answer)[0].schema);
  const data = show.properties.data;
  const schema = nameOf(data.type === 'array' ? data.items : data).replace(/_base$/, '');
  collect(schema, 1);
  const order = many.get?.parameters?.map((p) => (p.$ref ? api.components.parameters[p.$ref.split('/').pop()] : p)).find((p) => p.name === 'order');
  resources[name] = {
    path, schema, filters: filters(many.get), order: order?.schema?.enum ?? [],
    list: Boolean(many.get), get: Boolean(one.get), delete: Boolean(one.delete),
    create: attributes(many.post), update: attributes(one.patch),
  };
}

const plain = Object.fromEntries(Object.entries(schemas).sort().map(([name, { fields }]) => [name, fields]));
writeFileSync(target, `${JSON.stringify({ version: '4.0.13', resources, schemas: plain })}\n`);
console.log(`${Object.keys(resources).length} resources, ${Object.keys(plain).length} schemas`);
