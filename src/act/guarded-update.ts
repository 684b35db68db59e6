import type { ClioRecord } from '../clio/clio.client.js';
import { EngineError, InvariantError, UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import type { ActionContext, ActionResult, OutputKind } from './action.js';
import { written } from './adopt.js';
import type { ReadBack } from './read-back.js';
import { RecordChanges } from './record-changes.js';

/** One record that is to be brought to certain values. */
export interface GuardedUpdate {
  /** Where it is: `matters/77`. What has to be found first is found once: a later try means the same record. */
  path: string | (() => Promise<string>);
  /** What later steps see of it; must contain `id` and `etag`. */
  readBack: ReadBack;
  /** What `compare` needs beside that, in the spelling of Clio's `fields`: `custom_field_values{id,value}`. */
  alsoRead?: string | undefined;
  /**
   * Gathers what must be sent so that `current` holds the wanted values. May read from Clio, writes nothing, and gathers
   * the same for the same record.
   */
  compare: (current: ClioRecord, changes: RecordChanges) => void | Promise<void>;
  /** What to throw for an error of the write, when more can be said about it than Clio does. */
  reasonOf?: (refused: unknown, current: ClioRecord) => Promise<unknown>;
}

/** What an update offers to later steps: the record, and what its fields held before, by Clio's write names. */
export function updateOutput({ output }: ReadBack): ReadonlyMap<string, OutputKind> {
  return new Map([...output, ['previous', { type: 'object', open: true }]]);
}

/**
 * The one way to update a record of Clio's; for actions with `safety: 'repeatable'` and no probe. Reads the record,
 * remembers its etag (committed with the step), and sends what differs with `If-Match`: a change by somebody else in
 * between is refused by Clio (412) and read anew on the next try. Sends nothing when the record is already as wanted.
 *
 * The output's `previous` is what must be written to go back, for `undoUpdate`; null when that is not known or Clio does
 * not take it.
 *
 * When the answer to an earlier try was lost, nobody's work is written over:
 * - the etag is still the one remembered: that try took no effect, so it is sent again;
 * - the record holds the wanted values: the effect is there, and the version that is there is claimed as ours;
 * - neither: somebody changed the record since, before or after our write. Nothing is sent and the step ends `unknown`,
 *   for a person to decide. So it does when the record cannot be read or compared any more.
 *
 * @throws UpstreamError as Clio's refusal says, or `clio.precondition_failed` that may have been applied.
 */
export async function guardedUpdate(update: GuardedUpdate, context: ActionContext): Promise<ActionResult> {
  // What was never remembered was never sent.
  const doubted = context.inDoubt ? context.remembered : null;
  const { path, current, changes } = await look(update, doubted, context);
  const { readBack } = update;
  if (changes.isEmpty) {
    const { output, writes } = written(current, readBack);
    const previous = doubted === null ? {} : null;
    return { output: { ...output, previous }, writes: doubted === null ? [] : writes, adopted: true };
  }
  if (doubted !== null && (current.etag === undefined || current.etag !== doubted.etag))
    throw changedSince(path, readBack);
  await context.remember({ path, etag: current.etag ?? null });
  const guard = current.etag === undefined ? {} : { ifMatch: current.etag };
  const options = { fields: fieldsOf(update), signal: context.signal, ...guard };
  try {
    const changed = await context.clio.update(path, changes.data, options);
    const { output, writes } = written(changed, readBack);
    return { output: { ...output, previous: changes.previousOf(changed) }, writes };
  } catch (error) {
    throw update.reasonOf === undefined ? error : await update.reasonOf(error, current);
  }
}

function fieldsOf({ readBack: { fields }, alsoRead }: GuardedUpdate): string {
  return alsoRead === undefined || alsoRead === '' ? fields : `${fields},${alsoRead}`;
}

interface Sight {
  path: string;
  current: ClioRecord;
  changes: RecordChanges;
}

async function look(
  update: GuardedUpdate,
  doubted: JsonObject | null,
  { clio, signal }: ActionContext,
): Promise<Sight> {
  try {
    const path = typeof doubted?.path === 'string' ? doubted.path : await pathOf(update);
    const current = await clio.get(path, { fields: fieldsOf(update) }, signal);
    const changes = new RecordChanges(update.readBack.resource);
    await update.compare(current, changes);
    return { path, current, changes };
  } catch (error) {
    throw doubted === null ? error : stillInDoubt(error);
  }
}

async function pathOf({ path }: GuardedUpdate): Promise<string> {
  return typeof path === 'string' ? path : path();
}

/** Whatever hinders the look at the record says nothing about the earlier try. */
function stillInDoubt(error: unknown): unknown {
  if (!(error instanceof EngineError) || error instanceof InvariantError) return error;
  // Waits for as long as it takes, and so never has to be settled.
  if (error.code === 'clio.unreachable') return error;
  const { code, message, retry, details } = error;
  const advice = retry === 'never' ? ' An earlier try may have changed the record: look at it in Clio.' : '';
  const { status, retryAfterMs, requestId }: Partial<UpstreamError> =
    error instanceof UpstreamError ? error : {};
  const facts = { retry, status, retryAfterMs, requestId, details, cause: error.cause };
  return new UpstreamError(code, `${message}${advice}`, { ...facts, applied: 'maybe' });
}

function changedSince(path: string, { resource }: ReadBack): UpstreamError {
  const what = resource.replaceAll('_', ' ');
  return new UpstreamError(
    'clio.precondition_failed',
    `The answer to an earlier try was lost, and somebody has changed the ${what} (${path}) since. It does not hold what ` +
      `the step wants, and nothing more was sent so that nobody's work is written over. Look at the ${what} in Clio.`,
    { retry: 'never', applied: 'maybe' },
  );
}
