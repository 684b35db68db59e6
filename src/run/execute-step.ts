import type { Action, ActionContext, ActionResult, WrittenRecord } from '../act/action.js';
import type { JsonObject } from '../lib/json.js';
import { UpstreamError } from '../lib/errors.js';
import type { StepResult } from './outcome-of.js';
import { failureOf } from './step-failure.js';

/** How one try went, and what is worth keeping of it. */
export interface Execution {
  result: StepResult;
  writes: WrittenRecord[];
  adopted: boolean;
  applied: 'no' | 'maybe' | 'yes';
  /** Clio's HTTP status and request id, where the try ended in a refusal. */
  status: number | null;
  requestId: string | null;
}

/**
 * One try of a step: when an earlier one may have taken effect, an action that can look for the effect looks first.
 * `open` gives the context; its own failure (no usable tokens) is the try's failure. Null when the engine is stopping:
 * the attempt stays open, and the next start finds out what became of it.
 */
export async function executeStep(
  action: Action,
  input: JsonObject,
  open: () => Promise<ActionContext>,
  inDoubt: boolean,
  signal: AbortSignal,
): Promise<Execution | null> {
  const probe = inDoubt ? action.probe : undefined;
  let stillInDoubt = probe !== undefined;
  try {
    const context = await open();
    const found = probe === undefined ? null : await probe(input, context);
    stillInDoubt = false;
    return succeeded(found ?? (await action.execute(input, context)));
  } catch (error) {
    if (signal.aborted) return null;
    return failed(error, stillInDoubt);
  }
}

function succeeded({ output, writes, adopted, leftAlone }: ActionResult): Execution {
  const result = { ok: true, output, leftAlone } as const;
  const applied = leftAlone !== undefined && writes.length === 0 ? 'no' : 'yes';
  return { result, writes, adopted: adopted === true, applied, status: null, requestId: null };
}

function failed(error: unknown, inDoubt: boolean): Execution {
  const failure = failureOf(error, inDoubt);
  const { status, requestId }: Partial<UpstreamError> = error instanceof UpstreamError ? error : {};
  return {
    result: { ok: false, failure },
    writes: [],
    adopted: false,
    applied: failure.applied,
    status: status ?? null,
    requestId: requestId ?? null,
  };
}
