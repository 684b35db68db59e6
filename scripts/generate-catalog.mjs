// Writes src/clio/catalog/catalog.json: the names, types, enums, filters and required attributes of the resources that
// rules, actions and the sandbox use, out of Clio's OpenAPI file. No text of that file is kept.
// `npm run catalog [-- path/to/openapi.json [path/to/catalog.json]]`; the file is expected beside the repository and is not
// part of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = process.argv[2] ?? new URL('../../shared/clio/openapi.json', import.meta.url);
const target = process.argv[3] ?? fileURLToPath(new URL('../src/clio/catalog/catalog.json', import.meta.url));
const api = JSON.parse(readFileSync(source, 'utf8'));

const RESOURCES = {
  user: 'users',
  webhook: 'webhooks',
  matter: 'matters',
  contact: 'contacts',
  task: 'tasks',
  note: 'notes',
  bill: 'bills',
  activity: 'activities',
  calendar_entry: 'calendar_entries',
  calendar: 'calendars',
  communication: 'communications',
  document: 'documents',
  folder: 'folders',
  practice_area: 'practice_areas',
  matter_stage: 'matter_stages',
  custom_field: 'custom_fields',
  task_type: 'task_types',
  task_template_list: 'task_template_lists',
  clio_payments_payment: 'clio_payments/payments',
  relationship: 'relationships',
  reminder: 'reminders',
  conversation: 'conversations',
  conversation_message: 'conversation_messages',
  document_automation: 'document_automations',
  document_template: 'document_templates',
  document_category: 'document_categories',
  custom_action: 'custom_actions',
  expense_category: 'expense_categories',
  activity_description: 'activity_descriptions',
  group: 'groups',
  task_template: 'task_templates',
  allocation: 'allocations',
  activity_rate: 'activity_rates',
  bank_account: 'bank_accounts',
  bank_transaction: 'bank_transactions',
  bill_theme: 'bill_themes',
  billable_client: 'billable_clients',
  billable_matter: 'billable_matters',
  calendar_entry_event_type: 'calendar_entry_event_types',
  clio_payments_link: 'clio_payments/links',
  comment: 'comments',
  credit_memo: 'credit_memos',
  currency: 'currencies',
  custom_field_set: 'custom_field_sets',
  damage: 'damages',
  grant: 'grants',
  grant_funding_source: 'grant_funding_sources',
  interest_charge: 'interest_charges',
  jurisdiction: 'court_rules/jurisdictions',
  lauk_civil_certificated_rate: 'lauk_civil_certificated_rates',
  lauk_civil_controlled_rate: 'lauk_civil_controlled_rates',
  lauk_criminal_controlled_rate: 'lauk_criminal_controlled_rates',
  line_item: 'line_items',
  log_entry: 'log_entries',
  matter_docket: 'court_rules/matter_dockets',
  medical_records_detail: 'medical_records_details',
  my_event: 'internal_notifications/my_events',
  outstanding_client_balance: 'outstanding_client_balances',
  report: 'reports',
  report_preset: 'report_presets',
  report_schedule: 'report_schedules',
  safe_custody_location: 'safe_custody/locations',
  safe_custody_packet: 'safe_custody/packets',
  safe_custody_record: 'safe_custody/records',
  service_type: 'court_rules/service_types',
  task_calendar: 'task_calendars',
  tax_rate_configuration: 'tax_rate_configurations',
  text_snippet: 'settings/text_snippets',
  trust_line_item: 'trust_line_items',
  utbms_code: 'utbms/codes',
  utbms_set: 'utbms/sets',
};

// Where the file contradicts its own text or what was seen live (../shared/clio/facts.md 8, numbers 15 and 16).
const REQUIRED_ON_CREATE = {
  note: ['type'], // the file also lists both parents, of which only the one named by `type` is wanted
  contact: ['type'], // a person may come with first_name and last_name instead of `name`
};

// A docket belongs to a matter, can be listed by it, and its dates go by the way of service; the file's request has neither
// (../shared/clio/facts.md 5.12). The action that sends them looks whether Clio took them.
const MISSING_ON_CREATE = {
  matter_docket: { matter: reference(true), service_type: reference(false) },
};

// Said of the whole resource, and not where its attributes are listed.
const LONGEST = { task_type: { name: 50 } };

function reference(isRequired) {
  const attributes = { id: { type: 'integer', required: true } };
  return { type: 'object', ...(isRequired ? { required: true } : {}), attributes };
}

const PAGING = new Set(['fields', 'limit', 'order', 'page_token', 'offset']);

const schemaName = (ref) => ref.replace(/^.*\//, '');
const plainName = (name) => name.replace(/_base$/, '');

function resolved(schema) {
  return schema.$ref === undefined ? schema : api.components.schemas[schemaName(schema.$ref)];
}

function typeOf(schema) {
  if (schema.type === 'string' && (schema.format === 'date' || schema.format === 'date-time'))
    return schema.format;
  if (schema.properties !== undefined || schema.$ref !== undefined) return 'object';
  return schema.type ?? 'object';
}

function fieldFacts(schema) {
  if (schema.$ref !== undefined) return { type: 'object', resource: plainName(schemaName(schema.$ref)) };
  if (schema.type === 'array') {
    const { type, ...items } = fieldFacts(schema.items ?? {});
    return { type: 'array', items: type, ...items };
  }
  return { type: typeOf(schema), ...(schema.enum === undefined ? {} : { enum: schema.enum }) };
}

function propertiesOf(name) {
  const schema = api.components.schemas[name];
  const parts = (schema.allOf ?? [schema]).map(resolved);
  return Object.assign({}, ...parts.map((part) => part.properties ?? {}));
}

function fieldsOf(name) {
  const known = api.components.schemas[name] === undefined ? `${name}_base` : name;
  return sorted(Object.entries(propertiesOf(known)).map(([key, schema]) => [key, fieldFacts(schema)]));
}

const sorted = (entries) => Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

// Clio says per association, in words, whether `null` clears it; only the answer is kept.
const takesNull = (schema) =>
  /keyword `null` to/.test(schema.properties?.id?.description ?? schema.description ?? '');

function attributeFacts(schema, required) {
  const facts = { type: typeOf(schema) };
  if (schema.enum !== undefined) facts.enum = schema.enum;
  const maxLength = schema.maxLength ?? Number(/Max (\d+) characters/.exec(schema.description ?? '')?.[1]);
  if (maxLength > 0) facts.maxLength = maxLength;
  if (required) facts.required = true;
  if (takesNull(schema)) facts.nullable = true;
  const inner = schema.type === 'array' ? (schema.items ?? {}) : schema;
  if (schema.type === 'array') {
    facts.items = typeOf(inner);
    if (inner.enum !== undefined) facts.enum = inner.enum;
  }
  if (inner.properties !== undefined) facts.attributes = attributesOf(inner);
  return facts;
}

function attributesOf(schema, required = schema.required ?? []) {
  return sorted(
    Object.entries(schema.properties).map(([name, inner]) => [
      name,
      attributeFacts(inner, required.includes(name)),
    ]),
  );
}

function writeFacts(operation, name, required, missing = {}) {
  const body = operation?.requestBody?.content['application/json'].schema.properties.data;
  if (body === undefined) return undefined;
  const facts = sorted(Object.entries({ ...attributesOf(body, required ?? body.required), ...missing }));
  for (const [attribute, maxLength] of Object.entries(LONGEST[name] ?? {}))
    facts[attribute] = { ...facts[attribute], maxLength };
  return facts;
}

function filtersOf(parameters) {
  const wanted = parameters.filter(({ name, in: place }) => place === 'query' && !PAGING.has(name));
  return sorted(
    wanted.map(({ name, schema, required }) => [
      name.replace('[]', ''),
      {
        type: typeOf(schema),
        ...(schema.enum === undefined ? {} : { enum: schema.enum }),
        ...(name.endsWith('[]') ? { array: true } : {}),
        ...(required ? { required: true } : {}),
      },
    ]),
  );
}

function resourceFacts(name, path) {
  const list = api.paths[`/${path}.json`];
  const one = api.paths[`/${path}/{id}.json`];
  const parameters = list.get.parameters;
  const parameter = (wanted) => parameters.find((candidate) => candidate.name === wanted);
  const answer = Object.values(list.get.responses['200'].content)[0].schema.$ref;
  const schema = schemaName(answer).replace(/_List$/, '');
  return {
    name,
    path,
    schema,
    fields: fieldsOf(schema),
    filters: filtersOf(parameters),
    create: writeFacts(list.post, name, REQUIRED_ON_CREATE[name], MISSING_ON_CREATE[name]),
    update: writeFacts(one?.patch, name),
    readable: one?.get !== undefined,
    deletable: one?.delete !== undefined,
    order: parameter('order')?.schema.enum,
    maxLimit: Number(/between 1 and (\d+)/.exec(parameter('limit').description)[1]),
  };
}

const resources = Object.fromEntries(
  Object.entries(RESOURCES).map(([name, path]) => [name, resourceFacts(name, path)]),
);
const nested = new Set(
  Object.values(resources).flatMap(({ fields }) =>
    Object.values(fields).flatMap(({ resource }) => (resource === undefined ? [] : [resource])),
  ),
);
const schemas = sorted([...nested].map((name) => [name, fieldsOf(name)]));
const version = /default[^.]*?(4\.0\.\d+)/i.exec(api.info.description)?.[1] ?? '4.0.13';
const text = JSON.stringify({ version, resources, schemas });
writeFileSync(target, `${text}\n`);
console.log(
  `${target}: ${Object.keys(resources).length} resources, ${nested.size} schemas, ${text.length} bytes`,
);
