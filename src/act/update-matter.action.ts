import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { defineAction } from './action.js';
import { changeCustomFields, customFields, reasonOfRefusal } from './custom-field-changes.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { matterId } from './input-fields.js';
import { lookupStage } from './lookup-stage.js';
import {
  matterChanges,
  matterFields,
  matterReadBack,
  matterReferences,
  withPracticeArea,
} from './matter-fields.js';
import { readBack } from './read-back.js';
import type { RecordChanges } from './record-changes.js';
import { undoUpdate } from './undo-update.js';

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
  echo: ({ matter: id }) => [changedRecord('matter', id)],
  references: matterReferences,
  text: {
    status: 'plain',
    stage: 'plain',
    description: 'plain',
    client_reference: 'plain',
    location: 'plain',
    custom_fields: 'plain',
  },
  output: updateOutput(matter),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `matters/${wanted.matter}`,
        readBack: matter,
        alsoRead: wanted.custom_fields && 'custom_field_values{id,value,custom_field}',
        compare: (current, changes) => compare(current, wanted, changes, context),
        reasonOf: (refused, current) =>
          reasonOfRefusal(refused, wanted.custom_fields ?? {}, current, context),
      },
      context,
    ),

  undo: undoUpdate,
});

async function compare(
  current: ClioRecord,
  wanted: Input,
  changes: RecordChanges,
  context: ActionContext,
): Promise<void> {
  await matterChanges(wanted, current, wanted.matter, changes, context);
  changes.want('status', String(current.status).toLowerCase(), wanted.status?.toLowerCase());
  changes.want('description', current.description, wanted.description);
  const stage = isObject(current.matter_stage) ? current.matter_stage : {};
  const isElsewhere = changes.has('practice_area');
  // Stages of two practice areas may share a name, so a matter that changes its area needs the new area's.
  if (wanted.stage !== undefined && (stage.name !== wanted.stage || isElsewhere)) {
    const id = await lookupStage(wanted.stage, withPracticeArea(current, wanted, changes), context);
    changes.want('matter_stage', current.matter_stage, { id });
  } else if (isElsewhere && typeof stage.id === 'number') changes.alsoBack('matter_stage', { id: stage.id });
  await changeCustomFields(wanted.custom_fields, current, changes, context);
}
