import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { ActionContext, ActionResult, DoneStep, OutputKind, UndoResult } from './action.js';
import { written } from './adopt.js';
import type { ReadBack } from './read-back.js';
import { touched } from './undo-created.js';

/** A record to be brought to wanted values. */
export interface RecordUpdate {
  /** `bills/12`. */
  path: string;
  readBack: ReadBack;
  /** What else must be read to tell what is missing. */
  extraFields: string;
  /** What must be sent so that `current` is as wanted; empty when it already is. */
  changes(current: ClioRecord): Promise<Record<string, unknown>>;
}

/** What an update adds to its outputs. */
export const previousOutput: readonly [string, OutputKind] = ['previous', { type: 'object', open: true }];

/** How far Clio's clock may be off from ours before a probe takes an old change for a new one. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Sends what is missing, against the version just read: a change by somebody else in between is refused by Clio (412) and
 * read anew on the next try. Sends nothing when the record is as wanted. The output's `previous` holds what the changed
 * fields held before, null when that is not known.
 */
export async function updateRecord(update: RecordUpdate, context: ActionContext): Promise<ActionResult> {
  const { clio, signal } = context;
  const current = await read(update, context);
  const data = await update.changes(current);
  if (Object.keys(data).length === 0) return asWanted(current, update, context);
  const guard = current.etag === undefined ? {} : { ifMatch: current.etag };
  const options = { fields: update.readBack.fields, signal, ...guard };
  const { output, writes } = written(await clio.update(update.path, data, options), update.readBack);
  return { output: { ...output, previous: previousOf(current, data) }, writes };
}

/**
 * After a lost answer: the record is as wanted, so the write is there; or nobody has changed the record since before the
 * first try, so it is not. Anything else a person must look at, because sending again could undo what somebody did.
 * @throws UpstreamError `clio.conflict`
 */
export async function probeUpdate(
  update: RecordUpdate,
  context: ActionContext,
): Promise<ActionResult | null> {
  const current = await read(update, context);
  if (Object.keys(await update.changes(current)).length === 0) return asWanted(current, update, context);
  const changedAt = Date.parse(String(current.updated_at));
  if (changedAt < context.startedAt.getTime() - CLOCK_SKEW_MS) return null;
  throw new UpstreamError(
    'clio.conflict',
    `The answer to a write of ${update.path} was lost, and the record was changed about then or later but is not as wanted. ` +
      `Look at it in Clio, then retry the step or settle it.`,
    { retry: 'never', applied: 'maybe' },
  );
}

function read({ path, readBack, extraFields }: RecordUpdate, context: ActionContext): Promise<ClioRecord> {
  const fields = [readBack.fields, extraFields, 'updated_at'].filter((part) => part !== '').join(',');
  return context.clio.get(path, { fields }, context.signal);
}

/** Only after a lost answer is the version that is there ours; otherwise its webhook is no echo of this step. */
function asWanted(current: ClioRecord, { readBack }: RecordUpdate, context: ActionContext): ActionResult {
  const { output, writes } = written(current, readBack);
  return {
    output: { ...output, previous: null },
    writes: context.inDoubt ? writes : [],
    adopted: true,
  };
}

/** What must be written to go back; null when a list was added to or an association was empty: that has no way back. */
function previousOf(current: ClioRecord, data: Record<string, unknown>): JsonValue {
  const previous: JsonObject = {};
  for (const [name, sent] of Object.entries(data)) {
    const held = current[name];
    if (Array.isArray(sent) || (isObject(sent) && !isObject(held))) return null;
    const keys = isObject(sent) ? Object.keys(sent) : [];
    previous[name] = (
      isObject(held) ? Object.fromEntries(keys.map((key) => [key, held[key] ?? null])) : (held ?? null)
    ) as JsonValue;
  }
  return previous;
}

/** Writes back what was there before, while the record of `collection` (`bills`) is still as the step left it. */
export async function undoUpdate(
  { output, writes }: DoneStep<unknown>,
  collection: string,
  { clio, signal }: ActionContext,
): Promise<UndoResult> {
  const [write] = writes;
  if (write === undefined) return { result: 'gone' };
  const path = `${collection}/${write.id}`;
  const { previous } = output;
  if (!isObject(previous) || write.etag === null) {
    const message = `What ${path} held before this step is not known, or cannot be written back. Undo it in Clio by hand if that is wanted.`;
    return { result: 'touched', message };
  }
  try {
    await clio.update(path, previous, { fields: 'id,etag', ifMatch: write.etag, signal });
    return { result: 'undone' };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    if (error.code === 'clio.precondition_failed') return touched(write);
    if (error.code === 'clio.not_found') return { result: 'gone' };
    throw error;
  }
}
