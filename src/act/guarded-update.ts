import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import type { ActionContext, ActionResult } from './action.js';
import { written } from './adopt.js';
import type { ReadBack } from './read-back.js';

/** One record that is to be brought to certain values. */
export interface GuardedUpdate {
  /** Where it is: `matters/77`. */
  path: string;
  /** What later steps see of it; must contain `id` and `etag`. */
  readBack: ReadBack;
  /** What `changesOf` needs beside that, in the spelling of Clio's `fields`: `custom_field_values{id,value}`. */
  alsoRead?: string | undefined;
  /**
   * What must be sent so that `current` holds the wanted values: exactly the fields that differ, and nothing when it
   * already holds them. May read from Clio, writes nothing, and gives the same answer for the same record.
   */
  changesOf: (current: ClioRecord) => Record<string, unknown> | Promise<Record<string, unknown>>;
  /** What to throw for an error of the write, when more can be said about it than Clio does. */
  reasonOf?: (refused: unknown, current: ClioRecord) => Promise<unknown>;
}

/**
 * The one way to update a record of Clio's; for actions with `safety: 'repeatable'` and no probe. Reads the record,
 * remembers its etag (committed with the step), and sends what differs with `If-Match`: a change by somebody else in
 * between is refused by Clio (412) and read anew on the next try. Sends nothing when the record is already as wanted.
 *
 * When the answer to an earlier try was lost, nobody's work is written over:
 * - the etag is still the one remembered: that try took no effect, so it is sent again;
 * - the record holds the wanted values: the effect is there, and the version that is there is claimed as ours;
 * - neither: somebody changed the record since, before or after our write. Nothing is sent and the step ends `unknown`,
 *   for a person to decide. So it does when the record cannot be read any more.
 *
 *     execute: (wanted, context) =>
 *       guardedUpdate(
 *         { path: `tasks/${wanted.task}`, readBack: task, changesOf: (current) => differing(current, wanted) },
 *         context,
 *       ),
 *
 * @throws UpstreamError as Clio's refusal says, or `clio.precondition_failed` that may have been applied.
 */
export async function guardedUpdate(update: GuardedUpdate, context: ActionContext): Promise<ActionResult> {
  const { path, readBack } = update;
  // What was never remembered was never sent.
  const doubted = context.inDoubt ? context.remembered : null;
  const current = await read(update, context, doubted !== null);
  const data = await update.changesOf(current);
  if (Object.keys(data).length === 0) {
    const { output, writes } = written(current, readBack);
    return { output, writes: doubted === null ? [] : writes, adopted: true };
  }
  if (doubted !== null && (current.etag === undefined || current.etag !== doubted.etag))
    throw changedSince(update);
  await context.remember({ etag: current.etag ?? null });
  const options = { fields: readBack.fields, signal: context.signal };
  const guard = current.etag === undefined ? {} : { ifMatch: current.etag };
  try {
    return written(await context.clio.update(path, data, { ...options, ...guard }), readBack);
  } catch (error) {
    throw update.reasonOf === undefined ? error : await update.reasonOf(error, current);
  }
}

async function read(
  { path, readBack, alsoRead }: GuardedUpdate,
  { clio, signal }: ActionContext,
  isDoubted: boolean,
): Promise<ClioRecord> {
  const fields = alsoRead === undefined ? readBack.fields : `${readBack.fields},${alsoRead}`;
  try {
    return await clio.get(path, { fields }, signal);
  } catch (error) {
    if (!isDoubted || !(error instanceof UpstreamError) || error.retry === 'later') throw error;
    const { code, message, status, requestId } = error;
    throw new UpstreamError(
      code,
      `${message} An earlier try may have changed the record: look at it in Clio.`,
      {
        retry: 'never',
        applied: 'maybe',
        status,
        requestId,
      },
    );
  }
}

function changedSince({ path, readBack }: GuardedUpdate): UpstreamError {
  const what = readBack.resource.replaceAll('_', ' ');
  return new UpstreamError(
    'clio.precondition_failed',
    `The answer to an earlier try was lost, and somebody has changed the ${what} (${path}) since. It does not hold what ` +
      `the step wants, and nothing more was sent so that nobody's work is written over. Look at the ${what} in Clio.`,
    { retry: 'never', applied: 'maybe' },
  );
}
