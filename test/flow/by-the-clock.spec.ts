import { afterEach, describe, expect, it } from '@jest/globals';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';
import { MOST_MISSED } from '../../src/rules/schedule.js';
import { Decision } from '../../src/store/decision.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { Schedule } from '../../src/store/schedule.entity.js';

const DAY = 86_400_000;

const overdue = `
version: 1
id: overdue-bills
name: Overdue bills - reminders at 1, 15, 30 and 60 days
owner: billing@firm.example
timezone: America/Chicago
triggers:
  - id: weekday_morning
    schedule: { cron: '30 8 * * 1-5', on_missed: once }
    query: { resource: bill, filter: { state: awaiting_payment } }
  - { manual: true }
vars:
  days_overdue: { logic: { days_between: [{ var: bill.due_at }, { var: now }] } }
  bucket:
    logic:
      if:
        [{ '>=': [{ var: vars.days_overdue }, 60] }, 60, { '>=': [{ var: vars.days_overdue }, 30] }, 30,
         { '>=': [{ var: vars.days_overdue }, 15] }, 15, { '>=': [{ var: vars.days_overdue }, 1] }, 1, 0]
evaluation: level
baseline: skip
conditions:
  - { name: money is still owed, field: bill.balance, gt: 0 }
  - { name: at least one day late, field: vars.bucket, gt: 0 }
idempotency_key: '{{rule.id}}:{{bill.id}}:{{bill.due_at}}:{{vars.bucket}}'
limits: { max_records: 150 }
actions:
  - id: reminder
    action: clio.note.create
    with: { type: Matter, matter: '{{bill.matters.0.id}}', subject: 'Bill {{bill.number}}: {{vars.bucket}} days overdue', detail: 'Remind.' }
`;

const pending = `
version: 1
id: pending
name: Pending for three days
triggers: [{ event: matter.updated }]
conditions:
  - { field: matter.status, is: Pending }
  - { field: matter.status, held_for: 3 days }
idempotency_key: '{{matter.id}}'
actions:
  - id: note
    action: clio.note.create
    with: { type: Matter, matter: '{{matter.id}}', subject: '{{matter.description}} lies still', detail: 'Ask.' }
`;

const unasked = `
version: 1
id: reminder
name: Every week, without any record
triggers: [{ schedule: { cron: '0 11 * * 3', on_missed: once } }]
idempotency_key: '{{event.planned_at}}'
actions:
  - wait: { for: 2 hours }
  - { id: then, action: log.write, with: { text: 'planned {{event.planned_at}}, waited until {{now}}' } }
`;

const hourly = `
version: 1
id: hourly
name: Every hour, also the missed ones
triggers: [{ schedule: { cron: '0 * * * *', on_missed: all } }]
idempotency_key: '{{event.planned_at}}'
actions: [{ id: say, action: log.write, with: { text: '{{now}}' } }]
`;

describe.each(databases)('a rule that goes by the clock, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('reminds of overdue bills once for each bucket, through restarts and a week of downtime', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'overdue.yaml': overdue });
    const matter = firm.control.create('matter', { client: { id: 1 }, description: 'A', status: 'open' });
    const bill = (number: string, due: string) =>
      firm.control.create('bill', {
        number,
        state: 'awaiting_payment',
        total: 100,
        due_at: due,
        matters: [{ id: matter['id'] }],
      });
    const notes = () => firm.control.records('note').map(({ subject }) => subject);
    /** Until every query has come to its end, and all that follows from it is done. */
    const settled = async () => {
      for (;;) {
        await firm.rest();
        const [row] = await firm.database.repo(Schedule).find();
        if (row?.walkPlannedAt === null && (row.nextAt ?? 0) > firm.clock.now().getTime()) return;
        // The walk waits for budget that the steps leave.
        await firm.clock.advance(5_000);
      }
    };
    const until = async (iso: string) => {
      await firm.clock.leap(Date.parse(iso) - firm.clock.now().getTime());
      await settled();
    };
    // Tuesday 24 November 2026. The old bucket counts as reminded; the bill that gets late later does not.
    bill('OLD', '2026-11-01');
    bill('NEW', '2026-11-25');
    await until('2026-11-25T14:31:00Z');
    expect(notes()).toEqual([]);
    await until('2026-11-26T14:31:00Z');
    expect(notes()).toEqual(['Bill NEW: 1 days overdue']);
    await firm.stopEngine();
    await firm.startEngine();
    await until('2026-11-27T14:31:00Z');
    expect(notes()).toHaveLength(1);

    // A week of downtime: one time makes up for all of them, and each bill is in one bucket only.
    await firm.stopEngine();
    await firm.clock.leap(14 * DAY);
    await firm.startEngine();
    await settled();
    // The notes of two bills are on their way together.
    expect(notes().sort()).toEqual([
      'Bill NEW: 1 days overdue',
      'Bill NEW: 15 days overdue',
      'Bill OLD: 30 days overdue',
    ]);
    const decisions = await firm.database.repo(Decision).find({ order: { id: 'ASC' } });
    expect(decisions.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'suppressed baseline',
      'not_matched condition_false',
      'suppressed already_ran',
      'matched condition_true',
      'suppressed already_ran',
      'suppressed already_ran',
      'matched condition_true',
      'matched condition_true',
    ]);

    // By hand, and never twice for one key.
    const start = () =>
      fetch(`${firm.url}/api/v1/rules/overdue-bills/run`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer a-token-for-tests-with-enough-letters',
          'content-type': 'application/json',
          'idempotency-key': 'once',
        },
        body: JSON.stringify({ record: 'bill/2' }),
      });
    const [first, second] = [await start(), await start()];
    const [one, other] = [await first.json(), await second.json()] as { event_id: string; is_new: boolean }[];
    expect([first.status, one?.is_new, other?.is_new]).toEqual([202, true, false]);
    expect(other?.event_id).toBe(one?.event_id);
    await firm.rest();
    expect(notes()).toHaveLength(3);
  });

  it('makes up for what it missed in ten days, and goes on after it', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'hourly.yaml': hourly });
    await firm.clock.leap(10 * DAY + 1_800_000);
    await firm.rest();
    const runs = () => firm.database.repo(Run).countBy({ status: 'done' });
    expect(await runs()).toBe(MOST_MISSED);
    await firm.clock.advance(3_600_000);
    await firm.rest();
    expect(await runs()).toBe(MOST_MISSED + 1);
    expect(await firm.openAlerts()).not.toContain('rule_paused hourly');
  });

  it('waits in a rule without a record, and reads none', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'reminder.yaml': unasked });
    await firm.clock.leap(DAY + 3_600_000);
    await firm.rest();
    await firm.clock.advance(2 * 3_600_000);
    await firm.rest();
    const [run] = await firm.runs();
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(run?.steps.at(-1)?.input).toEqual({
      text: expect.stringMatching(
        /^planned 2026-11-25T11:00:00.000Z, waited until 2026-11-25T13:/,
      ) as unknown,
    });
  });

  it('looks again when a field may have held for long enough, and lets go when it has changed', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'pending.yaml': pending });
    const make = (description: string) =>
      firm.play(
        (control) =>
          control.create('matter', { client: { id: 1 }, description, status: 'open' })['id'] as number,
      );
    const [quiet, busy] = [await make('quiet'), await make('busy')];
    for (const id of [quiet, busy])
      await firm.play((control) => control.update('matter', id, { status: 'pending' }));
    await firm.clock.leap(DAY);
    await firm.play((control) => control.update('matter', busy, { status: 'open' }));
    await firm.clock.leap(2 * DAY + 60_000);
    await firm.rest();
    expect(firm.control.records('note').map(({ subject }) => subject)).toEqual(['quiet lies still']);
    const looks = (await firm.events()).filter(({ source }) => source === 'schedule');
    expect(looks.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'matter.scheduled matched',
      'matter.scheduled matched',
    ]);
  });
});
