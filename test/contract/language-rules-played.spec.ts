import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { approvalsPage } from '../../src/admin/approval-views.js';
import { Schedule } from '../../src/store/schedule.entity.js';
import { databases } from '../support/databases.js';
import { rulesOfTheDesign } from '../support/design-rules.js';
import { ADMIN_TOKEN, adminOf, LawFirm } from '../support/law-firm.js';

const FAMILY = { id: 1 };
const LITIGATION = { id: 2 };
const [PLEADINGS, DISCOVERY, SETTLEMENT] = [{ id: 7 }, { id: 8 }, { id: 15 }];
const MATTER = { status: 'open', description: 'Smith', responsible_attorney: { id: 1 } };
const rules = rulesOfTheDesign();
const [sqlite] = databases;

interface Task {
  name: string;
  assignee: { name: string };
  due_at: string;
  priority: string;
}
interface Note {
  subject: string;
  matter: { id: number };
  detail: string;
}

const withoutMarker = (text: unknown) => String(text).split('\n\nAutomation ')[0];

describe('the complete rules of the design, all in force at once', () => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const create = (model: string, set: Record<string, unknown>) =>
    firm.play((control) => Number(control.create(model, set)['id']));
  const change = (model: string, id: number, set: Record<string, unknown>) =>
    firm.play((control) => control.update(model, id, set));
  /** Until no query of a schedule is under way either. */
  const settled = async () => {
    for (;;) {
      await firm.rest();
      const [row] = await firm.database.repo(Schedule).find();
      if (row?.walkPlannedAt === null && (row.nextAt ?? 0) > firm.clock.now().getTime()) return;
      await firm.clock.advance(5_000);
    }
  };
  const until = async (iso: string) => {
    await firm.clock.leap(Date.parse(iso) - firm.clock.now().getTime());
    await settled();
  };
  /** Every write at Clio since the last look, the renewal of our webhooks and tokens apart. */
  const written = () => {
    const writes = firm.writes().filter((call) => !/ \/(api\/v4\/webhooks|oauth)\//.test(call));
    firm.control.clearCalls();
    return writes;
  };
  const records = <T>(model: string) => firm.control.records(model) as unknown as T[];
  const tasks = () =>
    records<Task>('task').map(
      ({ name, assignee, due_at, priority }) => `${name} | ${assignee.name} | ${due_at} | ${priority}`,
    );
  const notes = () =>
    records<Note>('note').map(
      ({ subject, matter, detail }) => `${subject} on ${matter.id} | ${withoutMarker(detail)}`,
    );
  const outcomes = async () => (await firm.decisions()).map((line) => line.replace(/^\S+ /, ''));
  const runs = async () =>
    (await firm.runs()).map(({ status, error }) => (error as { code: string } | null)?.code ?? status);
  const approvals = async () => (await adminOf(firm.url).get('approvals', approvalsPage)).data;
  const decide = async (verb: string) => {
    const [approval] = await approvals();
    await firm.play(() =>
      fetch(`${firm.url}/api/v1/approvals/${approval?.id}/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'Ada' }),
      }),
    );
  };

  // Tuesday, 24 November 2026, five in the morning in New York. Thursday is a holiday in all three states.
  beforeEach(async () => {
    const database = await sqlite.url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules, (control) => {
      control.create('user', { name: 'Pat Legal', email: 'paralegal@firm.example', enabled: true });
      control.create('user', { name: 'Bill Ing', email: 'billing@firm.example', enabled: true });
      control.create('group', { name: 'partners' });
      control.create('matter_stage', { name: 'Settlement', order: 6, practice_area_id: '2' });
      control.create('task_template_list', { name: 'Discovery - plaintiff', description: 'Steps' });
      for (const name of ['Draft requests', 'Hold letter'])
        control.create('task_template', { name, description: 'Do.', task_template_list: { id: 2 } });
      control.create('bill', { number: '1', state: 'awaiting_payment', total: 90, due_at: '2027-06-01' });
    });
  });

  afterEach(async () => {
    expect(firm.control.warnings()).toEqual([]);
    await firm.close();
    await remove();
  });

  describe('tasks when a matter is opened in a practice area', () => {
    const opening = [
      'POST /api/v4/tasks.json 201',
      'POST /api/v4/tasks.json 201',
      'POST /api/v4/notes.json 201',
    ];

    it('are made once, whatever is edited afterwards', async () => {
      const id = await create('matter', { ...MATTER, practice_area: FAMILY });
      expect(written()).toEqual(opening);
      expect(tasks()).toEqual([
        'Run conflict check - 00001-Doe | Alexandra Reed | 2026-11-25 | High',
        // Thanksgiving and the day after it are holidays in California.
        'Send engagement letter - Jane Doe | Alexandra Reed | 2026-12-01 | Normal',
      ]);
      expect(withoutMarker(firm.control.record('task', 2)?.['description'])).toBe(
        'Template: family/engagement. Do not send before task 1 is complete.',
      );
      expect(notes()).toEqual(['Opening checklist created on 1 | Conflict check due 25 Nov 2026.']);
      await change('matter', id, { description: 'Dissolution' });
      await change('matter', id, { practice_area: LITIGATION });
      await change('matter', id, { practice_area: FAMILY });
      expect(written()).toEqual([]);
      expect(await runs()).toEqual(['done']);
    });

    it('wait for the practice area, and for nothing else', async () => {
      const id = await create('matter', MATTER);
      await create('matter', { ...MATTER, practice_area: LITIGATION });
      await create('matter', { ...MATTER, status: 'pending', practice_area: FAMILY });
      expect(await outcomes()).toEqual([
        'family-matter-opening unknown',
        'family-matter-opening not_matched',
        'family-matter-opening not_matched',
      ]);
      expect(written()).toEqual([]);
      await change('matter', id, { practice_area: FAMILY });
      expect(written()).toEqual(opening);
    });

    it('are without an engagement letter where the fee depends on the outcome', async () => {
      await create('matter', { ...MATTER, practice_area: FAMILY, billing_method: 'contingency' });
      expect(written()).toEqual(['POST /api/v4/tasks.json 201', 'POST /api/v4/notes.json 201']);
      expect(tasks()).toEqual(['Run conflict check - 00001-Doe | Alexandra Reed | 2026-11-25 | High']);
    });
  });

  describe('a note when a bill is issued', () => {
    const draft = {
      number: '1042',
      state: 'awaiting_approval',
      kind: 'revenue_kind',
      total: 900,
      balance: 900,
      credits_issued: 50,
      due_at: '2026-12-24',
      client: { id: 1 },
    };
    const issue = { state: 'awaiting_payment', issued_at: '2026-11-24' };
    const bill = async (over: object = {}) => {
      const matters = [await create('matter', MATTER), await create('matter', MATTER)];
      return create('bill', { ...draft, matters: matters.map((id) => ({ id })), ...over });
    };

    it('is made on each matter, once', async () => {
      const id = await bill();
      expect(written()).toEqual([]);
      await change('bill', id, issue);
      expect(written()).toEqual(['POST /api/v4/notes.json 201', 'POST /api/v4/notes.json 201']);
      const text =
        'Bill 1042 was issued on 24 Nov 2026 and is due 24 Dec 2026.\n' +
        'Total 900.00, open balance 900.00.\nCredits issued: 50.00.';
      expect(notes()).toEqual([`Bill 1042 issued on 1 | ${text}`, `Bill 1042 issued on 2 | ${text}`]);
      await change('bill', id, { balance: 450 });
      expect(written()).toEqual([]);
    });

    it.each([
      ['where nothing is owed', { total: 0, balance: 0 }],
      ['for a request for trust money', { kind: 'trust_kind' }],
    ])('is not made %s', async (_case, over) => {
      const id = await bill(over);
      await change('bill', id, issue);
      expect(written()).toEqual([]);
      expect((await outcomes()).at(-1)).toBe('bill-issued-note not_matched');
    });

    it('is not made for a bill that was issued before anybody watched', async () => {
      await change('bill', 1, { memo: 'Thank you.' });
      expect(await outcomes()).toEqual(['bill-issued-note not_matched']);
      expect(written()).toEqual([]);
    });

    it('is tried again after about a minute when Clio is down', async () => {
      const id = await bill();
      firm.control.fault({
        on: 'request',
        method: 'POST',
        path: '/notes',
        kind: 'status',
        status: 503,
        count: 1,
      });
      const before = firm.clock.now().getTime();
      await change('bill', id, issue);
      expect(notes()).toHaveLength(2);
      // Tries are spread by a fifth, so that those that failed together do not come back together.
      expect(firm.clock.now().getTime() - before).toBeGreaterThanOrEqual(48_000);
    });

    it('tells the owner when Clio does not take it', async () => {
      const id = await bill();
      firm.control.fault({
        on: 'request',
        method: 'POST',
        path: '/notes',
        kind: 'status',
        status: 422,
        count: 1,
      });
      await change('bill', id, issue);
      expect(notes()).toEqual([]);
      const [run] = await firm.runs();
      expect(run?.steps.at(-1)).toMatchObject({
        key: 'on_failure.0',
        status: 'done',
        output: { told: 'log', to: 'billing@firm.example', subject: 'Note for bill 1042 failed' },
        input: { body: expect.stringMatching(/ refused POST notes with 422 .* - see http.*\/runs\//) },
      });
    });
  });

  describe('a checklist for each stage', () => {
    const open = () => create('matter', { ...MATTER, practice_area: LITIGATION, matter_stage: PLEADINGS });
    const assigned = ['PATCH /api/v4/matters/1.json 200'];
    const list = [
      'Draft requests | Alexandra Reed | 2026-11-27 | Normal',
      'Hold letter | Alexandra Reed | 2026-11-27 | Normal',
    ];

    it('is chased after five business days', async () => {
      const id = await open();
      expect(written()).toEqual([]);
      await change('matter', id, { matter_stage: DISCOVERY });
      expect([written(), tasks()]).toEqual([assigned, list]);
      await change('task', 2, { status: 'complete' });
      await until('2026-12-01T10:02:00Z');
      expect(written()).toEqual([]);
      await until('2026-12-02T10:04:00Z');
      expect(written()).toEqual(['POST /api/v4/tasks.json 201']);
      expect(tasks().at(-1)).toBe(
        'Discovery: 1 opening tasks still open | Alexandra Reed | 2026-12-03 | High',
      );
      expect(withoutMarker(firm.control.record('task', 3)?.['description'])).toBe('Draft requests');
      expect(await runs()).toEqual(['done']);
    });

    it('ends with a note where all was done', async () => {
      const id = await open();
      await change('matter', id, { matter_stage: DISCOVERY });
      for (const task of [1, 2]) await change('task', task, { status: 'complete' });
      written();
      await until('2026-12-02T10:04:00Z');
      expect(written()).toEqual(['POST /api/v4/notes.json 201']);
      expect(notes()).toEqual([
        'Discovery checklist complete on 1 | All opening tasks were finished in time.',
      ]);
    });

    it('is not made for a stage that was taken by mistake, or has none', async () => {
      const id = await open();
      await firm.play((control) => {
        control.update('matter', id, { matter_stage: DISCOVERY });
        control.update('matter', id, { matter_stage: PLEADINGS });
      });
      expect((await outcomes()).at(-1)).toBe('litigation-stage-checklists not_matched');
      await change('matter', id, { matter_stage: { id: 9 } });
      expect(written()).toEqual([]);
      expect(await runs()).toEqual(['done']);
      await change('matter', id, { description: 'Smith and others' });
      expect(await runs()).toEqual(['done']);
    });

    it('is left when the matter goes on to a newer stage or is closed', async () => {
      const [one, other] = [await open(), await open()];
      for (const id of [one, other]) await change('matter', id, { matter_stage: DISCOVERY });
      written();
      await change('matter', one, { matter_stage: SETTLEMENT });
      await change('matter', other, { status: 'closed' });
      expect(await runs()).toEqual(['run.restarted', 'run.cancelled', 'running']);
      await until('2026-12-04T12:00:00Z');
      expect(written()).toEqual([]);
    });

    it.each([
      ['approve', ['POST /api/v4/tasks.json 201'], 'done'],
      ['reject', [], 'run.not_approved'],
    ])('asks before a settlement: %s', async (verb, calls, end) => {
      const id = await open();
      await change('matter', id, { matter_stage: SETTLEMENT });
      expect(await approvals()).toMatchObject([{ status: 'pending', asked: ['role:responsible_attorney'] }]);
      expect(written()).toEqual([]);
      await decide(verb);
      expect([written(), await runs()]).toEqual([calls, [end]]);
      if (verb === 'approve')
        expect(tasks()).toEqual(['Settlement authority letter - Jane Doe | Pat Legal | 2026-11-30 | Normal']);
    });

    it('goes on asking about a settlement, and says so, when nobody answers', async () => {
      const id = await open();
      await change('matter', id, { matter_stage: SETTLEMENT });
      await until('2026-11-25T10:00:00Z');
      expect((await firm.openAlerts()).join()).not.toContain('approval_stuck');
      await until('2026-11-28T10:00:00Z');
      expect((await firm.openAlerts()).join()).toContain('approval_stuck');
      expect([written(), await runs()]).toEqual([[], ['running']]);
      await decide('approve');
      expect([written(), await runs()]).toEqual([['POST /api/v4/tasks.json 201'], ['done']]);
    });
  });

  describe('overdue bills', () => {
    let late: number;
    const owed = (number: string, due_at: string, over: object = {}) =>
      firm.control.create('bill', {
        number,
        due_at,
        state: 'awaiting_payment',
        kind: 'revenue_kind',
        total: 900,
        balance: 900,
        issued_at: '2026-11-02',
        matters: [{ id: 1 }],
        client: { id: 1 },
        ...over,
      });
    const call = (number: string, due: string) =>
      `Call Jane Doe about bill ${number} | Bill Ing | ${due} | Normal`;

    beforeEach(async () => {
      await create('matter', { ...MATTER, originating_attorney: { id: 1 } });
      owed('OLD', '2026-10-20');
      late = Number(owed('LATE', '2026-11-26')['id']);
      owed('PAID', '2026-11-26', { balance: 0, state: 'paid' });
      // The first morning: what is overdue by then counts as reminded of.
      await until('2026-11-24T14:31:00Z');
    });

    it('get one reminder for each bucket, on open days', async () => {
      // Thanksgiving; what falls on it waits for the next open day.
      await until('2026-11-26T18:00:00Z');
      expect(written()).toEqual([]);
      await until('2026-11-27T14:31:00Z');
      expect(written()).toEqual(['POST /api/v4/notes.json 201']);
      expect(notes()).toEqual(['Bill LATE is overdue on 1 | Open balance 900.00; was due 26 Nov 2026.']);
      for (const day of ['01', '02', '10']) await until(`2026-12-${day}T14:31:00Z`);
      expect(written()).toEqual([]);
      await until('2026-12-11T14:31:00Z');
      expect([written(), tasks()]).toEqual([['POST /api/v4/tasks.json 201'], [call('LATE', '2026-12-15')]]);
      firm.control.update('bill', late, { balance: 0, state: 'paid' });
      await until('2026-12-29T14:31:00Z');
      expect([written(), await approvals()]).toMatchObject([[], [{ status: 'pending' }]]);
    });

    it.each([
      ['approve', ['POST /api/v4/tasks.json 201'], 'done'],
      ['reject', [], 'run.not_approved'],
      ['nobody', [], 'run.not_approved'],
    ])('ask a partner after 60 days: %s', async (answer, calls, end) => {
      firm.control.update('bill', late, { balance: 0, state: 'paid' });
      await until('2026-12-21T14:31:00Z');
      const [approval] = await approvals();
      expect(approval).toMatchObject({ asked: ['role:originating_attorney', 'group:partners'] });
      expect(written()).toEqual([]);
      if (answer === 'nobody') await until('2026-12-28T15:00:00Z');
      else await decide(answer);
      expect([written(), await runs()]).toEqual([calls, [end]]);
      if (answer === 'approve')
        expect(tasks()).toEqual([
          'Bill OLD: decide on collection (900.00, 62 days) | Alexandra Reed | 2026-12-29 | High',
        ]);
    });
  });
});
