import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { defineAction } from './action.js';
import { guardedUpdate } from './guarded-update.js';
import { customFieldChanges, customFields, reasonOfRefusal } from './custom-field-changes.js';
import { recordId } from './input-fields.js';
import { lookupStage } from './lookup-stage.js';
import { readBack } from './read-back.js';

const matter = readBack('matter', {
  id: true,
  etag: true,
  display_number: true,
  status: true,
  description: true,
  matter_stage: ['id', 'name'],
  practice_area: ['id', 'name'],
});

const input = z
  .strictObject({
    matter: recordId,
    /** Either spelling: Clio shows `Open` and takes `open`. */
    status: z.enum(['Open', 'Pending', 'Closed', 'open', 'pending', 'closed']).optional(),
    /** The name of a stage of the matter's practice area. */
    stage: z.string().min(1).optional(),
    description: z.string().min(1).optional(),
    custom_fields: customFields.optional(),
  })
  .refine(
    ({ status, stage, description, custom_fields }) =>
      Boolean(status ?? stage ?? description ?? custom_fields),
    {
      path: ['status'],
      message: 'Nothing to update: give a status, a stage, a description or custom_fields.',
    },
  );
type Input = z.output<typeof input>;

/** Brings a matter to the wanted values. */
export const updateMatter = defineAction({
  name: 'clio.matter.update',
  summary: 'Brings a matter to the wanted values.',
  input,
  safety: 'repeatable',
  text: { status: 'plain', stage: 'plain', description: 'plain', custom_fields: 'plain' },
  references: { stage: 'matter_stage', custom_fields: 'matter_custom_field' },
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
  const changes: Record<string, unknown> = {};
  const status = wanted.status?.toLowerCase();
  if (status !== undefined && String(current.status).toLowerCase() !== status) changes.status = status;
  if (wanted.description !== undefined && current.description !== wanted.description) {
    changes.description = wanted.description;
  }
  if (wanted.stage !== undefined) {
    const stage = isObject(current.matter_stage) ? current.matter_stage : {};
    if (stage.name !== wanted.stage)
      changes.matter_stage = { id: await lookupStage(wanted.stage, current, context) };
  }
  if (wanted.custom_fields !== undefined) {
    const values = await customFieldChanges(wanted.custom_fields, current, context);
    if (values.length > 0) changes.custom_field_values = values;
  }
  return changes;
}
