import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { updateMatter } from '../../src/act/update-matter.action.js';
import { anActionContext } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { ScriptedClio } from '../support/scripted-clio.js';

let clio: ScriptedClio;
let context: ReturnType<typeof anActionContext>;

beforeEach(async () => {
  clio = await ScriptedClio.start();
  context = anActionContext(aClioClient(clio.baseUrl));
});

afterEach(async () => {
  await clio.stop();
  expect(clio.unexpected).toEqual([]);
});

const execute = (input: Record<string, unknown>) =>
  updateMatter.execute(updateMatter.input.parse({ matter: 77, ...input }), context);

const matter = {
  id: 77,
  etag: '"m1"',
  display_number: '00077-Doe',
  status: 'Open',
  description: 'Dissolution',
  matter_stage: { id: 1, name: 'Intake' },
  practice_area: { id: 3, name: 'Family' },
};
const changed = { ...matter, etag: '"m2"' };

describe('clio.matter.update', () => {
  it('changes the version it read, and only what differs', async () => {
    clio
      .on('GET', 'matters/77', { data: matter })
      .on('PATCH', 'matters/77', { data: { ...changed, status: 'Closed' } });
    const result = await execute({ status: 'Closed', description: 'Dissolution' });
    const [patch] = clio.made('PATCH', 'matters/77');
    expect(patch).toMatchObject({ ifMatch: '"m1"', body: { data: { status: 'closed' } } });
    expect(patch?.body).toEqual({ data: { status: 'closed' } });
    expect(result).toMatchObject({
      output: { ...changed, status: 'Closed' },
      writes: [{ model: 'matter', id: '77', etag: '"m2"' }],
    });
  });

  it('sends nothing when the matter is already as wanted, and claims no version', async () => {
    clio.on('GET', 'matters/77', { data: matter });
    const result = await execute({ status: 'open', stage: 'Intake', description: 'Dissolution' });
    expect(result).toEqual({ output: expect.objectContaining(matter), writes: [], adopted: true });
  });

  it('claims the version it finds when an earlier answer was lost', async () => {
    clio.on('GET', 'matters/77', { data: matter });
    context = { ...context, inDoubt: true };
    const result = await execute({ status: 'open' });
    expect(result.writes).toEqual([{ model: 'matter', id: '77', etag: '"m1"' }]);
  });

  it('goes without a guard where Clio names no version', async () => {
    clio
      .on('GET', 'matters/77', { data: { ...matter, etag: undefined } })
      .on('PATCH', 'matters/77', { data: changed });
    await execute({ status: 'closed' });
    expect(clio.made('PATCH', 'matters/77')[0]?.ifMatch).toBeUndefined();
  });

  it("finds the stage in the matter's own practice area", async () => {
    clio
      .on('GET', 'matters/77', { data: { ...matter, matter_stage: null } })
      .on('GET', 'matter_stages', {
        data: [
          { id: 31, name: 'Intake' },
          { id: 32, name: 'Discovery' },
        ],
      })
      .on('PATCH', 'matters/77', { data: changed });
    await execute({ stage: 'Discovery', description: 'Now in discovery' });
    expect(clio.made('GET', 'matter_stages')[0]?.query).toMatchObject({
      practice_area_id: '3',
      fields: 'id,name',
    });
    expect(clio.made('PATCH', 'matters/77')[0]?.body).toEqual({
      data: { matter_stage: { id: 32 }, description: 'Now in discovery' },
    });
  });

  it('lists the stages there are when the name is not among them', async () => {
    clio
      .on('GET', 'matters/77', { data: matter })
      .on('GET', 'matter_stages', { data: [{ id: 32, name: 'Discovery' }] });
    await expect(execute({ stage: 'Discovry' })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringMatching(
        /Family of matter 77 has no stage "Discovry"\. Did you mean "Discovery"\?/,
      ) as unknown,
    });
  });

  it('needs a practice area to know the stages', async () => {
    clio.on('GET', 'matters/77', { data: { ...matter, practice_area: null } });
    await expect(execute({ stage: 'Discovery' })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('Matter 77 has no practice area') as unknown,
    });
  });

  it('reports the change of somebody else in between as one to try again', async () => {
    clio
      .on('GET', 'matters/77', { data: matter })
      .on('PATCH', 'matters/77', { status: 412, error: { type: 'PreconditionFailed', message: 'Changed.' } });
    await expect(execute({ status: 'closed' })).rejects.toMatchObject({
      code: 'clio.precondition_failed',
      retry: 'later',
      applied: 'no',
    });
  });

  it('refuses an update of nothing', () => {
    expect(updateMatter.input.safeParse({ matter: 77 }).error?.issues).toMatchObject([
      { message: expect.stringContaining('Nothing to update') as unknown },
    ]);
  });
});

describe('custom fields of clio.matter.update', () => {
  const definitions = [
    { id: 10, name: 'Court', field_type: 'text_line' },
    {
      id: 11,
      name: 'Track',
      field_type: 'picklist',
      picklist_options: [
        { id: 41, option: 'Fast', deleted_at: '2025-01-01T00:00:00Z' },
        { id: 42, option: 'Fast', deleted_at: null },
        { id: 43, option: 'Slow' },
      ],
    },
    { id: 12, name: 'Fee cap', field_type: 'currency' },
    { id: 13, name: 'Urgent', field_type: 'checkbox' },
    { id: 14, name: 'Court', field_type: 'text_line', deleted: true },
    { id: 15, name: 'Twin', field_type: 'text_line' },
    { id: 16, name: 'Twin', field_type: 'text_line' },
    { id: 17, name: 'Empty list', field_type: 'picklist' },
  ];
  const value = (id: string | null, fieldId: number, held: unknown) => ({
    id,
    value: held,
    custom_field: { id: fieldId },
  });
  const holding = (...custom_field_values: unknown[]) => ({ ...matter, custom_field_values });

  const patchFor = async (current: unknown, custom_fields: Record<string, unknown>) => {
    clio
      .on('GET', 'matters/77', { data: current })
      .on('GET', 'custom_fields', { data: definitions })
      .on('PATCH', 'matters/77', { data: changed });
    await execute({ custom_fields });
    return clio.made('PATCH', 'matters/77').map(({ body }) => (body as { data: unknown }).data);
  };

  it('asks for the values and definitions it needs', async () => {
    await patchFor(holding(), { Court: 'Superior' });
    expect(clio.made('GET', 'matters/77')[0]?.query.fields).toContain(
      'custom_field_values{id,value,custom_field}',
    );
    expect(clio.made('GET', 'custom_fields')[0]?.query).toMatchObject({
      parent_type: 'matter',
      fields: 'id,name,field_type,deleted,picklist_options{id,option,deleted_at}',
    });
  });

  it("names the definition for a first value and the value's own id for a change", async () => {
    const current = holding(value('text_line-5', 10, 'Municipal'), value(null, 11, null));
    expect(
      await patchFor(current, { Court: 'Superior', Track: 'Fast', 'Fee cap': 100, Urgent: true }),
    ).toEqual([
      {
        custom_field_values: [
          { id: 'text_line-5', value: 'Superior' },
          { custom_field: { id: 11 }, value: '42' },
          { custom_field: { id: 12 }, value: '100' },
          { custom_field: { id: 13 }, value: 'true' },
        ],
      },
    ]);
  });

  it('takes a value away with null, and leaves alone what is not there', async () => {
    const current = holding(value('text_line-5', 10, 'Municipal'));
    expect(await patchFor(current, { Court: null, Track: null })).toEqual([
      { custom_field_values: [{ id: 'text_line-5', _destroy: true }] },
    ]);
  });

  it("knows an equal value in Clio's spelling", async () => {
    const current = holding(
      value('text_line-5', 10, 'Superior'),
      value('picklist-6', 11, 42),
      value('currency-7', 12, '100.0'),
      value('checkbox-8', 13, true),
    );
    expect(
      await patchFor(current, { Court: 'Superior', Track: 'Fast', 'Fee cap': 100, Urgent: 'true' }),
    ).toEqual([]);
  });

  it('writes over a value that is there but empty', async () => {
    const current = holding(value('currency-7', 12, null), value('text_line-5', 10, '100.0'));
    expect(await patchFor(current, { 'Fee cap': 0, Court: '100' })).toEqual([
      {
        custom_field_values: [
          { id: 'currency-7', value: '0' },
          { id: 'text_line-5', value: '100' },
        ],
      },
    ]);
  });

  it.each([
    {
      fields: { Cort: 'x' },
      code: 'clio.no_match',
      says: /no custom field of matters called "Cort"\. Did you mean "Court"/,
    },
    { fields: { Twin: 'x' }, code: 'clio.ambiguous', says: /2 custom fields of matters called "Twin"/ },
    {
      fields: { Track: 'Slw' },
      code: 'clio.no_match',
      says: /no option "Slw"\. Did you mean "Slow"\? It has: Fast, Slow/,
    },
    { fields: { 'Empty list': 'Any' }, code: 'clio.no_match', says: /"Empty list" has no option "Any"/ },
  ])('refuses $fields: $code', async ({ fields, code, says }) => {
    await expect(patchFor(matter, fields)).rejects.toMatchObject({
      code,
      retry: 'never',
      applied: 'no',
      message: expect.stringMatching(says) as unknown,
    });
  });
});
