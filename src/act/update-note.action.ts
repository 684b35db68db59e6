import { z } from 'zod';
import { defineAction } from './action.js';
import { calendarDate, recordId, textType } from './input-fields.js';
import { withMarker } from './marker.js';
import { readBack } from './read-back.js';
import { undoChange, changedOutput, changeRecord } from './change-record.js';

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
    note: recordId,
    subject: z.string().min(1).optional(),
    detail: z.string().min(1).optional().describe('Replaces the whole text.'),
    detail_text_type: textType.optional(),
    date: calendarDate.optional(),
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
  text: { subject: 'plain', detail: { htmlWhen: { field: 'detail_text_type', is: 'rich_text' } } },
  output: changedOutput(note),

  execute: (wanted, context) =>
    changeRecord(
      { path: `notes/${wanted.note}`, readBack: note, alsoRead: 'detail,detail_text_type' },
      (current, changes) => {
        changes.want('subject', current.subject, wanted.subject);
        changes.want('date', current.date, wanted.date);
        if (wanted.detail === undefined) return;
        const detail = withMarker(wanted.detail, context.marker, wanted.detail_text_type);
        changes.want('detail', current.detail, detail);
        changes.want('detail_text_type', current.detail_text_type, wanted.detail_text_type);
      },
      context,
    ),

  undo: (done, context) => undoChange(done, `notes/${done.input.note}`, context),
});
