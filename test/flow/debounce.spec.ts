import { afterEach, describe, expect, it } from '@jest/globals';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const STAGES = `
version: 1
id: stages
name: A task for each stage
triggers: [{ event: matter.updated }]
conditions: { field: matter.matter_stage.id, changed: true }
debounce: { key: "{{matter.id}}", period: 3 minutes }
actions:
  - action: log.write
    with: { text: '{{matter.display_number}}' }
`;

describe.each(databases)('a matter that is dragged to the wrong stage and back, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('has not moved; one that is really moved has, once', async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'stages.yaml': STAGES });
    const stages = firm.control.records('matter_stage').map((stage) => ({ id: Number(stage['id']) }));
    const [from, to] = stages;
    expect(stages.length).toBeGreaterThan(1);
    const made = { description: 'Doe', matter_stage: from };
    const id = await firm.play((control) => Number(control.create('matter', made)['id']));
    const drag = async (stage: unknown) => {
      // Clio's times have seconds.
      await firm.clock.advance(60_000);
      firm.control.update('matter', id, { matter_stage: stage });
      await firm.control.settle();
      await firm.settleLanes();
    };
    expect(await firm.decisions()).toEqual([]);
    await drag(to);
    const waiting = (await firm.events()).flatMap(({ debouncing }) => debouncing);
    expect(waiting).toEqual([{ rule_id: 'stages', until: expect.any(String) }]);
    await drag(from);
    await firm.rest();
    expect(await firm.decisions()).toEqual([
      'matter.updated stages suppressed',
      'matter.updated stages not_matched',
    ]);
    await drag(to);
    await firm.rest();
    expect((await firm.decisions()).slice(2)).toEqual(['matter.updated stages matched']);
    expect(await firm.runs()).toMatchObject([{ status: 'done', steps: [{ output: expect.anything() }] }]);
    expect((await firm.events()).flatMap(({ debouncing }) => debouncing)).toEqual([]);
  });
});
