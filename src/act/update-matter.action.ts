import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { defineAction } from './action.js';
import { guardedUpdate } from './guarded-update.js';
import { customFieldChanges, customFields, reasonOfRefusal } from './custom-field-changes.js';
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

/** Brings a matter to the wanted values. */
export const updateMatter = defineAction({
  name: 'clio.matter.update',
  summary: 'Brings a matter to the wanted values; sends nothing when it has them.',
  input,
  safety: 'repeatable',
  references: { stage: 'matter_stage', custom_fields: 'matter_custom_field' },
  text: {
    status: 'plain',
    stage: 'plain',
    description: 'plain',
    client_reference: 'plain',
    location: 'plain',
    custom_fields: 'plain',
  },
  output: matter.output,

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `matters/${wanted.matter}`,
        readBack: matter,
        alsoRead: wanted.custom_fields && 'custom_field_values{id,value,custom_field}',
        changesOf: (current) => changesOf(current, wanted, context),
        reasonOf: (refused, current) =>
          reasonOfRefusal(refused, wanted.custom_fields ?? {}, current, context),
      },
      context,
    ),
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
