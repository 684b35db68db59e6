import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resourceFacts } from '../../src/clio/catalog/catalog.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { rawClio, refusal, type Call } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const user = { id: 1, type: 'User' };
const [first, second] = [{ id: 1 }, { id: 2 }];

/**
 * Of each resource two records: one that says `Zebra` and belongs to matter 1, and one a minute later that does neither.
 * The texts are those that Clio's search looks at.
 */
const PAIRS: Readonly<Record<string, [Record<string, unknown>, Record<string, unknown>]>> = {
  matter: [{ description: 'Zebra' }, { description: 'Lease' }],
  contact: [{ first_name: 'Zebra' }, { first_name: 'Ann' }],
  task: [
    { name: 'Zebra', matter: first },
    { name: 'File', matter: second },
  ],
  note: [
    { type: 'Matter', subject: 'Zebra', matter: first },
    { type: 'Matter', subject: 'Call', matter: second },
  ],
  bill: [
    { number: '4711', matters: [first] },
    { number: '47', matters: [second] },
  ],
  activity: [
    { type: 'TimeEntry', date: '2026-11-24', note: 'Zebra', matter: first },
    { type: 'TimeEntry', date: '2026-11-24', note: 'Call', matter: second },
  ],
  calendar_entry: [
    { summary: 'Zebra', matter: first, ...hour() },
    { summary: 'Call', matter: second, ...hour() },
  ],
  communication: [
    { ...call('Zebra'), matter: first },
    { ...call('Other'), matter: second },
  ],
  document: [
    { name: 'Zebra', parent: { id: 1, type: 'Matter' } },
    { name: 'Deed', parent: { id: 2, type: 'Matter' } },
  ],
  folder: [
    { name: 'Zebra', parent: { id: 1, type: 'Matter' } },
    { name: 'Deeds', parent: { id: 2, type: 'Matter' } },
  ],
  practice_area: [{ name: 'Zebra' }, { name: 'Tax' }],
  matter_stage: [
    { name: 'Zebra', practice_area_id: 1 },
    { name: 'Trial', practice_area_id: 1 },
  ],
  user: [{ name: 'Zoe Zebra' }, { name: 'Ann Lee' }],
  calendar: [{ name: 'Zebra' }, { name: 'Court' }],
  custom_field: [field('Zebra'), field('Judge')],
  task_type: [{ name: 'Zebra' }, { name: 'Call' }],
  task_template_list: [
    { name: 'Zebra', description: '' },
    { name: 'Closing', description: '' },
  ],
  task_template: [
    { name: 'Zebra', description: '', task_template_list: first },
    { name: 'Close', description: '', task_template_list: first },
  ],
  relationship: [
    { description: 'Zebra', matter: first, contact: first },
    { description: 'Guardian', matter: second, contact: first },
  ],
  expense_category: [{ name: 'Zebra' }, { name: 'Court' }],
  activity_description: [{ name: 'Zebra' }, { name: 'Call' }],
  group: [{ name: 'Zebra' }, { name: 'Tax' }],
  custom_action: [link('Zebra'), link('Why?')],
  document_automation: [automation(first), automation(second)],
};

function hour() {
  return {
    start_at: '2026-12-01T09:00:00Z',
    end_at: '2026-12-01T10:00:00Z',
    calendar_owner: { id: 1 },
  };
}

function call(subject: string) {
  return { type: 'PhoneCommunication', subject, senders: [user], receivers: [user] };
}

function link(label: string) {
  return { label, target_url: 'https://example.com/', ui_reference: 'matters/show' };
}

function automation(matter: { id: number }) {
  return { document_template: { id: 1 }, filename: 'Zebra', formats: ['pdf'], matter };
}

function field(name: string) {
  return { name, parent_type: 'Matter', field_type: 'text_line' };
}

/** Filters that mean the same wherever they are; practice areas have another `matter_id`. */
const COMMON = ['matter_id', 'query', 'updated_since', 'created_since', 'ids'] as const;
const rows = Object.keys(PAIRS).flatMap((name) =>
  COMMON.filter(
    (filter) => filter in resourceFacts(name).filters && `${name}.${filter}` !== 'practice_area.matter_id',
  ).map((filter) => [name, filter] as const),
);

describe('a filter of a list', () => {
  let sandbox: Sandbox;
  let ask: Call;
  let later: string;
  const pairs = new Map<string, [number | string, number | string]>();

  beforeAll(async () => {
    const clock = new TestClock();
    sandbox = await startSandbox({ clock, rateLimit: 10_000 });
    ask = rawClio(sandbox);
    const make = (half: 0 | 1) =>
      Object.entries(PAIRS).map(([name, pair]) => sandbox.control.create(name, pair[half])['id'] as number);
    const early = make(0);
    await clock.advance(60_000);
    later = clock.now().toISOString();
    make(1).forEach((id, index) => pairs.set(Object.keys(PAIRS)[index] ?? '', [early[index] ?? 0, id]));
  });

  afterAll(() => sandbox.stop());

  /** The ids that pass, of the two records alone. */
  async function passing(name: string, query: string): Promise<unknown[]> {
    const type = name === 'note' ? '&type=Matter' : '';
    const { status, body } = await ask('GET', `${resourceFacts(name).path}.json?${query}${type}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { data: expect.any(Array) } });
    expect(sandbox.control.warnings()).toEqual([]);
    const ours: unknown[] = pairs.get(name) ?? [];
    return (body as { data: { id: unknown }[] }).data.map(({ id }) => id).filter((id) => ours.includes(id));
  }

  it.each(rows)('%s: %s', async (name, filter) => {
    const [early, late] = pairs.get(name) ?? [];
    const since = encodeURIComponent(later);
    const asked: Record<(typeof COMMON)[number], [query: string, passes: unknown]> = {
      matter_id: ['matter_id=1', early],
      // A bill is looked for by its number.
      query: [`query=${name === 'bill' ? '4711' : 'Zebra'}`, early],
      updated_since: [`updated_since=${since}`, late],
      created_since: [`created_since=${since}`, late],
      ids: [`ids[]=${late}&ids[]=999`, late],
    };
    expect(await passing(name, asked[filter][0])).toEqual([asked[filter][1]]);
  });

  it('practice_area: matter_id leaves out areas of legal aid, which no area here is', async () => {
    expect(await passing('practice_area', 'matter_id=1')).toEqual(pairs.get('practice_area'));
  });

  it('is the keyword null for those without', async () => {
    const { id } = sandbox.control.create('task', { name: 'Of no matter' });
    const { body } = await ask('GET', 'tasks.json?matter_id=null');
    expect(body).toMatchObject({ data: [{ id }] });
  });

  it.each([
    ['received_before=2026-11-24', true],
    ['received_before=2026-11-23', false],
    ['received_before=2026-11-24T15:00:00Z', true],
    ['received_before=2026-11-24T14:59:59Z', false],
  ])('communication: %s', async (query, passes) => {
    const { id } = sandbox.control.create('communication', {
      ...call('At ten in New York'),
      received_at: '2026-11-24T10:00:00-05:00',
    });
    const { body } = await ask('GET', `communications.json?${query}`);
    expect((body as { data: { id: unknown }[] }).data.some((one) => one.id === id)).toBe(passes);
    expect(await ask('GET', 'communications.json?received_before=soon')).toMatchObject({ status: 422 });
  });

  it.each([
    ['billed', ['billed']],
    ['draft', ['draft']],
    ['unbilled', ['open']],
    ['billable', ['billed', 'draft', 'open']],
    ['non_billable', ['free']],
  ])('activity: status=%s', async (status, passes) => {
    const states = {
      billed: { billed: true, on_bill: true },
      draft: { on_bill: true },
      open: {},
      free: { non_billable: true },
    };
    const made = Object.entries(states).map(([name, over]) => {
      const entry = { type: 'TimeEntry', date: '2026-11-24', ...over };
      return [sandbox.control.create('activity', entry)['id'], name] as const;
    });
    const { body } = await ask('GET', `activities.json?status=${status}`);
    const found = (body as { data: { id: unknown }[] }).data.map(({ id }) => id);
    expect(made.filter(([id]) => found.includes(id as number)).map(([, name]) => name)).toEqual(passes);
  });

  it('is refused where Clio has it and the sandbox cannot tell', async () => {
    expect(await ask('GET', 'activities.json?status=written_off')).toMatchObject({
      status: 501,
      body: refusal('NotInSandbox'),
    });
    expect(await ask('GET', 'activities.json?status=lost')).toMatchObject({ status: 422 });
  });
});
