import { afterEach, describe, expect, it } from '@jest/globals';
import { approvalStory } from '../../src/admin/approval-story.js';
import { approvalsPage, type ApprovalView } from '../../src/admin/approval-views.js';
import { runReport } from '../../src/cli/run-report.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, adminOf, LawFirm } from '../support/law-firm.js';

const task = (id: string, name: string) =>
  `{ id: ${id}, action: clio.task.create, with: { name: '${name}', description: 'Now.', matter: '{{matter.id}}', assignee: { role: responsible_attorney } } }`;
const RULE = `
version: 1
id: settlement
name: Settlement
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
cancel_when: [{ event: matter.closed }]
actions:
  - choose:
      - name: described
        if: { field: matter.description, exists: true }
        then:
          - ${task('first', 'First')}
          - wait: { for: 2 hours }
          - { id: ok, approval: { by: role:responsible_attorney, timeout: 3 days } }
          - { for_each: outputs.open.items, as: one, max: 5, actions: [${task('each', 'After {{one.name}} by {{run.approvals.0.user}}: {{matter.description}}')}] }
    else:
      - stop: nothing to do
`.replace(
  '          - { id: ok,',
  `          - { id: open, action: clio.task.list, with: { matter: '{{matter.id}}', complete: false, created_since: '{{run.started_at}}', limit: 5 } }
          - { id: ok,`,
);

const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

describe.each(databases)('a rule with flow, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'settlement.yaml': RULE });
    return firm.play((control) => Number(control.create('matter', opened)['id']));
  };
  const again = async () => {
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
  };
  const names = () => firm.control.records('task').map(({ name }) => name);

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('goes on where it was, with the engine stopped and started in between', async () => {
    const id = await start();
    expect(names()).toEqual(['First']);
    await firm.play((control) => void control.update('matter', id, { description: 'Settlement' }));
    await again();
    await firm.clock.advance(2 * 3_600_000);
    await again();
    const api = adminOf(firm.url);
    const { data } = await api.get('approvals', approvalsPage);
    const [approval] = data as [ApprovalView];
    expect(approval).toMatchObject({ status: 'pending', asked: ['role:responsible_attorney'], step: 'ok' });
    const decide = async (id: string, verb: string, body: object = { by: 'Ada' }) => {
      const answer = await fetch(`${firm.url}/api/v1/approvals/${id}/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    };
    await firm.play(() => decide(approval.id, 'approve'));
    expect(await decide(approval.id, 'approve')).toMatchObject({
      status: 200,
      body: { status: 'approved', decided_by: 'Ada' },
    });
    expect(await decide(approval.id, 'reject')).toMatchObject({
      status: 409,
      body: { code: 'request.conflict' },
    });
    expect(await decide('none', 'reject')).toMatchObject({ status: 404 });
    expect(await decide(approval.id, 'approve', {})).toMatchObject({ status: 409 });
    const story = await api.get(`approvals/${approval.id}`, approvalStory);
    expect(JSON.stringify(story.because)).toContain('matter.status');
    await again();
    expect(names()).toEqual(['First', 'After First by Ada: Settlement']);
    const [run] = await firm.runs();
    expect(run?.steps.map(({ key, status }) => `${key} ${status}`)).toEqual([
      '0 done',
      'first done',
      '0.0.1 done',
      'open done',
      'ok done',
      '0.0.4 done',
      'each[0] done',
    ]);
    expect(run?.status).toBe('done');
    expect(runReport(run!)).toMatch(/Step 0 {2}choose {2}done\n {2}took {3}described: the condition holds\n/);
  });

  it('ends when its matter is closed, and does nothing of what would follow', async () => {
    const id = await start();
    await firm.play((control) => void control.update('matter', id, { status: 'Closed' }));
    const [run] = await firm.runs();
    expect(run).toMatchObject({ status: 'cancelled', error: { code: 'run.cancelled' } });
    expect(run?.steps.at(-1)).toMatchObject({ action: 'wait', status: 'skipped' });
    await firm.clock.advance(3 * 3_600_000);
    await firm.rest();
    expect(names()).toEqual(['First']);
  });
});
