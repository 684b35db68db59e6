import { z } from 'zod';
import { defineAction } from './action.js';
import { changedRecord } from './expected-echo.js';
import { guardedUpdate, updateOutput } from './guarded-update.js';
import { calendarDate, recordId, textType } from './input-fields.js';
import { withMarker } from './marker.js';
import { readBack } from './read-back.js';
import { undoUpdate } from './undo-update.js';

const note = readBack('note', {
  id: true,
  etag: true,
  type: true,
  subject: true,
  date: true,
  updated_at: true,
  matter: ['id', 'display_number'],
  contact: ['id', 'name'],
});

const input = z
  .strictObject({
    note: recordId.describe("The note's id, for example `{{note.id}}`."),
    subject: z.string().min(1).optional().describe('The heading.'),
    detail: z
      .string()
      .min(1)
      .optional()
      .describe('Replaces the whole text. Ends with the line `Automation ...`.'),
    detail_text_type: textType.optional(),
    date: calendarDate.optional().describe('The day of the note.'),
  })
  .refine(({ subject, detail, date }) => Boolean(subject ?? detail ?? date), {
    path: ['subject'],
    message: 'Nothing to update: give a subject, a detail or a date.',
  });

/** Brings a note to the wanted values, against the version just read. */
export const updateNote = defineAction({
  name: 'clio.note.update',
  summary: 'Brings a note to the wanted values.',
  input,
  safety: 'repeatable',
  echo: ({ note: id }) => [changedRecord('note', id)],
  text: { subject: 'plain', detail: { htmlWhen: { field: 'detail_text_type', is: 'rich_text' } } },
  output: updateOutput(note),

  execute: (wanted, context) =>
    guardedUpdate(
      {
        path: `notes/${wanted.note}`,
        readBack: note,
        alsoRead: 'detail,detail_text_type',
        compare: (current, changes) => {
          changes.want('subject', current.subject, wanted.subject);
          changes.want('date', current.date, wanted.date);
          if (wanted.detail === undefined) return;
          const detail = withMarker(wanted.detail, context.marker, wanted.detail_text_type);
          changes.want('detail', current.detail, detail);
          changes.want('detail_text_type', current.detail_text_type, wanted.detail_text_type);
        },
      },
      context,
    ),

  undo: undoUpdate,
});
