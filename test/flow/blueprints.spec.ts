import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const HOUR = 3_600_000;
const folder = 'rules/blueprints';
const blueprints = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]),
);

describe.each(databases)('a month of a firm with all blueprints, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  let matter: number;

  const tasks = () => firm.control.records('task').map(({ name }) => name as string);
  const notes = () => firm.control.records('note').map(({ subject }) => subject as string);
  const create = (model: string, set: Record<string, unknown>) =>
    firm.play((control) => Number(control.create(model, set)['id']));
  const change = (set: Record<string, unknown>) =>
    firm.play((control) => control.update('matter', matter, set));
  const pass = async (days: number) => {
    for (let quarter = 0; quarter < days * 4; quarter++) {
      await firm.clock.leap(6 * HOUR);
      await firm.rest();
    }
  };
  /** What came since the last look. */
  let seen: string[] = [];
  const fresh = () => {
    const all = [...tasks(), ...notes()];
    const come = all.filter((name) => !seen.includes(name));
    seen = all;
    return come.sort();
  };

  // Tuesday, 24 November 2026, ten o'clock in London.
  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, blueprints);
    firm.control.create('custom_field', {
      name: 'Engagement letter signed',
      field_type: 'checkbox',
      parent_type: 'Matter',
    });
    // The first look of a schedule counts what is overdue by then as done.
    await pass(1);
  });

  afterAll(async () => {
    await firm.close();
    await remove();
  });

  it('does each thing once and in time', async () => {
    matter = await create('matter', {
      client: { id: 1 },
      description: 'Dissolution',
      status: 'pending',
      practice_area: { id: 1 },
      responsible_attorney: { id: 1 },
      account_balances: [{ type: 'Trust', name: 'Trust', balance: 120, currency_id: 1 }],
    });
    expect(fresh()).toEqual(['Conflict check - 00001-Doe', 'Intake call - Jane Doe']);
    await change({ status: 'open' });
    expect(fresh()).toEqual(['Send engagement letter - Jane Doe']);
    const limitation = {
      name: 'File the complaint',
      statute_of_limitations: true,
      due_at: '2026-12-14',
      matter: { id: matter },
    };
    await create('task', limitation);
    await pass(1);
    expect(fresh()).toEqual(['File the complaint', 'STATUTE OF LIMITATIONS in 19 days - 00001-Doe']);
    const bill = {
      state: 'awaiting_payment',
      number: '1042',
      total: 900,
      balance: 900,
      due_at: '2026-11-20',
    };
    await create('bill', { ...bill, matters: [{ id: matter }], client: { id: 1 }, issued_at: '2026-10-20' });
    await change({ matter_stage: { id: 3 } });
    await pass(1);
    expect(fresh()).toEqual([
      'Bill 1042 is overdue',
      'Check for conflicts',
      'Overdue: conflict check - 00001-Doe',
      'Send engagement letter',
    ]);
    await pass(6);
    expect(fresh()).toEqual([
      'Ask for a new retainer - 00001-Doe (120.00 in trust)',
      'Chase engagement letter - Jane Doe',
    ]);
    await pass(6);
    expect(fresh()).toEqual([
      'Call Jane Doe about bill 1042',
      'STATUTE OF LIMITATIONS in 7 days - 00001-Doe',
    ]);
    // Ten business days after the stage, and two after the attorney was asked about the engagement letter.
    await pass(3);
    expect(fresh()).toEqual([
      'Discovery: 8 tasks still open - 00001-Doe',
      'Stop work until the engagement letter is signed - Jane Doe',
    ]);
    await pass(3);
    expect(fresh()).toEqual([]);
    await change({ status: 'closed' });
    expect(fresh()).toEqual([
      'Check the trust account - 00001-Doe',
      'Closing checklist',
      "Return the client's documents - 00001-Doe",
      'Send the closing letter - 00001-Doe',
      'Write the final bill - 00001-Doe',
    ]);
    expect((await firm.runs()).map(({ rule_id, status }) => `${rule_id} ${status}`).sort()).toEqual([
      'closing-checklist done',
      'conflict-check done',
      'engagement-letter-chase done',
      'intake done',
      'overdue-bills done',
      'overdue-bills done',
      'stage-checklists done',
      'statute-of-limitations-watch done',
      'statute-of-limitations-watch done',
      'trust-balance-low done',
      'trust-balance-low done',
    ]);
    expect([await firm.openAlerts(), firm.control.warnings()]).toEqual([[], []]);
  });
});
