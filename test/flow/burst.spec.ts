import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Run } from '../../src/store/run.entity.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const WATCH = `
version: 1
id: watch
name: Watch matters
triggers: [{ event: matter.updated }]
conditions: { field: matter.description, changed: true }
limits: { runs_per_hour: 1000 }
actions: [{ action: log.write, with: { text: '{{matter.description}}' } }]
`;

describe.each(databases)('a burst of changed matters, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'watch.yaml': WATCH });
  });

  afterAll(async () => {
    await firm.close();
    await remove();
  });

  it('costs four reads at most for 200 of them, and every one is decided', async () => {
    const ids = await firm.play(async (control) => {
      const made = Array.from({ length: 200 }, (_, n) => control.create('matter', { description: `a${n}` }));
      await control.settle();
      return made.map(({ id }) => Number(id));
    });
    await firm.clock.advance(60_000);
    firm.control.clearCalls();
    // Twice in one second: Clio's times cannot put the two versions in order, so each record has to be read.
    await firm.play(async (control) => {
      for (const text of ['b', 'c'])
        for (const id of ids) control.update('matter', id, { description: text });
      // Time stands still for what is on its way: a slow machine must not look like a receiver that does not answer.
      await control.settle();
    });
    const reads = firm.calls().filter((call) => call.startsWith('GET'));
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThanOrEqual(4);
    expect(reads).toEqual(reads.map(() => 'GET /api/v4/matters.json 200'));
    const runs = await firm.database.repo(Run).find();
    expect(new Set(runs.map(({ recordId }) => recordId)).size).toBe(200);
    expect(firm.control.warnings()).toEqual([]);
    // 600 events and 400 runs: how long that takes is a matter for the bench.
  });
});
