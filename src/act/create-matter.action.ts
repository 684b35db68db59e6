import { z } from 'zod';
import { defineAction } from './action.js';
import { written } from './adopt.js';
import { contactReference, resolveContact } from './contact-reference.js';
import { changeCustomFields, customFields } from './custom-field-changes.js';
import { newRecord } from './expected-echo.js';
import { associated } from './input-fields.js';
import { lookupStage } from './lookup-stage.js';
import {
  matterChanges,
  matterFields,
  matterReadBack,
  matterReferences,
  withPracticeArea,
} from './matter-fields.js';
import { namedRecord, resolveNamed } from './named-record.js';
import { readBack } from './read-back.js';
import { RecordChanges } from './record-changes.js';

const matter = readBack('matter', { ...matterReadBack, created_at: true });

const input = z.strictObject({
  client: contactReference,
  description: z.string().min(1).describe('What the matter is about.'),
  status: z.enum(['open', 'pending', 'closed']).optional().describe('Open when left out.'),
  stage: z.string().min(1).optional().describe('The name of a stage of the practice area given.'),
  group: namedRecord.optional().describe('Who may see the matter: `{ name: ... }` of a group, or its id.'),
  ...matterFields,
  custom_fields: customFields.optional().describe("Values by the custom field's name."),
});

/** A matter that is yet to be made, for messages. */
const UNMADE = { id: 'to be made' };

/**
 * Opens one matter. Nothing in a matter could carry the step's marker without the firm seeing it on every page and bill,
 * so a lost answer is left to a person. Not undone: by then a matter may hold what its own version does not show.
 */
export const createMatter = defineAction({
  name: 'clio.matter.create',
  summary: 'Opens one matter for a client.',
  input,
  safety: 'once',
  echo: () => [newRecord('matter')],
  references: { ...matterReferences, group: 'group' },
  text: {
    description: 'plain',
    stage: 'plain',
    client_reference: 'plain',
    location: 'plain',
    custom_fields: 'plain',
  },
  output: matter.output,

  async execute(wanted, context) {
    const { client, description, status, stage, group } = wanted;
    const fields = new RecordChanges('matter');
    const [clientId, groupId] = await Promise.all([
      resolveContact(client, context),
      group === undefined ? undefined : resolveNamed('group', group, context),
      matterChanges(wanted, {}, undefined, fields, context),
    ]);
    const made = withPracticeArea(UNMADE, wanted, fields);
    const stageId = stage === undefined ? undefined : await lookupStage(stage, made, context);
    await changeCustomFields(wanted.custom_fields, UNMADE, fields, context);
    const data = {
      client: { id: clientId },
      description,
      status,
      group: associated(groupId),
      ...fields.data,
      matter_stage: associated(stageId),
    };
    return written(
      await context.clio.create('matters', data, { fields: matter.fields, signal: context.signal }),
      matter,
    );
  },
});
