import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPage } from '../../src/admin/rule-views.js';
import { until } from '../../src/demo/poll.js';
import { openPlans } from '../../src/store/cancellable-runs.js';
import { Run } from '../../src/store/run.entity.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const waiting = (more: string) => `
version: 1
id: waiting
name: Waits
triggers: [{ event: task.created }]
conditions: [{ field: task.matter.id, exists: true }]
${more}
actions:
  - wait: { for: 5 days }
  - { action: clio.note.create, with: { type: Matter, matter: '{{task.matter.id}}', subject: Still open, detail: Ask } }
`;
const CANCEL =
  'cancel_when: [{ event: matter.closed, conditions: { field: matter.description, is: Lease } }]';
const OTHER = `
version: 1
id: other
name: Something else
triggers: [{ event: bill.created }]
conditions: [{ field: bill.total, gt: 1000 }]
actions: [{ action: log.write, with: { text: large } }]
`;

describe.each(databases)('runs that wait while their rule goes, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  let matter: number;

  const file = () => join(firm.settings['RULES_DIR'] ?? '', 'waiting.yaml');
  const heard = () =>
    firm.control
      .records('webhook')
      .map(({ model }) => model as string)
      .sort();
  const runs = async () => (await firm.runs()).map(({ status }) => status);
  const inForce = (wanted: (state: string | undefined, version: string | null | undefined) => boolean) =>
    until('the change of the rules is not in force', async () => {
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      const rule = data.find(({ id }) => id === 'waiting');
      return wanted(rule?.state, rule?.version);
    });
  const start = () =>
    firm.play((control) => {
      matter = Number(control.create('matter', { description: 'Lease', status: 'open' })['id']);
      control.create('task', { name: 'Sign', description: 'Now', matter: { id: matter } });
    });
  const close = () => firm.play((control) => control.update('matter', matter, { status: 'closed' }));

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'waiting.yaml': waiting(CANCEL), 'other.yaml': OTHER });
  });
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('are still ended by the events of their own version when it was removed, and then the webhook goes', async () => {
    await start();
    expect(heard()).toEqual(['bill', 'matter', 'task']);
    unlinkSync(file());
    await inForce((state) => state !== 'active');
    await firm.rest();
    expect(heard()).toEqual(['bill', 'matter']);
    await close();
    expect(await runs()).toEqual(['cancelled']);
    await firm.clock.leap(HOUR);
    await firm.rest();
    expect(heard()).toEqual(['bill']);
    await firm.clock.leap(6 * DAY);
    await firm.rest();
    expect(firm.control.records('note')).toEqual([]);
  });

  it('are still ended when the rule was edited, and after a restart', async () => {
    await start();
    const [before] = await firm.database.repo(Run).find();
    writeFileSync(file(), waiting(''));
    await inForce((state, version) => state === 'active' && version !== before?.ruleHash);
    await firm.rest();
    expect(heard()).toEqual(['bill', 'matter', 'task']);
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect(heard()).toEqual(['bill', 'matter', 'task']);
    await close();
    expect(await runs()).toEqual(['cancelled']);
  });

  it('are looked for by version, and not without end', async () => {
    await start();
    await start();
    const [one] = await firm.database.repo(Run).find();
    expect(await openPlans(firm.database, [], 5)).toMatchObject([{ ruleId: 'waiting', plan: one?.plan }]);
    expect(await openPlans(firm.database, [one?.ruleHash ?? ''], 5)).toEqual([]);
    expect(await openPlans(firm.database, ['other'], 0)).toEqual([]);
  });
});
