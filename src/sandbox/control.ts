import { catalog, resourceFacts } from '../clio/catalog/catalog.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { checkAttributes, type Attributes, type Data } from './check-attributes.js';
import type { Deliveries, DeliveryLine } from './deliveries.js';
import type { Door } from './door.js';
import type { Fault, Faults } from './faults.js';
import { finishRecord, makeTasksOf } from './finish-record.js';
import { asText, type Firm, type LedgerLine, type StoredRecord, type Value, type Values } from './firm.js';
import type { HookSender } from './hook-sender.js';
import type { Permissions } from './permissions.js';
import { projectAll } from './project-record.js';
import { removeRecord } from './resource-api.js';
import type { Tokens } from './tokens.js';
import type { Traffic, CallLine, Warning } from './traffic.js';
import type { Uploads } from './uploads.js';
import { stored, writeAttributes, type Writer } from './write-attributes.js';

/** What the control works on: all of one sandbox. */
export interface SandboxParts {
  firm: Firm;
  tokens: Tokens;
  traffic: Traffic;
  faults: Faults;
  door: Door;
  deliveries: Deliveries;
  sender: HookSender;
  permissions: Permissions;
  uploads: Uploads;
  /** The id of the user who authorises. */
  user: string;
  origin: () => string;
}

/** A person at the firm, and the hand that switches faults on. The same operations are under `/control` over HTTP. */
export class SandboxControl {
  /** The person who presses the button says no at the next authorisations. */
  declines = false;

  constructor(private readonly parts: SandboxParts) {}

  /** A fresh access token of a user, by id; of the one who authorises unless given. */
  token(user = this.parts.user): string {
    const { tokens } = this.parts;
    return tokens.issue(tokens.grant(user));
  }

  /**
   * Makes a record as a person at the firm would, bills and payments included, and fires its webhooks. Takes write
   * attributes (`status: 'open'`) and read fields (`total: 100`); associations as `{id}`.
   * @throws RequestError for an attribute or value that Clio would not take.
   */
  create(model: string, attributes: Data): JsonObject {
    const { firm } = this.parts;
    const facts = resourceFacts(model);
    const complete = { ...this.unsaid(model), ...attributes };
    const changes = this.changes(model, complete, facts.create ?? facts.update ?? {}, {});
    const uploaded = model === 'document' ? { fully_uploaded: true } : {};
    const values = finishRecord(this.writer(), model, { ...changes, ...uploaded }, undefined);
    const record = firm.insert(model, values);
    if (model === 'matter') makeTasksOf(this.writer(), record, attributes);
    return projectAll(firm, record);
  }

  /** @throws RequestError for an unknown record, and as `create`. */
  update(model: string, id: string | number, attributes: Data): JsonObject {
    const { firm } = this.parts;
    const record = this.found(model, id);
    const facts = resourceFacts(model);
    const changes = this.changes(model, attributes, facts.update ?? facts.create ?? {}, record.values);
    firm.change(record, finishRecord(this.writer(), model, changes, record.values));
    if (model === 'matter') makeTasksOf(this.writer(), record, attributes);
    return projectAll(firm, record);
  }

  /** @throws RequestError for an unknown record. */
  remove(model: string, id: string | number): void {
    removeRecord(this.parts.firm, this.found(model, id));
  }

  /** All records of a model with every field, associations one level deep. */
  records(model: string): JsonObject[] {
    resourceFacts(model);
    return this.parts.firm.list(model).map((record) => projectAll(this.parts.firm, record));
  }

  record(model: string, id: string | number): JsonObject | undefined {
    const record = this.parts.firm.find(model, String(id));
    return record === undefined ? undefined : projectAll(this.parts.firm, record);
  }

  /** The text that was uploaded for a document; undefined while none was. */
  uploaded(documentId: string | number): string | undefined {
    return this.parts.uploads.textOf(String(documentId));
  }

  calls(): CallLine[] {
    return [...this.parts.traffic.calls];
  }

  /** What was changed at the firm since the sandbox started, webhooks of ours apart, and what became of telling it. */
  ledger(): LedgerLine[] {
    return this.parts.firm.ledger.filter(({ model }) => model !== 'webhook');
  }

  clearCalls(): void {
    this.parts.traffic.clear();
  }

  /** What the API calls so far asked for and Clio would have ignored without a word. */
  warnings(): Warning[] {
    return [...this.parts.traffic.warnings];
  }

  fault(fault: Fault): void {
    if (fault.on === 'connection') this.parts.door.shut(fault.delayMs);
    else this.parts.faults.add(fault);
  }

  async clearFaults(): Promise<void> {
    this.parts.faults.clear();
    await this.parts.door.open();
  }

  /** Takes the permission for these models away from the app, and gives all others back. `webhook` is one of them. */
  forbid(...models: string[]): void {
    this.parts.permissions.forbid(models.map(readModel));
  }

  /** Access tokens stop working; refresh tokens still do. */
  expireTokens(): void {
    this.parts.tokens.expireAll();
  }

  /** The user takes the authorisation back: neither token works any more. */
  revokeTokens(): void {
    this.parts.tokens.revokeAll();
  }

  /**
   * Sends a delivery that Clio did not make, to a subscription's address or to that of a webhook's id. Resolves with the
   * answer's status, 0 when none came. Without `signature` there is no such header.
   * @throws RequestError for a target that is neither.
   */
  async forge(target: string | number, body: unknown, signature?: string): Promise<number> {
    const { firm, sender } = this.parts;
    const webhook = firm.find('webhook', String(target));
    const url = webhook === undefined ? String(target) : asText(webhook.values['url']);
    if (!URL.canParse(url)) {
      throw new RequestError('request.not_found', `"${url}" is neither a URL nor the id of a webhook.`);
    }
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answer = await sender.post(
      url,
      signature === undefined ? {} : { 'X-Hook-Signature': signature },
      bytes,
    );
    return answer?.status ?? 0;
  }

  deliveries(): DeliveryLine[] {
    return [...this.parts.deliveries.log];
  }

  /** Resolves when no delivery is on its way; retries and late deliveries that wait for their time do not count. */
  settle(): Promise<void> {
    return this.parts.deliveries.settle();
  }

  /** Makes waiting retries and late deliveries now. */
  retryNow(): void {
    this.parts.deliveries.retryNow();
  }

  private writer(): Writer {
    const { firm, user, origin } = this.parts;
    return { firm, user, origin: origin() };
  }

  /** A matter needs a client and a task somebody to do it; who says nothing means the seeded ones. */
  private unsaid(model: string): Data {
    if (model === 'matter') return { client: { id: 1 } };
    if (model === 'task') return { assignee: { id: Number(this.parts.user), type: 'User' } };
    return model === 'contact' ? { type: 'Person' } : {};
  }

  private changes(model: string, attributes: Data, writable: Attributes, current: Values): Values {
    const written: Record<string, unknown> = {};
    const direct: Record<string, Value> = {};
    const { fields } = resourceFacts(model);
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = writable[name];
      const field = fields[name];
      if (attribute !== undefined) written[name] = inWriteCase(value, attribute.enum);
      else if (field !== undefined)
        direct[name] = stored(this.parts.firm, field, name, value as Value, current[name]);
      else throw unknown(model, name, [...Object.keys(writable), ...Object.keys(fields)]);
    }
    const optional = Object.fromEntries(
      Object.entries(writable).map(([name, { required: _, ...facts }]) => [name, facts]),
    );
    const checked = checkAttributes(written, optional, (name) => {
      throw unknown(model, name, Object.keys(writable));
    });
    return { ...writeAttributes(this.writer(), model, checked, current), ...direct };
  }

  private found(model: string, id: string | number): StoredRecord {
    resourceFacts(model);
    const record = this.parts.firm.find(model, String(id));
    if (record === undefined) {
      throw new RequestError(
        'request.not_found',
        `The sandbox has no ${model} ${id}; list them with records('${model}').`,
      );
    }
    return record;
  }
}

/** A person may say `Open` where the API wants `open`. */
function inWriteCase(value: unknown, known: readonly string[] | undefined): unknown {
  if (typeof value !== 'string') return value;
  return known?.find((candidate) => candidate.toLowerCase() === value.toLowerCase()) ?? value;
}

function unknown(model: string, name: string, known: readonly string[]): RequestError {
  return new RequestError('request.invalid', `A ${model} has no "${name}".${didYouMean(name, known)}`);
}

/** @throws RequestError */
export function readModel(name: string): string {
  if (Object.hasOwn(catalog.resources, name)) return name;
  const hint = didYouMean(name, Object.keys(catalog.resources));
  throw new RequestError('request.not_found', `The sandbox has no model "${name}".${hint}`);
}
