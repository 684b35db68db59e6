import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectionsPage } from '../../src/admin/connection-views.js';
import { gapReport } from '../../src/admin/gap-views.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
import type { LedgerLine } from '../../src/sandbox/firm.js';
import { Decision } from '../../src/store/decision.entity.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';
import { seededRandom } from '../support/seeded-random.js';

const MINUTE = 60_000;
/** A delivery that is held back so long comes before the next sweep. */
const SHORT = 10 * MINUTE;
/** One that is held back so long comes when the test lets it. */
const LONG = 600 * MINUTE;

type Make = (n: number) => Record<string, unknown>;

/** How somebody at the firm makes a record of each model, and changes one. Models without an entry here do not exist. */
const MODELS: Record<string, { make: Make; change: Make; goes?: false; isPolled?: true }> = {
  activity: {
    make: (n) => ({ type: n % 2 === 0 ? 'TimeEntry' : 'ExpenseEntry', note: `a${n}`, date: '2026-11-24' }),
    change: (n) => ({ note: `b${n}` }),
  },
  bill: { make: (n) => ({ subject: `a${n}` }), change: (n) => ({ subject: `b${n}` }), goes: false },
  calendar_entry: {
    make: (n) => ({
      summary: `a${n}`,
      start_at: '2026-12-01T09:00:00Z',
      end_at: '2026-12-01T10:00:00Z',
      calendar_owner: { id: 1 },
    }),
    change: (n) => ({ summary: `b${n}` }),
  },
  clio_payments_payment: {
    make: (n) => ({ description: `a${n}` }),
    change: (n) => ({ description: `b${n}` }),
    goes: false,
  },
  communication: {
    make: (n) => ({ type: 'PhoneCommunication', subject: `a${n}`, received_at: '2026-11-24T09:00:00Z' }),
    change: (n) => ({ subject: `b${n}` }),
  },
  contact: { make: (n) => ({ last_name: `a${n}` }), change: (n) => ({ last_name: `b${n}` }) },
  document: {
    make: (n) => ({ name: `a${n}`, parent: { id: 1, type: 'Contact' } }),
    change: (n) => ({ name: `b${n}` }),
  },
  folder: {
    make: (n) => ({ name: `a${n}`, parent: { id: 1, type: 'Contact' } }),
    change: (n) => ({ name: `b${n}` }),
  },
  matter: { make: (n) => ({ description: `a${n}` }), change: (n) => ({ description: `b${n}` }) },
  task: {
    make: (n) => ({ name: `a${n}`, description: 'd' }),
    change: (n) => ({ name: `b${n}` }),
  },
  custom_field: {
    make: (n) => ({ name: `a${n}`, field_type: 'text_line', parent_type: 'Matter' }),
    change: (n) => ({ name: `b${n}` }),
    isPolled: true,
  },
  matter_stage: {
    make: (n) => ({ name: `a${n}`, order: n, practice_area_id: 1 }),
    change: (n) => ({ name: `b${n}` }),
    goes: false,
    isPolled: true,
  },
  note: {
    make: (n) => ({ type: 'Contact', contact: { id: 1 }, subject: `a${n}`, detail: 'd' }),
    change: (n) => ({ subject: `b${n}` }),
    isPolled: true,
  },
  practice_area: { make: (n) => ({ name: `a${n}` }), change: (n) => ({ name: `b${n}` }), isPolled: true },
  relationship: {
    make: (n) => ({ description: `a${n}`, contact: { id: 1 }, matter: { id: 1 } }),
    change: (n) => ({ description: `b${n}` }),
    isPolled: true,
  },
  task_template_list: {
    make: (n) => ({ name: `a${n}` }),
    change: (n) => ({ name: `b${n}` }),
    isPolled: true,
  },
  user: { make: (n) => ({ name: `a${n}` }), change: (n) => ({ name: `b${n}` }), goes: false, isPolled: true },
};

/** One rule that only watches, and hears of everything. */
const EVERYTHING = `
version: 1
id: everything
name: Everything that happens
mode: shadow
idempotency_key: '{{event.id}}'
triggers:
${Object.entries(MODELS)
  .flatMap(([model, { goes }]) =>
    ['created', 'updated', ...(goes === false || model === 'clio_payments_payment' ? [] : ['deleted'])].map(
      (event) => `  - event: ${model}.${event}`,
    ),
  )
  .join('\n')}
actions: [{ action: log.write, with: { text: seen } }]
`;

describe.each(databases)('every change at Clio, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  const random = seededRandom(20_261_124);
  const names = Object.keys(MODELS);
  let made = 0;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'everything.yaml': EVERYTHING });
    await firm.play((control) => control.create('matter', {}));
    await firm.sweep();
  });

  afterAll(async () => {
    await firm.close();
    await remove();
  });

  /** 30 % lost, 20 % twice, 20 % late or out of order. Some of the late ones come before the sweep, some after it. */
  function strike(control: SandboxControl): void {
    const fate = random();
    const on = 'delivery' as const;
    if (fate < 0.3) control.fault({ on, kind: 'lost' });
    else if (fate < 0.5) control.fault({ on, kind: 'duplicate' });
    else if (fate < 0.6) control.fault({ on, kind: 'reorder' });
    else if (fate < 0.65) control.fault({ on, kind: 'late', delayMs: SHORT });
    else if (fate < 0.7) control.fault({ on, kind: 'late', delayMs: LONG });
  }

  function change(control: SandboxControl, touched: Set<string>): void {
    const model = names[Math.floor(random() * names.length)] ?? '';
    const { make, change: changed, goes, isPolled } = MODELS[model]!;
    // A record is touched once between two sweeps: what nobody was told of and nobody looked at cannot be seen.
    const free = [...(stock.get(model) ?? [])].filter((id) => !touched.has(`${model} ${id}`));
    const id = free[Math.floor(random() * free.length)];
    const what = id === undefined ? 0 : random();
    if (isPolled !== true) strike(control);
    if (id === undefined || what < 0.4) {
      const record = control.create(model, make(++made));
      keep(model, `${record['id'] as string | number}`, touched);
    } else if (what < 0.8 || goes === false) {
      control.update(model, id, changed(++made));
      touched.add(`${model} ${id}`);
    } else {
      control.remove(model, id);
      stock.get(model)?.delete(id);
    }
  }

  const stock = new Map<string, Set<string>>();
  function keep(model: string, id: string, touched: Set<string>): void {
    stock.set(model, (stock.get(model) ?? new Set()).add(id));
    touched.add(`${model} ${id}`);
  }

  const ROUNDS = 8;
  const CHANGES = 2_000;

  it('is seen exactly once, though webhooks lose, repeat, delay and reorder', async () => {
    const before = firm.control.ledger().length;
    for (let round = 0; round < ROUNDS; round++) {
      const start = firm.clock.now().getTime();
      const touched = new Set<string>();
      for (let n = 0; n < CHANGES / ROUNDS; n++) change(firm.control, touched);
      await arrive();
      await firm.clock.advance(start + SHORT - firm.clock.now().getTime());
      await arrive();
      await firm.clock.advance(20 * MINUTE);
      await firm.sweep();
      expect(await seen()).toEqual(happened());
      // What is so late that the sweep had told of it.
      firm.control.retryNow();
      await arrive();
    }
    await firm.clock.advance(21 * MINUTE);
    await firm.sweep();
    const ledger = firm.control.ledger();
    expect(ledger.length - before).toBeGreaterThanOrEqual(CHANGES);
    expect(await seen()).toEqual(happened());
    expect(firm.control.warnings()).toEqual([]);
  });

  it('stands in the gap report as in the ledger of the firm', async () => {
    const api = adminOf(firm.url);
    const [connection] = (await api.get('connections', connectionsPage)).data;
    const { models, total } = await api.get(`connections/${connection?.id}/gaps`, gapReport);
    const ledger = [...firm.control.ledger(), ...QUIET];
    for (const { last_walk_at: _, ...gaps } of models) {
      const lines = ledger.filter((line) => line.model === gaps.model);
      const isPolled = MODELS[gaps.model]?.isPolled === true;
      const fates = lines.map((line) => fateOf(line));
      const told = (fate: string) => (isPolled ? 0 : fates.filter((one) => one === fate).length);
      expect(gaps).toEqual({
        model: gaps.model,
        delivered: told('delivered'),
        late: told('late'),
        never_came: told('never came'),
        polled: isPolled ? lines.length : 0,
        processed: lines.length,
        open: 0,
      });
    }
    expect(models.map(({ model }) => model)).toEqual([...names].sort());
    expect(total.processed).toBe(ledger.length);
    // The faults did strike, each about as often as it should.
    const share = (n: number) => n / (total.delivered + total.late + total.never_came);
    expect(share(total.never_came)).toBeGreaterThan(0.25);
    expect(share(total.late)).toBeGreaterThan(0.03);
    expect(share(total.delivered)).toBeGreaterThan(0.5);
  });

  function happened(): string[] {
    return [...firm.control.ledger(), ...QUIET].map(nameOf).sort();
  }

  /** Time stands still for what is on its way: a slow machine must not look like a receiver that does not answer. */
  async function arrive(): Promise<void> {
    await firm.control.settle();
    await firm.rest();
  }

  /** What rules have decided about, by record and event: exactly one decision each. */
  async function seen(): Promise<string[]> {
    const events = await firm.database.repo(InboundEvent).find();
    const decisions = await firm.database.repo(Decision).find();
    const decided = new Set(decisions.map(({ eventId }) => eventId));
    expect(decided.size).toBe(decisions.length);
    expect(decisions.filter(({ outcome }) => outcome !== 'matched')).toEqual([]);
    return events
      .filter(({ id }) => decided.has(id))
      .map(nameOfEvent)
      .sort();
  }
});

/** The root folder, which Clio makes by itself with the first document and tells nobody of. */
const QUIET: LedgerLine[] = [
  { model: 'folder', id: '1', event: 'created', etag: '', at: '', deliveries: [] },
];

/** By the ledger: a delivery that takes longer than the time between two sweeps comes after one. */
function fateOf({ at, deliveries }: LedgerLine): string {
  const [delivery] = deliveries;
  if (delivery?.arrivedAt == null) return 'never came';
  return Date.parse(delivery.arrivedAt) - Date.parse(at) > 20 * MINUTE ? 'late' : 'delivered';
}

/** A record is made once and goes once; it may change often, and then its version tells the changes apart. */
function nameOf({ model, id, event, etag }: LedgerLine): string {
  return `${model} ${id} ${event}${event === 'updated' && model !== 'clio_payments_payment' ? ` ${etag}` : ''}`;
}

function nameOfEvent({ model, recordId, type, etag }: InboundEvent): string {
  const event = type.slice(model.length + 1) as LedgerLine['event'];
  return nameOf({ model, id: recordId, event, etag: etag ?? '', at: '', deliveries: [] });
}
