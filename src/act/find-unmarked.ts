import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { contentOf, hasContent, readableText } from '../lib/readable-text.js';
import type { ActionContext } from './action.js';

/** How a record without a marker is found again. */
export interface Unmarked {
  /** `notes`, for messages. */
  path: string;
  /** The records among which it must be, made since the first try. */
  list: () => Promise<ClioRecord[]>;
  /** What it says, by field. */
  texts: Readonly<Record<string, string>>;
  /** The field that even a record has whose other texts Clio has rewritten; null when it has none, so that any may be it. */
  heading: string | null;
}

/**
 * Call it before the write: keeps which records were there before the first try, so that none of them counts as the step's
 * own, whatever it says. Nothing where the record will carry a marker.
 */
export async function rememberOthers(
  { list }: Pick<Unmarked, 'list'>,
  context: ActionContext,
): Promise<void> {
  if (context.marker !== null || context.remembered !== null) return;
  await context.remember({ before: (await list()).map(({ id }) => String(id)) });
}

/**
 * The record that an earlier try made, by what it says; none when nothing like it has come since. Throws UpstreamError
 * `clio.ambiguous` when that cannot be told for certain: then a person decides.
 */
export async function findUnmarked(
  { path, list, texts, heading }: Unmarked,
  context: ActionContext,
): Promise<ClioRecord[]> {
  const before = context.remembered?.before;
  // Nothing is sent before this is kept.
  if (!Array.isArray(before)) return [];
  const fresh = (await list()).filter(({ id }) => !before.includes(String(id)));
  const like = fresh.filter(
    (record) =>
      heading === null ||
      readableText(record[heading]) === readableText(texts[heading]) ||
      // Somebody may have renamed it.
      record.updated_at !== record.created_at,
  );
  if (like.length === 0) return [];
  const [only] = like;
  if (like.length === 1 && hasContent(only, contentOf(texts))) return like;
  const ids = like.map(({ id }) => id);
  throw new UpstreamError(
    'clio.ambiguous',
    `The answer to this step was lost, and the rule puts no reference into its texts: ${path} ${ids.join(', ')} came since, and whether one of them is the step's cannot be told. Look at them in Clio, then complete the step or retry it.`,
    { retry: 'never', applied: 'maybe', details: { ids } },
  );
}
