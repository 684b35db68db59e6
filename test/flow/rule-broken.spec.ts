import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPage } from '../../src/admin/rule-views.js';
import { until } from '../../src/demo/poll.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';

const rule = (action: string) => `version: 1
id: opening
name: opening
triggers: [{ event: matter.created }]
actions: [{ id: say, action: ${action}, with: { text: 'Opened' } }]
`;

describe.each(databases)('a rule file is broken while the engine serves, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': rule('log.write') });
  });

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const file = () => join(firm.settings['RULES_DIR'] ?? '', 'opening.yaml');
  const becomes = (state: string) =>
    until(`the rule is not ${state}`, async () => {
      // The file is read once it has been left alone for a moment, on the firm's clock.
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      return data.some((one) => one.id === 'opening' && one.state === state);
    });
  const alerts = async (wanted: string[]) =>
    until('the alert is not as it should be', async () => {
      return JSON.stringify(await firm.openAlerts()) === JSON.stringify(wanted);
    });
  const open = () =>
    firm.play((control) => control.create('matter', { client: { id: 1 }, description: 'A', status: 'open' }));
  const webhooks = () => firm.control.records('webhook').map(({ model, status }) => [model, status]);

  it('and every event it misses is noted with file, line and reason, also after a restart', async () => {
    writeFileSync(file(), rule('log.wriite'));
    await becomes('broken');
    await alerts(['rule_broken opening']);
    await open();
    expect(await firm.decisions()).toEqual(['matter.created opening errored']);
    const [decision] = (await firm.events())[0]?.decisions ?? [];
    expect(decision).toMatchObject({ reason: 'rule_broken', run_id: null });
    expect(JSON.stringify(decision?.explanation)).toMatch(/opening\.yaml is broken \(line 5.*log\.wriite/);

    await firm.stopEngine();
    writeFileSync(file(), 'id: [');
    await firm.startEngine();
    await open();
    expect((await firm.decisions()).slice(1)).toEqual(['matter.created opening errored']);
    expect(webhooks()).toEqual([['matter', 'enabled']]);

    writeFileSync(file(), rule('log.write'));
    await becomes('active');
    await alerts([]);
    await open();
    expect((await firm.decisions()).slice(2)).toEqual(['matter.created opening matched']);
  });

  it('and nothing is noted any more when its file is gone', async () => {
    writeFileSync(file(), 'id: [');
    await becomes('broken');
    await alerts(['rule_broken opening']);
    rmSync(file());
    await becomes('removed');
    await alerts([]);
  });
});
