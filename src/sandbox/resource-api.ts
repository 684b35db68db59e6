import { catalog, resourceFacts, type ResourceFacts } from '../clio/catalog/catalog.js';
import { isObject } from '../lib/json.js';
import { header, type Answer, type ApiRequest } from './answer.js';
import { checkAttributes, type Data } from './check-attributes.js';
import { defaultSelection, parseFields, type Selection } from './field-selection.js';
import { removeDatesOf, type CourtRules } from './court-rules.js';
import { filterRecords } from './filter-records.js';
import { finishRecord, makeTasksOf } from './finish-record.js';
import { Reference, asText, type Firm, type StoredRecord, type Value, type Values } from './firm.js';
import { entriesOf } from './inline-list.js';
import { pageOf } from './list-records.js';
import { project } from './project-record.js';
import type { Permissions } from './permissions.js';
import { invalidArgument, notFound, preconditionFailed, Refusal } from './refusal.js';
import { webhookValues, withModelName } from './webhook-values.js';
import { writeAttributes, type Writer } from './write-attributes.js';

/** What Clio would silently ignore in a call. */
export type Warn = (ignored: 'attribute' | 'filter', name: string) => void;

/** Told of webhooks that have to shake hands. */
export interface Handshakes {
  handshake(webhook: StoredRecord): void;
  activate(webhook: StoredRecord, secret: string | undefined): void;
}

const BY_PATH = new Map(Object.values(catalog.resources).map((facts) => [facts.path, facts]));

/** Parameters of a list that are no filters. */
const PAGING = ['fields', 'limit', 'page_token', 'order', 'offset'];

/** Clio's REST API over one firm. */
export class ResourceApi {
  constructor(
    private readonly firm: Firm,
    private readonly origin: () => string,
    private readonly handshakes: Handshakes,
    private readonly permissions: Permissions,
    private readonly courtRules: CourtRules,
  ) {}

  /** @throws Refusal for everything that Clio refuses. */
  handle(request: ApiRequest, warn: Warn): Answer {
    const { method, path } = request;
    if (path === 'users/who_am_i' && method === 'GET') return this.show(request, userFacts, request.user);
    if (path.startsWith('court_rules/')) {
      this.permissions.check('matter_docket');
      const answer = this.courtRules.answer(request);
      if (answer !== undefined) return answer;
    }
    const whole = BY_PATH.get(path);
    if (whole !== undefined) {
      this.permissions.check(whole.name);
      if (method === 'GET') return this.list(request, whole, warn);
      if (method === 'POST' && whole.create !== undefined) return this.create(request, whole, warn);
      throw notFound();
    }
    const [, parent = '', id = '', rest] = /^(.+?)\/(\d+)(?:\/([a-z]+))?$/.exec(path) ?? [];
    const facts = BY_PATH.get(parent);
    if (facts === undefined) throw notFound();
    this.permissions.check(facts.name);
    if (rest === 'activate' && parent === 'webhooks' && method === 'PUT') return this.activate(request, id);
    if (rest !== undefined) throw notFound();
    if (method === 'GET' && facts.readable) return this.show(request, facts, id);
    if (method === 'PATCH' && facts.update !== undefined) return this.update(request, facts, id, warn);
    if (method === 'DELETE' && facts.deletable) return this.remove(facts, id);
    throw notFound();
  }

  private list(request: ApiRequest, facts: ResourceFacts, warn: Warn): Answer {
    const { query } = request;
    const selection = selected(request, facts);
    const ignored = (name: string) => warn('filter', name);
    if (query['order'] !== undefined && facts.order === undefined) ignored('order');
    const filters = Object.fromEntries(Object.entries(query).filter(([name]) => !PAGING.includes(name)));
    const found = filterRecords(this.firm, facts, filters, ignored);
    const { records, next } = pageOf(this.firm, facts, query, found);
    const paging = next === undefined ? {} : { next: this.nextUrl(request.url, next) };
    const data = records.map(({ values }) =>
      project(this.firm, facts.name, withChosenFields(values, query), selection),
    );
    return { status: 200, body: { data, meta: { paging } } };
  }

  private nextUrl(asked: string, next: Readonly<Record<string, string>>): string {
    const url = new URL(asked, this.origin());
    for (const [name, value] of Object.entries(next)) url.searchParams.set(name, value);
    return url.href;
  }

  private show(request: ApiRequest, facts: ResourceFacts, id: string): Answer {
    const selection = selected(request, facts);
    const record = this.found(facts, id);
    const { etag, updated_at: at } = record.values;
    const since = header(request, 'if-modified-since');
    const unmodified = since !== undefined && Date.parse(at as string) <= Date.parse(since);
    if (header(request, 'if-none-match') === etag || unmodified)
      return { status: 304, headers: { ETag: asText(etag) } };
    return this.single(200, facts, record, selection, request);
  }

  private single(
    status: number,
    facts: ResourceFacts,
    { values }: StoredRecord,
    selection: Selection,
    { query }: ApiRequest,
  ): Answer {
    const headers: Record<string, string> = {
      'Last-Modified': new Date(values['updated_at'] as string).toUTCString(),
    };
    if (facts.fields['etag'] !== undefined) headers['ETag'] = values['etag'] as string;
    const data = project(this.firm, facts.name, withChosenFields(values, query), selection);
    return { status, body: { data }, headers };
  }

  private create(request: ApiRequest, facts: ResourceFacts, warn: Warn): Answer {
    const selection = selected(request, facts);
    const data = attributesOf(request, facts.create ?? {}, warn);
    const record = this.insert(this.writer(request), facts.name, data);
    if (facts.name === 'webhook') this.handshakes.handshake(record);
    return this.single(201, facts, record, selection, request);
  }

  private insert(writer: Writer, model: string, data: Data): StoredRecord {
    if (model === 'webhook') {
      this.permissions.check(asText(data['model'] as Value));
      return this.firm.insert(model, webhookValues(this.firm, writer.user, data, undefined));
    }
    const changes = writeAttributes(writer, model, data, {});
    const record = this.firm.insert(model, finishRecord(writer, model, changes, undefined));
    if (model === 'matter') makeTasksOf(writer, record, data);
    return record;
  }

  private update(request: ApiRequest, facts: ResourceFacts, id: string, warn: Warn): Answer {
    const selection = selected(request, facts);
    const record = this.found(facts, id);
    const expected = header(request, 'if-match');
    if (expected !== undefined && expected !== record.values['etag']) {
      throw preconditionFailed();
    }
    const data = attributesOf(request, facts.update ?? {}, warn);
    const { shared_secret: secret } = record.values;
    this.change(this.writer(request), record, data);
    if (record.values['shared_secret'] !== secret) this.handshakes.handshake(record);
    return this.single(200, facts, record, selection, request);
  }

  private change(writer: Writer, record: StoredRecord, data: Data): void {
    const { model, values } = record;
    if (model === 'webhook') {
      this.firm.change(record, webhookValues(this.firm, writer.user, data, values));
      return;
    }
    const changes = writeAttributes(writer, model, data, values);
    this.firm.change(record, finishRecord(writer, model, changes, values));
    if (model === 'matter') makeTasksOf(writer, record, data);
  }

  private remove(facts: ResourceFacts, id: string): Answer {
    removeRecord(this.firm, this.found(facts, id));
    return { status: 204 };
  }

  private activate(request: ApiRequest, id: string): Answer {
    const facts = resourceFacts('webhook');
    const webhook = this.found(facts, id);
    this.handshakes.activate(webhook, header(request, 'x-hook-secret'));
    return this.single(200, facts, webhook, selected(request, facts), request);
  }

  private found(facts: ResourceFacts, id: string): StoredRecord {
    const record = this.firm.find(facts.name, id);
    const deleted = (record?.values['deleted_at'] ?? null) !== null && facts.name !== 'task_type';
    if (record === undefined || (deleted && facts.fields['deleted_at'] === undefined)) throw notFound();
    return record;
  }

  private writer({ user }: ApiRequest): Writer {
    return { firm: this.firm, user, origin: this.origin() };
  }
}

const userFacts = resourceFacts('user');

/**
 * Removes a record the way Clio does: bills change their state, documents and folders go to the trash, custom fields stay
 * for the records that have had them.
 * @throws Refusal 409 for a client who still owes, 422 for a bill that is paid, 400 for what cannot be trashed.
 */
export function removeRecord(firm: Firm, record: StoredRecord): void {
  const { model, id, values } = record;
  if (model === 'bill') {
    const state = values['state'];
    if (state === 'paid' || state === 'void' || state === 'deleted') {
      throw invalidArgument(`a bill that is ${state} cannot be deleted`);
    }
    firm.change(record, { state: state === 'awaiting_payment' ? 'void' : 'deleted' });
    return;
  }
  const owes = (bill: Values) =>
    bill['state'] === 'awaiting_payment' && bill['client'] instanceof Reference && bill['client'].id === id;
  if (model === 'contact' && firm.list('bill').some((bill) => owes(bill.values))) {
    throw new Refusal(409, 'ConflictError', 'The contact has open bills');
  }
  if (model === 'matter_docket') removeDatesOf(firm, record);
  const isTrashable = model === 'document' || model === 'folder';
  if (isTrashable) checkTrashable(firm, record);
  const trash = isTrashable ? { deleted_at: firm.timestamp() } : undefined;
  firm.remove(record, model === 'custom_field' ? { deleted: true } : trash);
}

/** @throws Refusal 400 in the fixed words of Clio's reference. */
function checkTrashable(firm: Firm, record: StoredRecord): void {
  if (record.values['root'] === true) throw deleteFailed('The root folder cannot be trashed');
  if (holdsLocked(firm, record)) throw deleteFailed('This item contains locked items and cannot be deleted.');
}

const deleteFailed = (why: string) => new Refusal(400, 'DeleteFailed', `Delete failed: ${why}`);

/** Whether it, or anything below it, is locked. */
function holdsLocked(firm: Firm, { model, id, values }: StoredRecord): boolean {
  if (values['locked'] === true) return true;
  if (model !== 'folder') return false;
  const isInside = ({ values: { parent } }: StoredRecord) =>
    parent instanceof Reference && parent.model === 'folder' && parent.id === id;
  return [...firm.list('folder'), ...firm.list('document')].some(
    (item) => isInside(item) && holdsLocked(firm, item),
  );
}

function selected({ query }: ApiRequest, facts: ResourceFacts): Selection {
  const fields = query['fields'];
  if (fields === undefined || fields === '') return defaultSelection(facts.fields);
  return parseFields(typeof fields === 'string' ? fields : fields.join(','), facts.fields);
}

/** `custom_field_ids[]` leaves out the values of other custom fields. */
function withChosenFields(values: Values, query: ApiRequest['query']): Values {
  const asked = query['custom_field_ids[]'];
  if (asked === undefined) return values;
  const wanted: readonly string[] = typeof asked === 'string' ? [asked] : asked;
  const kept = entriesOf(values['custom_field_values']).filter(
    ({ custom_field: field }) => field instanceof Reference && wanted.includes(field.id),
  );
  return { ...values, custom_field_values: kept };
}

function attributesOf(request: ApiRequest, facts: NonNullable<ResourceFacts['create']>, warn: Warn): Data {
  const data = dataOf(request.body);
  const named = request.path.startsWith('webhooks') ? withModelName(data) : data;
  return checkAttributes(named, facts, (name) => warn('attribute', name));
}

function dataOf(body: string): Data {
  const data = readJson(body);
  if (isObject(data) && isObject(data['data'])) return data['data'];
  throw new Refusal(400, 'ArgumentError', 'The request body must be {"data": {...}}');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'ArgumentError', 'The request body is not JSON');
  }
}
