import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPage } from '../../src/admin/rule-views.js';
import { until } from '../../src/demo/poll.js';
import { databases } from '../support/databases.js';
import { adminOf, LawFirm } from '../support/law-firm.js';

const rule = (id: string, event: string, condition: string) => `
version: 1
id: ${id}
name: ${id}
triggers: [{ event: ${event} }]
conditions: [${condition}]
actions: [{ id: say, action: log.write, with: { text: '${event}' } }]
`;

describe.each(databases)('a rule file is added while the engine serves, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, {
      'opening.yaml': rule('opening', 'matter.created', '{ field: matter.status, is: Open }'),
    });
  });

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const webhooks = () =>
    firm.control.records('webhook').map(({ model, status, fields }) => ({ model, status, fields }));

  it('and its webhook is made at Clio, and the rule is in force', async () => {
    expect(webhooks()).toMatchObject([{ model: 'matter', status: 'enabled' }]);
    const large = rule('large-bill', 'bill.created', '{ field: bill.total, gt: 1000 }');
    writeFileSync(join(firm.settings['RULES_DIR'] ?? '', 'large-bill.yaml'), large);
    await until('the new rule is not in force', async () => {
      // The file is read once it has been left alone for a moment, on the firm's clock.
      await firm.clock.advance(300);
      const { data } = await adminOf(firm.url).get('rules', rulesPage);
      return data.some(({ id }) => id === 'large-bill');
    });
    // The clock stands still now: only the change of the rules can wake the lane, no sweep.
    await until('the webhook of the new rule is not enabled', async () =>
      webhooks().some(({ model, status }) => model === 'bill' && status === 'enabled'),
    );
    expect(webhooks()).toHaveLength(2);
    expect(webhooks()[1]).toMatchObject({ model: 'bill', fields: expect.stringContaining('total') });
    await firm.play((control) => control.create('bill', { total: 5000 }));
    expect(await firm.decisions()).toEqual(['bill.created large-bill matched']);
  });
});
