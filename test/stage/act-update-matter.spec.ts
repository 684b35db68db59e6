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
    context = { ...context, inDoubt: true, remembered: { etag: '"m0"' } };
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

  it('refuses a stage that its practice area has twice', async () => {
    const twice = [31, 32].map((id) => ({ id, name: 'Discovery' }));
    clio.on('GET', 'matters/77', { data: matter }).on('GET', 'matter_stages', { data: twice });
    await expect(execute({ stage: 'Discovery' })).rejects.toMatchObject({
      code: 'clio.ambiguous',
      message: expect.stringContaining('Family has 2 stages "Discovery" (ids 31, 32)') as unknown,
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
    { id: 18, name: 'Hearing', field_type: 'date' },
    { id: 19, name: 'Opponent', field_type: 'contact' },
    { id: 20, name: 'Related', field_type: 'matter' },
    { id: 21, name: 'Count', field_type: 'numeric' },
    { id: 22, name: 'Address', field_type: 'email' },
    { id: 23, name: 'Page', field_type: 'url' },
    { id: 24, name: 'Hour', field_type: 'time' },
    { id: 25, name: 'Story', field_type: 'text_area' },
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

  it.each([
    ['Track', 'Fast', '42'],
    ['Urgent', false, 'false'],
    ['Urgent', 'true', 'true'],
    ['Fee cap', 1250.5, '1250.5'],
    ['Fee cap', ' 99 ', '99'],
    ['Count', '-0.125', '-0.125'],
    ['Hearing', '2026-12-24', '2026-12-24'],
    ['Opponent', 12, '12'],
    ['Related', '13', '13'],
    ['Address', 'jane@example.com', 'jane@example.com'],
    ['Page', 'https://example.com', 'https://example.com'],
    ['Hour', '09:30', '09:30'],
    ['Story', 'two\nlines', 'two\nlines'],
  ])('writes %s: %j as %j', async (name, wanted, value) => {
    const [data] = await patchFor(matter, { [name]: wanted });
    expect(data).toEqual({ custom_field_values: [{ custom_field: { id: expect.any(Number) }, value }] });
  });

  it.each([
    ['Urgent', 'maybe', 'is a checkbox and takes true or false'],
    ['Fee cap', '1,250.50', 'holds an amount'],
    ['Fee cap', 0.125, 'holds an amount'],
    ['Count', 'twelve', 'holds a number'],
    ['Hearing', '24.12.2026', 'takes YYYY-MM-DD'],
    ['Opponent', 'Jane Doe', "takes the contact's id"],
    ['Related', 0, "takes the matter's id"],
    ['Address', 'jane', 'holds an e-mail address'],
    ['Court', 'two\nlines', 'holds one line of text'],
  ])('refuses %s: %j before anything is sent', async (name, wanted, says) => {
    await expect(patchFor(matter, { [name]: wanted })).rejects.toMatchObject({
      code: 'rule.input_invalid',
      message: expect.stringContaining(says) as unknown,
    });
    expect(clio.made('PATCH', 'matters/77')).toEqual([]);
  });

  it('says that a field was deleted when what is kept of the definitions is out of date', async () => {
    const refusal = {
      status: 422,
      error: { type: 'ArgumentError', message: 'custom_field 10 does not exist' },
    };
    clio
      .on('GET', 'matters/77', { data: matter })
      .on('GET', 'custom_fields', { data: definitions }, { data: definitions.slice(1, 4) })
      .on('PATCH', 'matters/77', refusal);
    await expect(execute({ custom_fields: { Court: 'Superior' } })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('no custom field of matters called "Court"') as unknown,
    });
  });

  it("leaves Clio's refusal as it is when the definitions are not to blame", async () => {
    const refusal = { status: 422, error: { type: 'ArgumentError', message: 'too long' } };
    clio
      .on('GET', 'matters/77', { data: matter })
      .on('GET', 'custom_fields', { data: definitions })
      .on('PATCH', 'matters/77', refusal);
    await expect(execute({ custom_fields: { Court: 'Superior' } })).rejects.toMatchObject({
      code: 'clio.invalid',
    });
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
