import { afterEach, describe, expect, it } from '@jest/globals';
import { alertsPage } from '../../src/admin/alert-views.js';
import { textOf } from '../../src/lib/json.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';

const rule = (id: string, before: string) => ({
  [`${id}.yaml`]: `
version: 1
id: ${id}
name: Rule ${id}
triggers: [{ event: matter.created }]
idempotency_key: '{{matter.id}}'
actions:
${before}  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: '{{rule.id}} {{matter.description}}', detail: x } }
`,
});

describe.each(databases)('what a record does not have when a run needs it, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('a role that nobody holds, and a time that is empty, are told, and hold up no other run', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, {
      ...rule('asks', '  - { id: ask, approval: { by: role:responsible_staff } }\n'),
      ...rule('until', "  - { id: pause, wait: { until: '{{matter.pending_date}}' } }\n"),
      ...rule('plain', ''),
    });
    const make = (description: string, over: object) =>
      firm.play((control) =>
        control.create('matter', { client: { id: 1 }, description, status: 'open', ...over }),
      );
    await make('Empty', {});
    await make('Full', { responsible_staff: { id: 1 }, pending_date: '2026-11-24' });

    const notes = firm.control.records('note').map(({ subject }) => textOf(subject ?? null));
    expect(notes.sort()).toEqual(['plain Empty', 'plain Full', 'until Full']);
    const runs = await firm.runs();
    const of = (ruleId: string) => runs.filter(({ rule_id }) => rule_id === ruleId);
    expect(of('asks').map(({ status }) => status)).toEqual(['running', 'running']);
    expect(of('until').map(({ status }) => status)).toEqual(['failed', 'done']);
    expect(of('until')[0]?.error).toMatchObject({ message: expect.stringContaining('pending_date') });
    const { data } = await adminOf(firm.url).get('alerts', alertsPage);
    expect(data).toMatchObject([
      {
        kind: 'approval_stuck',
        message: expect.stringMatching(
          /rule asks\) cannot ask everybody \(role:responsible_staff: the matter has no responsible_staff.*praetor approvals approve/,
        ),
      },
    ]);
  });
});
