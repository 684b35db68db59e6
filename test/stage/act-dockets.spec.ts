import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActionResult } from '../../src/act/action.js';
import { actionNamed, Acting } from '../support/acting.js';
import { anActionContext } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { ScriptedClio } from '../support/scripted-clio.js';

const PREVIEW = 'clio.matter_docket.preview';
const CREATE = 'clio.matter_docket.create';
const court = { jurisdiction: { name: 'New York Supreme Court' }, trigger: { name: 'Complaint Served' } };
const served = { ...court, service_type: { name: 'Personal/hand' }, start_date: '2026-12-01' };
const at = { start_time: '2026-12-01T09:00:00-05:00' };
const wanted = { ...served, ...at, matter: 1, name: 'Complaint served' };

let firm: Acting;

beforeEach(async () => {
  firm = await Acting.start();
});
afterEach(() => firm.stop());

const dockets = () => firm.control.records('matter_docket');
const entries = () => firm.control.records('calendar_entry');
const looked = { inDoubt: true, remembered: { looked: true } };

/** The first try makes it and finds Clio at work; a later one finds it done. */
async function docketed(): Promise<ActionResult> {
  await expect(firm.execute(CREATE, wanted)).rejects.toMatchObject({ code: 'clio.not_ready' });
  await firm.clock.advance(60_000);
  return firm.execute(CREATE, wanted, looked);
}

describe('clio.matter_docket.preview', () => {
  it('hands on what Clio says', async () => {
    const { output, writes } = await firm.execute(PREVIEW, { ...served, ...at, event_prefix: 'Doe:' });
    expect(writes).toEqual([]);
    expect(output).toMatchObject({
      count: 3,
      entries: [
        { summary: 'Doe: Answer due', start_date: '2026-12-21', all_day: true },
        { summary: 'Doe: Motion to dismiss due', start_date: '2026-12-21' },
        { summary: 'Doe: Request for a preliminary conference due', start_date: '2027-01-15' },
      ],
    });
    expect(dockets()).toEqual([]);
  });

  it('goes by the court: triggers of one name are several', async () => {
    const other = { ...served, ...at, jurisdiction: { name: 'New York Family Court' } };
    expect((await firm.execute(PREVIEW, other)).output).toMatchObject({
      count: 1,
      entries: [{ start_date: '2026-12-31' }],
    });
  });

  it('names what there is when a name leads nowhere', async () => {
    const asked = (set: object) => firm.execute(PREVIEW, { ...served, ...at, ...set });
    await expect(asked({ trigger: { name: 'Complaint served' } })).rejects.toMatchObject({
      code: 'clio.no_match',
      applied: 'no',
      message: expect.stringContaining('It has: Complaint Served, Notice of Appeal Filed.') as unknown,
    });
    // There are more than a thousand courts; only those that the firm has set up count.
    await expect(asked({ jurisdiction: { name: 'California Superior Court' } })).rejects.toMatchObject({
      message: expect.stringContaining('It has: New York Supreme Court, New York Family Court.') as unknown,
    });
    await expect(asked({ service_type: { name: 'Pigeon' } })).rejects.toMatchObject({
      code: 'clio.no_match',
    });
  });

  it('takes no two days for one event', async () => {
    await expect(firm.execute(PREVIEW, { ...served, start_time: '2026-12-02T00:30:00Z' })).rejects.toThrow(
      'lies on another day than the start_date',
    );
  });
});

describe('clio.matter_docket.create', () => {
  it('waits until the dates are in the calendar, and gives them', async () => {
    const { output, writes } = await docketed();
    expect(output).toMatchObject({
      name: 'Complaint served',
      status: 'completed',
      matter: { id: 1 },
      trigger: { description: 'Complaint Served' },
    });
    expect(output['calendar_entries']).toHaveLength(3);
    expect(writes.map(({ model, id }) => `${model} ${id}`)).toEqual([
      'matter_docket 1',
      'calendar_entry 1',
      'calendar_entry 2',
      'calendar_entry 3',
    ]);
  });

  it('keeps one that a person has made, as theirs', async () => {
    const data = { jurisdiction: { id: 1 }, trigger: { id: 1 }, service_type: { id: 1 }, matter: { id: 1 } };
    firm.control.create('matter_docket', { ...data, name: 'By hand', start_date: '2026-12-01' });
    await firm.clock.advance(60_000);
    const done = await firm.execute(CREATE, wanted);
    expect(done).toMatchObject({ adopted: true, output: { name: 'By hand' }, writes: [] });
    expect(dockets()).toHaveLength(1);
    await firm.undo(CREATE, wanted, done);
    expect(dockets()).toHaveLength(1);
  });

  it.each([
    { name: 'another day', set: { start_date: '2026-12-02', start_time: undefined } },
    { name: 'another trigger', set: { trigger: { name: 'Notice of Appeal Filed' } } },
    { name: 'another way of service', set: { service_type: { name: 'Regular mail' } } },
  ])('makes one of its own for $name', async ({ set }) => {
    await docketed();
    await expect(firm.execute(CREATE, { ...wanted, ...set })).rejects.toMatchObject({
      code: 'clio.not_ready',
    });
    expect(dockets()).toHaveLength(2);
  });

  it('says so when Clio cannot compute it, and makes no second one', async () => {
    await expect(firm.execute(CREATE, wanted)).rejects.toMatchObject({ code: 'clio.not_ready' });
    firm.control.update('matter_docket', 1, { status: 'failed' });
    await firm.clock.advance(60_000);
    await expect(firm.execute(CREATE, wanted, looked)).rejects.toMatchObject({
      code: 'clio.invalid',
      applied: 'maybe',
    });
    expect(dockets()).toHaveLength(1);
    expect(entries()).toEqual([]);
  });

  it('is refused by Clio where the way of service counts and is missing', async () => {
    await expect(firm.execute(CREATE, { ...wanted, service_type: undefined })).rejects.toMatchObject({
      code: 'clio.invalid',
      message: expect.stringContaining('service_type is required') as unknown,
    });
    await expect(
      firm.execute(CREATE, { ...wanted, jurisdiction: { name: 'New York Family Court' }, trigger: 1 }),
    ).rejects.toMatchObject({ message: expect.stringContaining('does not belong') as unknown });
  });
});

describe('the undo of a docket', () => {
  it('takes its dates along', async () => {
    const done = await docketed();
    const undone = await firm.undo(CREATE, wanted, done);
    expect(undone).toMatchObject({ result: 'undone' });
    expect(undone?.writes).toEqual(done.writes.map((write) => ({ ...write, etag: null, deleted: true })));
    expect([...dockets(), ...entries()]).toEqual([]);
    expect(await firm.undo(CREATE, wanted, done)).toMatchObject({ result: 'gone', writes: [] });
  });

  it('leaves everything where somebody has moved one of the dates', async () => {
    const done = await docketed();
    firm.control.update('calendar_entry', 2, { summary: 'Adjourned' });
    expect(await firm.undo(CREATE, wanted, done)).toMatchObject({
      result: 'touched',
      message: expect.stringContaining('calendar entry 2') as unknown,
      writes: [],
    });
    expect([dockets().length, entries().length]).toEqual([1, 3]);
  });
});

/** What Clio's description of its API leaves open may turn out either way. */
describe('a Clio that does not do as is hoped', () => {
  const PATH = 'court_rules/matter_dockets';
  const byId = { jurisdiction: 1, trigger: 1, service_type: 1, start_date: '2026-12-01' };
  const made = {
    id: 9,
    etag: '"a"',
    name: 'Complaint served',
    status: 'completed',
    start_date: '2026-12-01',
    jurisdiction: { id: 1 },
    trigger: { id: 1 },
    service_type: { id: 1 },
    matter: { id: 1 },
    calendar_entries: [],
  };
  let clio: ScriptedClio;

  beforeEach(async () => {
    clio = await ScriptedClio.start();
  });
  afterEach(async () => {
    expect(clio.unexpected).toEqual([]);
    await clio.stop();
  });

  const execute = async (name: string, input: object, set = {}) => {
    const action = actionNamed(name);
    return action.execute(
      action.input.parse(input),
      anActionContext(aClioClient(clio.baseUrl, 'token'), set),
    );
  };
  const create = (set = {}) => execute(CREATE, { ...byId, matter: 1, name: 'Complaint served' }, set);

  it.each([
    { what: 'the matter', left: { matter: null } },
    { what: 'the service type', left: { service_type: null } },
  ])('takes a docket away again that was made without $what', async ({ left }) => {
    clio.on('GET', PATH, { data: [] }).on('POST', PATH, { status: 201, data: { ...made, ...left } });
    clio.on('DELETE', `${PATH}/9`, { status: 204 });
    await expect(create()).rejects.toMatchObject({ code: 'clio.invalid', retry: 'never', applied: 'no' });
    expect(clio.made('DELETE', `${PATH}/9`)).toHaveLength(1);
  });

  it('does not know whether anything is left when that fails', async () => {
    clio.on('GET', PATH, { data: [] }).on('POST', PATH, { status: 201, data: { ...made, matter: null } });
    clio.on('DELETE', `${PATH}/9`, { status: 403, error: { type: 'ForbiddenError', message: 'No' } });
    await expect(create()).rejects.toMatchObject({ code: 'clio.forbidden', applied: 'maybe' });
  });

  it('asks when a docket on no matter may be the one whose answer was lost', async () => {
    clio.on('GET', PATH, { data: [{ ...made, matter: null }] });
    await expect(create(looked)).rejects.toMatchObject({
      code: 'clio.ambiguous',
      retry: 'never',
      applied: 'maybe',
    });
  });

  it('takes one that was deleted for gone', async () => {
    clio.on('GET', PATH, { data: [{ ...made, deleted_at: '2026-12-02T09:00:00Z' }] });
    clio.on('POST', PATH, { status: 201, data: made });
    expect((await create(looked)).adopted).toBeUndefined();
  });

  it.each([
    { name: 'other names', data: [{ title: 'Answer due', due: '2026-12-21' }] },
    { name: 'no day', data: [{ summary: 'Answer due', start_at: 'in 20 days' }] },
    { name: 'no list', data: { count: 3 } },
  ])('shows no dates that cannot be read for certain: $name', async ({ data }) => {
    clio.on('GET', `${PATH}/preview`, { data });
    await expect(execute(PREVIEW, { ...byId, ...at })).rejects.toMatchObject({
      code: 'clio.unreadable_answer',
      applied: 'no',
    });
  });
});
