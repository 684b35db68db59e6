import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Alert } from '../../src/store/alert.entity.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const MINUTE = 60_000;

const RULE = `
version: 1
id: retainer
name: Retainer paid
triggers: [{ event: matter.updated }]
conditions:
  - { field: matter.custom_fields.Retainer paid, gte: 1000 }
  - { field: matter.custom_fields.Urgent, is: false }
actions:
  - id: fee
    action: clio.matter.update
    with: { matter: '{{matter.id}}', custom_fields: { Fee agreement: Hourly } }
  - id: note
    action: clio.note.create
    with:
      type: Matter
      matter: '{{matter.id}}'
      subject: 'Retainer {{matter.custom_fields.[Retainer paid]}} paid, before {{default previous.custom_fields.[Retainer paid] "none"}}'
`;

describe.each(databases)('rules about custom fields, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  let matter: number;
  let retainer: number;
  let urgent: number;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'retainer.yaml': RULE });
    const define = (name: string, field_type: string) =>
      Number(firm.control.create('custom_field', { name, field_type, parent_type: 'Matter' })['id']);
    retainer = define('Retainer paid', 'currency');
    urgent = define('Urgent', 'checkbox');
    matter = await firm.play((control) =>
      Number(control.create('matter', { description: 'Dissolution' })['id']),
    );
    await set({ [urgent]: 'false', [retainer]: '0' });
    firm.control.clearCalls();
  });

  afterEach(async () => {
    expect(firm.control.warnings()).toEqual([]);
    await firm.close();
    await remove();
  });

  interface Held {
    id: string;
    field_name: string;
    value: string;
    custom_field: { id: number };
  }
  const held = () => firm.control.record('matter', matter)?.['custom_field_values'] as unknown as Held[];
  const set = (values: Record<number, string>) =>
    firm.play((control) => {
      const custom_field_values = Object.entries(values).map(([field, value]) => {
        const old = held().find((one) => one.custom_field.id === Number(field));
        return old === undefined ? { custom_field: { id: Number(field) }, value } : { id: old.id, value };
      });
      control.update('matter', matter, { custom_field_values });
    });
  const notes = () => firm.control.records('note').map(({ subject }) => subject);
  const alerts = async () =>
    (await firm.database.repo(Alert).find())
      .filter(({ closedAt }) => closedAt === null)
      .map(({ subject, message }) => [subject, message]);

  it('fires on a value by name, writes a picklist by name and says the values in a text', async () => {
    await set({ [retainer]: '1500' });
    expect(notes()).toEqual(['Retainer 1500 paid, before 0']);
    const fee = held().find((one) => one.field_name === 'Fee agreement');
    expect(fee).toMatchObject({ id: expect.stringMatching(/^picklist-\d+$/), value: '2' });
    expect((await firm.runs()).map(({ status }) => status)).toEqual(['done']);
    expect(firm.writes()).toEqual([
      `PATCH /api/v4/matters/${matter}.json 200`,
      'POST /api/v4/notes.json 201',
    ]);
  });

  it('asks no webhook for custom fields', () => {
    const [webhook] = firm.control.records('webhook');
    expect(webhook?.['fields']).not.toContain('custom');
  });

  it('does nothing while the condition does not hold, and nothing twice', async () => {
    await set({ [retainer]: '999' });
    expect(notes()).toEqual([]);
    await set({ [retainer]: '1000' });
    await set({ [retainer]: '2000' });
    expect(notes()).toEqual(['Retainer 1000 paid, before 999']);
  });

  it('ends in a clear error and an alarm when the field to write was deleted between lint and run', async () => {
    firm.control.remove('custom_field', 2);
    await set({ [retainer]: '1500' });
    const [run] = await firm.runs();
    expect(run?.status).toBe('failed');
    expect(run?.steps[0]?.error).toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('no custom field of matters called "Fee agreement"'),
    });
    await firm.clock.advance(5 * MINUTE);
    await firm.rest();
    expect(await alerts()).toEqual([
      [
        'matter_custom_field:Fee agreement',
        expect.stringContaining('"Fee agreement" was deleted in Clio. The rule retainer names it.'),
      ],
    ]);
  });

  it('is unknown, and raises an alarm, when the field in a condition was deleted', async () => {
    firm.control.remove('custom_field', urgent);
    await set({ [retainer]: '1500' });
    const last = (await firm.events()).at(-1);
    expect(last?.decisions).toMatchObject([{ outcome: 'unknown', reason: 'no_such_field' }]);
    expect(firm.writes()).toEqual([]);
    expect((await alerts()).map(([subject]) => subject)).toEqual(['matter_custom_field:Urgent']);
  });
});
