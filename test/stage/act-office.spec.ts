import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Acting, actionNamed } from '../support/acting.js';

let firm: Acting;

beforeEach(async () => {
  firm = await Acting.start();
});

afterEach(async () => {
  expect(firm.control.warnings()).toEqual([]);
  await firm.stop();
});

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message), applied: 'no', retry: 'never' });
const writesMade = () => firm.control.calls().filter(({ method }) => method !== 'GET');

describe('clio.matter.create', () => {
  it('opens a matter with everything named', async () => {
    const { output, writes } = await firm.execute('clio.matter.create', {
      client: { email: 'JANE.DOE@example.com' },
      description: 'Adoption',
      practice_area: { name: 'Litigation' },
      stage: 'Discovery',
      responsible_attorney: { user: 'alexandra.reed@praetor-law.example' },
      custom_fields: { 'Fee agreement': 'Contingency' },
    });
    expect(output).toMatchObject({
      status: 'Open',
      client: { id: 1, name: 'Jane Doe' },
      practice_area: { name: 'Litigation' },
      matter_stage: { name: 'Discovery' },
      responsible_attorney: { name: 'Alexandra Reed' },
    });
    const id = output['id'] as number;
    expect(writes).toEqual([{ model: 'matter', id: `${id}`, etag: output['etag'] }]);
  });

  it('needs a practice area for a stage, and takes no role of a matter that is not there', async () => {
    const plain = { client: 1, description: 'Adoption' };
    await expect(firm.execute('clio.matter.create', { ...plain, stage: 'Filing' })).rejects.toEqual(
      refusal('clio.no_match', /no practice area/),
    );
    const role = { role: 'responsible_attorney' };
    await expect(
      firm.execute('clio.matter.create', { ...plain, originating_attorney: role }),
    ).rejects.toEqual(refusal('clio.no_match', /role on a matter/));
    expect(writesMade()).toEqual([]);
  });
});

describe('contacts named in a step', () => {
  it('are an error that lists the candidates when two have the name', async () => {
    firm.control.create('contact', { first_name: 'Jane', last_name: 'Doe' });
    const input = { client: { name: 'Jane Doe' }, description: 'Will' };
    await expect(firm.execute('clio.matter.create', input)).rejects.toEqual(
      refusal(
        'clio.ambiguous',
        /2 contacts with the name "Jane Doe": 1 \(Jane Doe, jane.doe@example.com\); 2 \(Jane Doe\)/,
      ),
    );
  });

  it('are an error when nobody has the address, a longer name being somebody else', async () => {
    firm.control.create('contact', { first_name: 'Jane', last_name: 'Doe-Smith' });
    await expect(
      firm.execute('clio.relationship.create', {
        matter: 1,
        contact: { email: 'doe@example.com' },
        description: 'x',
      }),
    ).rejects.toEqual(refusal('clio.no_match', /no contact with the e-mail address doe@example.com/));
    expect(await firm.execute('clio.contact.find', { name: 'Jane Doe' })).toMatchObject({
      output: { found: true, id: 1 },
    });
  });

  it('may be missing where a rule only asks', async () => {
    expect(await firm.execute('clio.contact.find', { email: 'no@example.com' })).toMatchObject({
      output: { found: false, id: null, name: null },
      writes: [],
    });
    await expect(
      firm.execute('clio.contact.find', { email: 'no@example.com', required: true }),
    ).rejects.toEqual(refusal('clio.no_match', /no@example.com/));
  });
});

describe('clio.matter.update', () => {
  it('takes the stage of the new practice area when two have one of that name', async () => {
    firm.control.update('matter', 1, { matter_stage: { id: 3 } });
    const input = { matter: 1, practice_area: { name: 'Litigation' }, stage: 'Discovery' };
    expect((await firm.execute('clio.matter.update', input)).output).toMatchObject({
      practice_area: { id: 2 },
      matter_stage: { id: 8, name: 'Discovery' },
    });
  });

  it('sends only what differs, and nothing the second time', async () => {
    const input = {
      matter: 1,
      responsible_attorney: { role: 'responsible_attorney' },
      responsible_staff: { user: 'paul.marsh@praetor-law.example' },
      billable: false,
      client_reference: 'JD-1',
    };
    await firm.execute('clio.matter.update', input);
    expect(writesMade()).toMatchObject([
      { body: { data: { responsible_staff: { id: 2 }, billable: false, client_reference: 'JD-1' } } },
    ]);
    expect(await firm.execute('clio.matter.update', input)).toMatchObject({ adopted: true, writes: [] });
    expect(writesMade()).toHaveLength(1);
  });

  it('names the practice areas there are', async () => {
    await expect(
      firm.execute('clio.matter.update', { matter: 1, practice_area: { name: 'Famly' } }),
    ).rejects.toEqual(refusal('clio.no_match', /no practice area "Famly"\. Did you mean "Family"\?/));
  });
});

describe('clio.matter.close', () => {
  it('closes, and opens again to what the matter was', async () => {
    firm.control.update('matter', 1, { status: 'pending' });
    const done = await firm.execute('clio.matter.close', { matter: 1, close_date: '2026-11-20' });
    expect(done.output).toMatchObject({
      status: 'Closed',
      close_date: '2026-11-20',
      previous: { status: 'pending', close_date: null },
    });
    expect(await firm.undo('clio.matter.close', { matter: 1 }, done)).toMatchObject({ result: 'undone' });
    expect(firm.control.record('matter', 1)).toMatchObject({ status: 'Pending', close_date: null });
  });

  it('leaves alone what somebody changed since', async () => {
    const done = await firm.execute('clio.matter.close', { matter: 1 });
    firm.control.update('matter', 1, { location: 'Archive' });
    expect(await firm.undo('clio.matter.close', { matter: 1 }, done)).toMatchObject({ result: 'touched' });
    expect(firm.control.record('matter', 1)).toMatchObject({ status: 'Closed' });
  });
});

describe('relationships', () => {
  const guardian = { matter: 1, contact: 1, description: 'Guardian' };

  it('are made once, however often a rule asks', async () => {
    const first = await firm.execute('clio.relationship.create', guardian);
    const second = await firm.execute('clio.relationship.create', guardian);
    expect(second).toEqual({ output: first.output, writes: [], adopted: true });
    expect(firm.control.records('relationship')).toHaveLength(1);
    expect(firm.control.record('matter', 1)).toMatchObject({ relationships: [{ description: 'Guardian' }] });
  });

  it('are removed, and made again when the step is undone', async () => {
    await firm.execute('clio.relationship.create', guardian);
    const input = { matter: 1, contact: { name: 'Jane Doe' } };
    const done = await firm.execute('clio.relationship.remove', input);
    expect(done.output).toMatchObject({ removed: true, description: 'Guardian' });
    expect(firm.control.records('relationship')).toEqual([]);
    expect(await firm.execute('clio.relationship.remove', input)).toMatchObject({
      adopted: true,
      output: { removed: false, id: null },
    });
    expect(await firm.undo('clio.relationship.remove', input, done)).toMatchObject({ result: 'undone' });
    expect(await firm.undo('clio.relationship.remove', input, done)).toMatchObject({ result: 'undone' });
    expect(firm.control.records('relationship')).toMatchObject([{ description: 'Guardian' }]);
  });

  it('are not chosen among several', async () => {
    for (const description of ['Guardian', 'Witness'])
      await firm.execute('clio.relationship.create', { ...guardian, description });
    await expect(firm.execute('clio.relationship.remove', { matter: 1, contact: 1 })).rejects.toEqual(
      refusal('clio.ambiguous', /1 \("Guardian"\), 2 \("Witness"\)/),
    );
    const one = { matter: 1, contact: 1, description: 'Witness' };
    await firm.execute('clio.relationship.remove', one);
    expect(firm.control.records('relationship')).toMatchObject([{ description: 'Guardian' }]);
  });
});

describe('clio.contact.update', () => {
  const input = {
    contact: 1,
    title: 'Dr',
    email_addresses: [
      { address: 'Jane.Doe@example.com', name: 'Home' },
      { address: 'new@example.com', default_email: true },
    ],
  };

  it('adds the address that is missing, keeps the others, and sends nothing the second time', async () => {
    await firm.execute('clio.contact.update', input);
    expect(writesMade()).toMatchObject([
      { body: { data: { title: 'Dr', email_addresses: [{ address: 'new@example.com' }] } } },
    ]);
    expect(firm.control.record('contact', 1)).toMatchObject({
      primary_email_address: 'new@example.com',
      email_addresses: [{ address: 'jane.doe@example.com' }, { address: 'new@example.com' }],
    });
    expect(await firm.execute('clio.contact.update', input)).toMatchObject({ adopted: true, writes: [] });
  });

  it('writes back what it changed, unless somebody changed the contact since', async () => {
    const plain = { contact: 1, title: 'Dr', last_name: 'Roe' };
    const done = await firm.execute('clio.contact.update', plain);
    expect(done.output).toMatchObject({ previous: { title: null, last_name: 'Doe' } });
    expect(await firm.undo('clio.contact.update', plain, done)).toMatchObject({ result: 'undone' });
    expect(firm.control.record('contact', 1)).toMatchObject({ title: null, name: 'Jane Doe' });
    expect(await firm.undo('clio.contact.update', plain, done)).toMatchObject({ result: 'touched' });
  });

  it('takes back what it added to a list, and what became the default by it', async () => {
    const added = await firm.execute('clio.contact.update', {
      ...input,
      email_addresses: [{ address: 'jane.doe@example.com', name: 'Work' }, ...input.email_addresses.slice(1)],
      phone_numbers: [{ number: '555 0199' }],
    });
    expect(firm.control.record('contact', 1)).toMatchObject({ primary_email_address: 'new@example.com' });
    expect(await firm.undo('clio.contact.update', input, added)).toMatchObject({ result: 'undone' });
    expect(firm.control.record('contact', 1)).toMatchObject({
      title: null,
      primary_email_address: 'jane.doe@example.com',
      email_addresses: [{ address: 'jane.doe@example.com', name: 'Home', primary: true }],
      phone_numbers: [],
    });
  });

  it('cannot take back what Clio does not clear', async () => {
    firm.control.create('contact', { type: 'Company', name: 'Acme' });
    const employed = { contact: 1, company: { name: 'Acme' } };
    const done = await firm.execute('clio.contact.update', employed);
    expect(done.output).toMatchObject({ company: { name: 'Acme' }, previous: null });
    expect(await firm.undo('clio.contact.update', employed, done)).toMatchObject({ result: 'touched' });
  });

  it('means the same contact after a lost answer, whoever has the name by then', async () => {
    const renamed = { contact: { name: 'Jane Doe' }, last_name: 'Roe' };
    await firm.execute('clio.contact.update', renamed);
    const { id } = firm.control.create('contact', { first_name: 'Jane', last_name: 'Doe' });
    const again = { inDoubt: true, remembered: { path: 'contacts/1', etag: '"before"' } };
    expect(await firm.execute('clio.contact.update', renamed, again)).toMatchObject({
      adopted: true,
      output: { id: 1, previous: null },
      writes: [{ model: 'contact', id: '1' }],
    });
    expect(firm.control.record('contact', id as number)).toMatchObject({ last_name: 'Doe' });
  });
});

describe('clio.contact.create', () => {
  it('is undone while nothing hangs on the contact', async () => {
    const input = { type: 'Person', first_name: 'Ann', last_name: 'Lee' };
    const first = await firm.execute('clio.contact.create', input);
    const id = Number(first.output['id']);
    firm.control.create('matter', { description: 'Will', client: { id } });
    expect(await firm.undo('clio.contact.create', input, first)).toMatchObject({ result: 'touched' });
    const second = await firm.execute('clio.contact.create', input);
    expect(await firm.undo('clio.contact.create', input, second)).toMatchObject({ result: 'undone' });
  });

  it.each([
    { type: 'Company', first_name: 'Acme' },
    { type: 'Person' },
    { type: 'Person', name: 'Ann Lee', last_name: 'Lee' },
    { type: 'Person', name: 'Ann Lee', email_addresses: [{ address: 'no address' }] },
  ])('refuses %j', (input) => {
    expect(actionNamed('clio.contact.create').input.safeParse(input).success).toBe(false);
  });
});

describe('time and expenses', () => {
  const time = { matter: 1, date: '2026-11-24', duration: '1h 30m', note: 'Call' };

  it.each([
    ['1h 30m', 5400],
    ['90 minutes', 5400],
    ['1.5 hours', 5400],
    ['6m', 360],
    ['PT45M', 2700],
  ])('sends %s as %d seconds', async (duration, seconds) => {
    await firm.execute('clio.time_entry.create', { ...time, duration });
    expect(writesMade()).toMatchObject([{ body: { data: { type: 'TimeEntry', quantity: seconds } } }]);
  });

  it.each(['90', '', '0m', '1:30', '-1h', 'PT0S'])('refuses the duration %j', (duration) => {
    const { input } = actionNamed('clio.time_entry.create');
    expect(input.safeParse({ ...time, duration }).success).toBe(false);
  });

  it('ends the note with the marker and finds the entry again by it', async () => {
    const made = await firm.execute('clio.time_entry.create', time);
    const { marker } = firm.context();
    expect(made.output).toMatchObject({ note: `Call\n\n${marker}`, total: 450, user: { id: 1 } });
    expect(await firm.probe('clio.time_entry.create', time)).toEqual({ ...made, adopted: true });
    expect(
      await firm.probe('clio.expense_entry.create', { matter: 1, date: '2026-11-24', price: 1 }),
    ).toBeNull();
  });

  it('takes an entry away again, but not from a bill', async () => {
    const made = await firm.execute('clio.time_entry.create', time);
    const id = Number(made.output['id']);
    firm.control.update('activity', id, { on_bill: true });
    const etag = firm.control.record('activity', id)?.['etag'] as string;
    const onBill = { ...made, writes: [{ model: 'activity', id: String(id), etag }] };
    expect(await firm.undo('clio.time_entry.create', time, onBill)).toMatchObject({ result: 'touched' });
    const other = await firm.execute('clio.time_entry.create', time);
    expect(await firm.undo('clio.time_entry.create', time, other)).toMatchObject({ result: 'undone' });
    expect(firm.control.records('activity')).toHaveLength(1);
  });

  it('says who nobody is when a role is empty', async () => {
    const user = { role: 'responsible_staff' };
    await expect(firm.execute('clio.time_entry.create', { ...time, user })).rejects.toEqual(
      refusal('clio.no_match', /Matter 1 has no responsible staff/),
    );
    expect(writesMade()).toEqual([]);
  });

  it.each([{ price: 1, vendor: 1 }, { price: 1, type: 'HardCostEntry', quantity: 2 }, {}])(
    'refuses the expense %j',
    (given) => {
      const { input } = actionNamed('clio.expense_entry.create');
      expect(input.safeParse({ matter: 1, date: '2026-11-24', ...given }).success).toBe(false);
    },
  );
});

describe('clio.bill.update', () => {
  beforeEach(() => {
    firm.control.create('bill', { matters: [{ id: 1 }], total: 100, memo: 'Thanks' });
  });

  it('lists the states that Clio allows instead of asking for another', async () => {
    await expect(firm.execute('clio.bill.update', { bill: 1, state: 'paid' })).rejects.toEqual(
      refusal(
        'clio.no_match',
        /Bill 1 is draft and cannot become paid; Clio allows awaiting_approval, awaiting_payment, deleted/,
      ),
    );
    expect(writesMade()).toEqual([]);
  });

  it('sends only what differs', async () => {
    const input = { bill: 1, state: 'draft', memo: 'Thanks', due_at: '2026-12-24' };
    await firm.execute('clio.bill.update', input);
    expect(writesMade()).toMatchObject([{ body: { data: { due_at: '2026-12-24' } } }]);
    expect(await firm.execute('clio.bill.update', input)).toMatchObject({ adopted: true, writes: [] });
  });

  it('is undone by what was there before', async () => {
    const input = { bill: 1, memo: 'Please pay', due_at: '2026-12-24' };
    const done = await firm.execute('clio.bill.update', input);
    expect(await firm.undo('clio.bill.update', input, done)).toMatchObject({ result: 'undone' });
    expect(firm.control.record('bill', 1)).toMatchObject({ memo: 'Thanks', due_at: null });
  });
});

describe('clio.custom_action.create', () => {
  const link = { label: 'Why?', target_url: 'https://praetor.example/why', page: 'matter' };

  it('puts a link there once, and takes it away again', async () => {
    const made = await firm.execute('clio.custom_action.create', link);
    expect(made.output).toMatchObject({ ui_reference: 'matters/show' });
    expect(await firm.execute('clio.custom_action.create', link)).toMatchObject({ adopted: true });
    expect(await firm.undo('clio.custom_action.create', link, made)).toMatchObject({ result: 'undone' });
    expect(firm.control.records('custom_action')).toEqual([]);
  });

  it('leads to https only', () => {
    const { input } = actionNamed('clio.custom_action.create');
    expect(input.safeParse({ ...link, target_url: 'http://praetor.example/why' }).success).toBe(false);
    expect(input.safeParse({ ...link, target_url: 'javascript:alert(1)' }).success).toBe(false);
  });
});

describe('clio.request', () => {
  it('sends text from templates in the types Clio takes', async () => {
    const attributes = {
      name: 'Call',
      description: 'Now',
      assignee: { id: '1', type: 'User' },
      notify_assignee: 'true',
    };
    await firm.execute('clio.request', { method: 'POST', resource: 'task', attributes });
    expect(writesMade()).toMatchObject([
      { body: { data: { assignee: { id: 1, type: 'User' }, notify_assignee: true } } },
    ]);
  });

  it('reads no more than asked for', async () => {
    for (let left = 3; left > 0; left--) firm.control.create('contact', { first_name: 'Ann' });
    const input = { method: 'GET', resource: 'contact', limit: 2, fields: 'id,name' };
    expect((await firm.execute('clio.request', input)).output).toMatchObject({
      count: 2,
      id: 1,
      record: { name: 'Jane Doe' },
      records: [{ id: 1 }, { id: 2 }],
    });
    expect(firm.control.calls()).toHaveLength(1);
  });

  it('is refused against a version that is gone', async () => {
    const input = {
      method: 'PATCH',
      resource: 'contact',
      id: 1,
      attributes: { title: 'Dr' },
      if_match: '"an older one"',
    };
    await expect(firm.execute('clio.request', input)).rejects.toMatchObject({
      code: 'clio.precondition_failed',
    });
  });

  it('takes a record that is gone for removed only after a lost answer', async () => {
    const input = { method: 'DELETE', resource: 'relationship', id: 9 };
    await expect(firm.execute('clio.request', input)).rejects.toMatchObject({ code: 'clio.not_found' });
    expect(await firm.execute('clio.request', input, { inDoubt: true })).toMatchObject({ adopted: true });
  });
});
