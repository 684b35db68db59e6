import { z } from 'zod';

/** The id of a Clio record. */
export const recordId = z.int().positive();

/** A calendar date, `YYYY-MM-DD`. Clio's due dates have no time of day. */
export const calendarDate = z.iso.date();

/** A text that says something. */
export const nonEmptyText = z.string().min(1);

/** A moment with its offset from UTC, `2026-12-01T09:00:00-05:00`. */
export const instant = z.iso.datetime({ offset: true });

export const textType = z
  .enum(['plain_text', 'rich_text'])
  .describe('`rich_text` for HTML, in which values are escaped; plain text when left out.');

/** The matter a step is about, as `{{matter.id}}` gives it. */
export const matterId = recordId.describe("The matter's id, for example `{{matter.id}}`.");

/** The matter a step may be about. */
export const optionalMatter = recordId.optional().describe("The matter's id, for example `{{matter.id}}`.");

/** An association as Clio writes it; nothing where nothing is wanted. */
export function associated(id: number | undefined): { id: number } | undefined {
  return id === undefined ? undefined : { id };
}
