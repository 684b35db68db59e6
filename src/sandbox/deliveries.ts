import { createHmac } from 'node:crypto';
import { resourceFacts } from '../clio/catalog/catalog.js';
import { isSameJson, type JsonObject } from '../lib/json.js';
import type { Faults } from './faults.js';
import { parseFields } from './field-selection.js';
import {
  asText,
  type Change,
  type Firm,
  type LedgerDelivery,
  type StoredRecord,
  type Values,
} from './firm.js';
import { HookSender } from './hook-sender.js';
import { project } from './project-record.js';
import { invalidArgument } from './refusal.js';
import type { Handshakes } from './resource-api.js';
import type { Timers } from './timers.js';

/** One try to bring a webhook to its receiver. `unreachable`: no answer; `lost`: a fault swallowed it. */
export interface DeliveryLine {
  webhookId: string;
  event: string;
  recordId: string;
  attempt: number;
  status: number | 'unreachable' | 'lost';
}

interface Delivery {
  webhook: StoredRecord;
  event: string;
  recordId: string;
  body: Buffer;
  attempt: number;
  /** What the ledger says of it. */
  told: LedgerDelivery;
}

/** More lines than any test looks at; a benchmark must not fill the memory. */
const LONGEST_LOG = 50_000;

const STATUS_EVENTS: Readonly<Record<string, string>> = {
  Open: 'matter_opened',
  Pending: 'matter_pended',
  Closed: 'matter_closed',
};

/** Clio's side of webhooks: decides who hears of a change, signs, sends, tries again and gives up. */
export class Deliveries implements Handshakes {
  readonly log: DeliveryLine[] = [];
  private readonly inFlight = new Set<Promise<unknown>>();
  private held: Delivery[] = [];
  /** Per webhook the records that it has told of. */
  private readonly told = new Map<string, Set<string>>();

  constructor(
    private readonly firm: Firm,
    private readonly faults: Faults,
    private readonly timers: Timers,
    private readonly sender: HookSender,
    private readonly retryDelaysMs: readonly number[],
  ) {
    firm.onChange((change) => this.announce(change));
  }

  /** One try, at once, as Clio does it. A webhook whose receiver does not echo the secret stays pending. */
  handshake(webhook: StoredRecord): void {
    const { url, shared_secret: secret } = webhook.values;
    const body = Buffer.from(JSON.stringify({ data: { webhook_id: Number(webhook.id) } }));
    const headers = { 'X-Hook-Secret': asText(secret) };
    void this.track(
      this.sender.post(asText(url), headers, body).then((answer) => {
        const isCurrent =
          webhook.values['shared_secret'] === secret && webhook.values['status'] === 'pending';
        if (isCurrent && answer?.status === 200 && answer.headers['x-hook-secret'] === secret) {
          this.firm.change(webhook, { status: 'enabled' }, true);
        }
      }),
    );
  }

  /** @throws Refusal 422 for another secret than the webhook's. */
  activate(webhook: StoredRecord, secret: string | undefined): void {
    if (secret === undefined || secret !== webhook.values['shared_secret']) {
      throw invalidArgument('X-Hook-Secret is not the secret of this webhook');
    }
    if (webhook.values['status'] === 'pending') this.firm.change(webhook, { status: 'enabled' }, true);
  }

  /** Resolves when nothing is being sent. Late deliveries and retries that wait for their time are not waited for. */
  async settle(): Promise<void> {
    while (this.inFlight.size > 0 || this.held.length > 0) {
      await Promise.all(this.inFlight);
      this.release();
    }
  }

  /** Sends now what waits for its time. */
  retryNow(): void {
    this.timers.fireAll();
  }

  private announce({ event, record, before, line }: Change): void {
    const { model } = record;
    for (const webhook of this.firm.list('webhook')) {
      if (webhook.values['model'] !== model || !this.isLive(webhook)) continue;
      for (const name of this.eventsFor(webhook, event, record, before))
        line.deliveries.push(this.tell(webhook, name, record));
    }
  }

  /** Expiry is silent: the webhook stays in the list and nothing is sent. */
  private isLive({ id, values }: StoredRecord): boolean {
    return (
      values['status'] === 'enabled' &&
      this.firm.find('webhook', id) !== undefined &&
      Date.parse(values['expires_at'] as string) > this.firm.now().getTime()
    );
  }

  private eventsFor(
    webhook: StoredRecord,
    event: Change['event'],
    record: StoredRecord,
    before: Values,
  ): string[] {
    const subscribed = (webhook.values['events'] ?? []) as string[];
    const events: string[] = [];
    if (subscribed.includes(event) && (event !== 'updated' || this.isWatched(webhook, record, before))) {
      events.push(event);
    }
    const status = STATUS_EVENTS[asText(record.values['status'])];
    const moved = event === 'updated' && before['status'] !== record.values['status'];
    if (record.model === 'matter' && moved && status !== undefined && subscribed.includes(status)) {
      events.push(status);
    }
    return events;
  }

  /** A change of a field named in `fields`, or anything at all on a record that this webhook never told of. */
  private isWatched(webhook: StoredRecord, record: StoredRecord, before: Values): boolean {
    if (this.told.get(webhook.id)?.has(record.id) !== true) return true;
    return !isSameJson(
      this.payload(webhook, record.model, before),
      this.payload(webhook, record.model, record.values),
    );
  }

  private payload(webhook: StoredRecord, model: string, values: Values): JsonObject {
    const { fields } = resourceFacts(model);
    return project(this.firm, model, values, parseFields(webhook.values['fields'] as string, fields));
  }

  private tell(webhook: StoredRecord, event: string, record: StoredRecord): LedgerDelivery {
    const told = this.told.get(webhook.id) ?? new Set<string>();
    this.told.set(webhook.id, told.add(record.id));
    const { id = null, etag = null } = record.values;
    const data = event === 'deleted' ? { id, etag } : this.payload(webhook, record.model, record.values);
    const meta = { event, webhook_id: Number(webhook.id) };
    const body = Buffer.from(JSON.stringify({ data, meta }));
    const delivery: LedgerDelivery = {
      webhookId: webhook.id,
      event,
      fault: null,
      arrived: 0,
      arrivedAt: null,
    };
    this.dispatch({ webhook, event, recordId: record.id, body, attempt: 1, told: delivery });
    return delivery;
  }

  private dispatch(delivery: Delivery): void {
    const fault = this.faults.takeForDelivery();
    delivery.told.fault = fault?.kind ?? null;
    switch (fault?.kind) {
      case 'lost':
        return this.note(delivery, 'lost');
      case 'late':
        return this.timers.after(fault.delayMs, () => void this.send(delivery));
      case 'reorder':
        this.held.push(delivery);
        return;
      case 'duplicate':
        void this.send(delivery);
        break;
      case undefined:
        break;
    }
    const sent = this.send(delivery);
    if (this.held.length > 0) void sent.then(() => this.release());
  }

  private release(): void {
    for (const delivery of this.held.splice(0)) void this.send(delivery);
  }

  private send(delivery: Delivery): Promise<unknown> {
    return this.track(this.attempt(delivery));
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { webhook, body } = delivery;
    if (!this.isLive(webhook)) return;
    const { url, shared_secret: secret } = webhook.values;
    const signature = createHmac('sha256', secret as string)
      .update(body)
      .digest('hex');
    const answer = await this.sender.post(url as string, { 'X-Hook-Signature': signature }, body);
    this.note(delivery, answer?.status ?? 'unreachable');
    const isTaken = answer !== undefined && answer.status >= 200 && answer.status < 400;
    if (isTaken) this.took(delivery.told);
    else if (answer?.status === 410) this.suspend(webhook);
    else this.retryLater(delivery);
  }

  private took(told: LedgerDelivery): void {
    told.arrived += 1;
    told.arrivedAt ??= this.firm.timestamp();
  }

  /** After the last try Clio suspends the webhook; how many tries that takes is not published. */
  private retryLater(delivery: Delivery): void {
    const delayMs = this.retryDelaysMs[delivery.attempt - 1];
    if (delayMs === undefined) return this.suspend(delivery.webhook);
    const next = { ...delivery, attempt: delivery.attempt + 1 };
    this.timers.after(delayMs, () => void this.send(next));
  }

  private suspend(webhook: StoredRecord): void {
    this.firm.change(webhook, { status: 'suspended' }, true);
  }

  private note({ webhook, event, recordId, attempt }: Delivery, status: DeliveryLine['status']): void {
    this.log.push({ webhookId: webhook.id, event, recordId, attempt, status });
    if (this.log.length > LONGEST_LOG) this.log.shift();
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.inFlight.add(work);
    void work.finally(() => this.inFlight.delete(work));
    return work;
  }
}
