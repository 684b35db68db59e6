import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { approvalStory } from '../../src/admin/approval-story.js';
import { approvalsPage } from '../../src/admin/approval-views.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, adminOf, LawFirm } from '../support/law-firm.js';

/** The rule that docs/rules.md shows. */
const RULE =
  /```yaml\n(version: 1\nid: complaint-served\n[^]*?)```/.exec(readFileSync('docs/rules.md', 'utf8'))?.[1] ??
  '';
const opened = { client: { id: 1 }, description: 'Doe', status: 'open', responsible_attorney: { id: 1 } };

describe.each(databases)('dates of a court, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const asked = async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'complaint-served.yaml': RULE });
    const { id } = await firm.play((control) => {
      control.create('custom_field', { name: 'Complaint served', parent_type: 'Matter', field_type: 'date' });
      return control.create('matter', opened);
    });
    const value = { custom_field: { id: 3 }, value: '2026-12-01' };
    await firm.play((control) => control.update('matter', Number(id), { custom_field_values: [value] }));
    return (await adminOf(firm.url).get('approvals', approvalsPage)).data[0]?.id ?? '';
  };
  const decide = (approval: string, verb: string) =>
    firm.play(() =>
      fetch(`${firm.url}/api/v1/approvals/${approval}/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'Ada' }),
      }),
    );
  const docketing = () => firm.writes().filter((call) => call.includes('matter_dockets'));

  it('are shown by Clio before anything is written, confirmed by a person, and docketed once', async () => {
    const approval = await asked();
    const { preview } = await adminOf(firm.url).get(`approvals/${approval}`, approvalStory);
    expect(preview.map(({ step }) => step)).toEqual([
      'docket',
      'note',
      'prepare[0]',
      'prepare[1]',
      'prepare[2]',
    ]);
    expect(preview[1]).toMatchObject({
      input: { detail: expect.stringContaining('2026-12-21 Answer due\n') as unknown },
    });
    expect(firm.writes()).toEqual([]);
    const lost = {
      on: 'request',
      method: 'POST',
      path: 'matter_dockets.json$',
      kind: 'reset-after',
    } as const;
    firm.control.fault(lost);
    await decide(approval, 'approve');
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    const [run] = await firm.runs();
    expect(run?.status).toBe('done');
    expect(firm.control.records('matter_docket')).toMatchObject([
      { name: 'Complaint served', matter: { id: 1 } },
    ]);
    expect(docketing()).toEqual(['POST /api/v4/court_rules/matter_dockets.json cut']);
    expect(firm.control.records('calendar_entry').map(({ summary }) => summary)).toEqual([
      'Answer due',
      'Motion to dismiss due',
      'Request for a preliminary conference due',
    ]);
    expect(firm.control.records('task')).toHaveLength(3);
  });

  it('stay out of the calendar when a person says no', async () => {
    await decide(await asked(), 'reject');
    expect((await firm.runs())[0]).toMatchObject({ status: 'cancelled' });
    expect(firm.writes()).toEqual([]);
    expect(firm.control.records('calendar_entry')).toEqual([]);
  });
});
