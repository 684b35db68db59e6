import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const shipped = (name: string) => ({ [name]: readFileSync(`rules/${name}`, 'utf8') });
const matter = { client: { id: 1 }, description: 'Dissolution', responsible_attorney: { id: 1 } };

describe.each(databases)('a rule that is shipped, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async (rules: Record<string, string>) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  };
  const tasks = () => firm.control.records('task').map(({ name }) => name);
  const create = (model: string, set: Record<string, unknown>) =>
    firm.play((control) => Number(control.create(model, set)['id']));

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('matter-opening-tasks: a matter made pending with its practice area gets its tasks when it is opened, once', async () => {
    await start(shipped('matter-opening-tasks.yaml'));
    const family = { practice_area: { id: 1 } };
    const id = await create('matter', { ...matter, ...family, status: 'pending' });
    expect(tasks()).toEqual([]);
    await firm.play((control) => control.update('matter', id, { status: 'open' }));
    expect(tasks()).toHaveLength(2);
    await firm.play((control) => control.update('matter', id, { status: 'pending' }));
    await firm.play((control) => control.update('matter', id, { status: 'open' }));
    expect(tasks()).toHaveLength(2);
    expect((await firm.decisions()).filter((line) => line.endsWith(' matched'))).toHaveLength(1);
  });

  it('bill-issued-note: a note that is refused stops no other, and a fourth matter is not forgotten', async () => {
    await start(shipped('bill-issued-note.yaml'));
    const matters: { id: number }[] = [];
    for (let count = 0; count < 4; count++) matters.push({ id: await create('matter', matter) });
    const bill = await create('bill', {
      state: 'draft',
      matters,
      total: 900,
      client: { id: 1 },
      number: '1042',
    });
    await firm.play((control) => control.update('bill', bill, { state: 'awaiting_approval' }));
    firm.control.fault({
      on: 'request',
      method: 'POST',
      path: '/notes',
      kind: 'status',
      status: 422,
      count: 1,
    });
    await firm.play((control) => control.update('bill', bill, { state: 'awaiting_payment' }));
    const noted = firm.control.records('note').map((note) => (note['matter'] as { id: number }).id);
    expect(noted).toEqual([matters[1]?.id, matters[2]?.id]);
    expect(tasks()).toEqual(['Bill 1042 has more than three matters: write the other notes']);
  });
});
