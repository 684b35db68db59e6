import { z } from 'zod';
import { adopt, written } from './adopt.js';
import { defineAction } from './action.js';
import { newRecord } from './expected-echo.js';
import { createMarked, findMarked } from './find-marked.js';
import { calendarDate, nonEmptyText, optionalMatter, recordId, textType } from './input-fields.js';
import { withMarker } from './marker.js';
import { readBack } from './read-back.js';
import { undoCreated } from './undo-created.js';

const note = readBack('note', {
  id: true,
  etag: true,
  type: true,
  subject: true,
  date: true,
  created_at: true,
  matter: ['id', 'display_number'],
  contact: ['id', 'name'],
});

const input = z
  .strictObject({
    type: z.enum(['Matter', 'Contact']).describe('What the note is on.'),
    matter: optionalMatter,
    contact: recordId.optional().describe("The contact's id, for a note on a contact."),
    subject: nonEmptyText.describe('The heading.'),
    detail: z.string().optional().describe('The text. Ends with the line `Automation ...`.'),
    detail_text_type: textType.optional(),
    date: calendarDate.optional().describe('The day of the note; today when left out.'),
  })
  .refine(
    ({ type, matter, contact }) => (type === 'Matter' ? isOnly(matter, contact) : isOnly(contact, matter)),
    {
      path: ['type'],
      message:
        'A note of type Matter takes "matter" and no "contact", one of type Contact takes "contact" and no "matter".',
    },
  );

type Input = z.output<typeof input>;

function isOnly(wanted: number | undefined, other: number | undefined): boolean {
  return wanted !== undefined && other === undefined;
}

/** Writes one note on a matter or a contact. The detail ends with the step's marker. */
export const createNote = defineAction({
  name: 'clio.note.create',
  summary: 'Writes one note on a matter or a contact.',
  input,
  safety: 'check-first',
  echo: (wanted) => [
    newRecord('note', { matter: wanted.matter, markedIn: 'detail', texts: textsOf(wanted) }),
  ],
  text: { subject: 'plain', detail: { htmlWhen: { field: 'detail_text_type', is: 'rich_text' } } },
  output: note.output,

  async probe(wanted, context) {
    return adopt(await findMarked(markable(wanted), context), note, context);
  },

  async execute(wanted, context) {
    const data = {
      type: wanted.type,
      matter: wanted.matter === undefined ? undefined : { id: wanted.matter },
      contact: wanted.contact === undefined ? undefined : { id: wanted.contact },
      subject: wanted.subject,
      detail: withMarker(wanted.detail ?? '', context.marker, wanted.detail_text_type),
      detail_text_type: wanted.detail_text_type,
      date: wanted.date,
    };
    return written(await createMarked(markable(wanted), data, context), note);
  },

  undo: ({ writes }, context) => undoCreated(writes, ({ id }) => `notes/${id}`, context),
});

function textsOf({ subject, detail = '' }: Input): Record<string, string> {
  return { subject, detail };
}

function markable(wanted: Input) {
  const { type, matter, contact } = wanted;
  const owner: Record<string, number> =
    type === 'Matter' ? { matter_id: Number(matter) } : { contact_id: Number(contact) };
  // Clio's list of notes refuses to be read without a type.
  const parent = { type, ...owner };
  const found = { path: 'notes', textField: 'detail', parent, fields: note.fields };
  return { ...found, texts: textsOf(wanted), heading: 'subject' };
}
