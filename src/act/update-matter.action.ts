import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { defineAction } from './action.js';
import { written } from './adopt.js';
import { customFieldChanges, customFields } from './custom-field-changes.js';
import { matterId } from './input-fields.js';
import { lookupStage } from './lookup-stage.js';
import { matterChanges, matterFields, matterReadBack, withPracticeArea } from './matter-fields.js';
import { readBack } from './read-back.js';

const matter = readBack('matter', matterReadBack);

const input = z
  .strictObject({
    matter: matterId,
    /** Either spelling: Clio shows `Open` and takes `open`. */
    status: z
      .enum(['Open', 'Pending', 'Closed', 'open', 'pending', 'closed'])
      .optional()
      .describe('The state of the matter.'),
    stage: z.string().min(1).optional().describe("The name of a stage of the matter's practice area."),
    description: z.string().min(1).optional().describe('What the matter is about.'),
    ...matterFields,
    custom_fields: customFields
      .optional()
      .describe("Values by the custom field's name; null takes one away."),
  })
  .refine(
    (wanted) => Object.entries(wanted).some(([name, value]) => name !== 'matter' && value !== undefined),
    {
      path: ['status'],
      message: 'Nothing to update: give at least one value besides "matter".',
    },
  );
type Input = z.output<typeof input>;

/**
 * Brings a matter to the wanted values, against the version just read: a change by somebody else in between is refused
 * by Clio (412) and read anew on the next try. Sends nothing when the matter already is as wanted.
 */
export const updateMatter = defineAction({
  name: 'clio.matter.update',
  summary: 'Brings a matter to the wanted values; sends nothing when it has them.',
  input,
  safety: 'repeatable',
  text: {
    status: 'plain',
    stage: 'plain',
    description: 'plain',
    client_reference: 'plain',
    location: 'plain',
    custom_fields: 'plain',
  },
  output: matter.output,

  async execute(wanted, context) {
    const path = `matters/${wanted.matter}`;
    const values = wanted.custom_fields === undefined ? '' : ',custom_field_values{id,value,custom_field}';
    const current = await context.clio.get(path, { fields: matter.fields + values }, context.signal);
    const data = await changesOf(current, wanted, context);
    if (Object.keys(data).length > 0) {
      const options = { fields: matter.fields, signal: context.signal };
      const guard = current.etag === undefined ? {} : { ifMatch: current.etag };
      return written(await context.clio.update(path, data, { ...options, ...guard }), matter);
    }
    // Only after a lost answer is the version that is there ours; otherwise its webhook is no echo of this step.
    const { output, writes } = written(current, matter);
    return { output, writes: context.inDoubt ? writes : [], adopted: true };
  },
});

async function changesOf(
  current: ClioRecord,
  wanted: Input,
  context: ActionContext,
): Promise<Record<string, unknown>> {
  const changes = await matterChanges(wanted, current, wanted.matter, context);
  const status = wanted.status?.toLowerCase();
  if (status !== undefined && String(current.status).toLowerCase() !== status) changes.status = status;
  if (wanted.description !== undefined && current.description !== wanted.description) {
    changes.description = wanted.description;
  }
  if (wanted.stage !== undefined) {
    const stage = isObject(current.matter_stage) ? current.matter_stage : {};
    // Stages of two practice areas may share a name, so a matter that changes its area needs the new area's.
    if (stage.name !== wanted.stage || changes.practice_area !== undefined) {
      const matter = withPracticeArea(current, wanted, changes);
      changes.matter_stage = { id: await lookupStage(wanted.stage, matter, context) };
    }
  }
  if (wanted.custom_fields !== undefined) {
    const values = await customFieldChanges(wanted.custom_fields, current, context);
    if (values.length > 0) changes.custom_field_values = values;
  }
  return changes;
}
