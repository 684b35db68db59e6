import { catalog, type ResourceFacts } from '../clio/catalog/catalog.js';
import { parseFields } from '../clio/field-list.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fitAttributes, fitScalar, scalarProblem, type Findings } from './check-attributes.js';

/** A request to Clio as a rule writes it. At lint time any part may be missing or computed. */
export type LooseRequest = Readonly<Record<string, unknown>>;

/** What of a request goes to Clio, in Clio's types. */
export interface FittedRequest {
  attributes: Record<string, unknown>;
  filters: Record<string, string | number | boolean | (string | number)[]>;
}

/** Our own subscriptions are no rule's business. */
const WITHHELD = 'webhook';

/** The resource's facts; undefined for one that rules cannot ask for. */
export function requestable(name: unknown): ResourceFacts | undefined {
  if (typeof name !== 'string' || name === WITHHELD) return undefined;
  return Object.hasOwn(catalog.resources, name) ? catalog.resources[name] : undefined;
}

/** Checks a request against Clio's catalog; everything that Clio would refuse or ignore goes to `findings.problems`. */
export function checkRequest(request: LooseRequest, findings: Findings): FittedRequest {
  const nothing = { attributes: {}, filters: {} };
  const { method, resource } = request;
  if (findings.isComputed(resource) || findings.isComputed(method)) {
    const path = [findings.isComputed(resource) ? 'resource' : 'method'];
    findings.problems.push({ path, message: 'Write it out; it is checked before the rule runs.' });
    return nothing;
  }
  const facts = requestable(resource);
  if (facts === undefined) {
    const names = Object.keys(catalog.resources).filter((name) => name !== WITHHELD);
    const hint = didYouMean(String(resource), names);
    const message = `Clio has no "${String(resource)}" that rules can ask for.${hint} It has: ${names.join(', ')}.`;
    findings.problems.push({ path: ['resource'], message });
    return nothing;
  }
  checkMethod(request, facts, findings);
  checkFields(request.fields, facts, findings);
  const known = method === 'POST' ? facts.create : method === 'PATCH' ? facts.update : undefined;
  return {
    attributes: known === undefined ? {} : attributesOf(request, known, findings),
    filters: method === 'GET' && request.id === undefined ? filtersOf(request, facts, findings) : {},
  };
}

function checkMethod(request: LooseRequest, facts: ResourceFacts, { problems }: Findings): void {
  const { method, id } = request;
  const say = (name: string, message: string) => problems.push({ path: [name], message });
  const label = facts.name.replaceAll('_', ' ');
  if (method === 'POST' && facts.create === undefined) say('method', `Clio's API makes no ${label}.`);
  if (method === 'PATCH' && facts.update === undefined) say('method', `Clio's API changes no ${label}.`);
  if (method === 'DELETE' && !facts.deletable) say('method', `Clio's API deletes no ${label}.`);
  if (method === 'GET' && id !== undefined && !facts.readable)
    say('id', `Clio's API reads no single ${label}; leave "id" out and use "filters".`);
  if ((method === 'PATCH' || method === 'DELETE') && id === undefined) say('id', `${method} needs an "id".`);
  if (method === 'PATCH' && isEmpty(request.attributes)) say('attributes', 'PATCH needs "attributes".');
  const useless = [
    ['id', method === 'POST'],
    ['attributes', method !== 'POST' && method !== 'PATCH'],
    ['filters', method !== 'GET' || id !== undefined],
    ['limit', method !== 'GET' || id !== undefined],
    ['if_match', method !== 'PATCH'],
  ] as const;
  for (const [name, isUseless] of useless)
    if (isUseless && request[name] !== undefined)
      say(name, `"${name}" means nothing for ${String(method)}${id === undefined ? '' : ' with an id'}.`);
}

const isEmpty = (given: unknown) =>
  given === undefined || (isObject(given) && Object.keys(given).length === 0);

function attributesOf(
  request: LooseRequest,
  known: NonNullable<ResourceFacts['create']>,
  findings: Findings,
): Record<string, unknown> {
  const given = isObject(request.attributes) ? request.attributes : {};
  return fitAttributes(given, known, ['attributes'], findings);
}

/** `custom_field_values[12]`: of one custom field. */
const OF_CUSTOM_FIELD = /^(custom_field_values)\[\d+\]$/;

function filtersOf(
  request: LooseRequest,
  facts: ResourceFacts,
  findings: Findings,
): FittedRequest['filters'] {
  const fitted: FittedRequest['filters'] = {};
  const given = isObject(request.filters) ? request.filters : {};
  const say = (name: string, message: string) => findings.problems.push({ path: ['filters', name], message });
  for (const [name, value] of Object.entries(given)) {
    const key = OF_CUSTOM_FIELD.exec(name)?.[1] ?? name;
    const known = Object.hasOwn(facts.filters, key) ? facts.filters[key] : undefined;
    if (known === undefined) {
      const hint = didYouMean(name, Object.keys(facts.filters));
      say(name, `Clio has no filter "${name}" of ${facts.path} and would ignore it.${hint}`);
      continue;
    }
    if (findings.isComputed(value)) continue;
    if (Array.isArray(value) && known.array !== true) say(name, 'Clio takes one value here, not a list.');
    const values = [value].flat().filter((one) => !findings.isComputed(one));
    const fittedValues = values.map((one) => fitScalar(one, known.type));
    const messages = fittedValues.map((one) => scalarProblem(one, known.type, known.enum));
    for (const message of messages) if (message !== undefined) say(name, message);
    fitted[name] = (
      known.array === true ? fittedValues : fittedValues[0]
    ) as FittedRequest['filters'][string];
  }
  for (const [name, { required }] of Object.entries(facts.filters))
    if (required && given[name] === undefined)
      findings.problems.push({
        path: ['filters'],
        message: `Clio needs the filter "${name}" of ${facts.path}.`,
      });
  return fitted;
}

/** Every name in `id,matter{id,description}`; Clio refuses the request for one that it does not know. */
function checkFields(fields: unknown, facts: ResourceFacts, findings: Findings): void {
  if (typeof fields !== 'string' || findings.isComputed(fields)) return;
  const say = (message: string) => findings.problems.push({ path: ['fields'], message });
  for (const [name, nested] of parseFields(fields)) {
    const field = Object.hasOwn(facts.fields, name) ? facts.fields[name] : undefined;
    const inner = catalog.schemas[field?.resource ?? ''] ?? {};
    if (field === undefined)
      say(`Clio has no field "${name}" of ${facts.name}.${didYouMean(name, Object.keys(facts.fields))}`);
    else
      for (const below of nested.filter((candidate) => !Object.hasOwn(inner, candidate)))
        say(`Clio has no field "${name}.${below}" of ${facts.name}.${didYouMean(below, Object.keys(inner))}`);
  }
}
