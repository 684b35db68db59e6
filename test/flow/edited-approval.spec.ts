import { afterEach, describe, expect, it } from '@jest/globals';
import { approvalStory } from '../../src/admin/approval-story.js';
import { approvalsPage } from '../../src/admin/approval-views.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, adminOf, LawFirm } from '../support/law-firm.js';

const RULE = `
version: 1
id: calling
name: Calling
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - { id: ok, approval: { by: role:responsible_attorney, timeout: 3 days } }
  - id: call
    action: clio.task.create
    with:
      name: 'Call about {{matter.description}}'
      description: As soon as possible.
      matter: '{{matter.id}}'
      assignee: { role: responsible_attorney }
`;
const opened = { client: { id: 1 }, description: 'Lease', status: 'open', responsible_attorney: { id: 1 } };

describe.each(databases)('an approval with other words, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it.each(['as it goes', 'with the answer lost'])('makes the edited task once: %s', async (how) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'calling.yaml': RULE });
    await firm.play((control) => void control.create('matter', opened));
    const api = adminOf(firm.url);
    const id = (await api.get('approvals', approvalsPage)).data[0]?.id ?? '';
    const { preview } = await api.get(`approvals/${id}`, approvalStory);
    expect(preview).toMatchObject([{ step: 'call', will: 'act', input: { name: 'Call about Lease' } }]);
    if (how !== 'as it goes')
      firm.control.fault({
        on: 'request',
        method: 'POST',
        path: '^/api/v4/tasks.json$',
        kind: 'reset-after',
      });
    const edits = { call: { name: 'Call {{now}} "today"', description: 'By <noon>.' } };
    await firm.play(() =>
      fetch(`${firm.url}/api/v1/approvals/${id}/approve`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'Ada', edits }),
      }),
    );
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect(firm.control.records('task')).toMatchObject([
      { name: 'Call {{now}} "today"', description: expect.stringMatching(/^By <noon>\.\s+Automation \w+$/) },
    ]);
    const lost = firm.writes().filter((call) => call === 'POST /api/v4/tasks.json cut');
    expect(lost).toHaveLength(how === 'as it goes' ? 0 : 1);
    const [run] = await firm.runs();
    expect(run).toMatchObject({
      status: 'done',
      steps: [{ output: { edits: [{}, {}] } }, { input: edits.call }],
    });
  });
});
