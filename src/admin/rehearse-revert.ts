import type { Action } from '../act/action.js';
import { actionNamed, carryOutUndo, undoInput } from '../act/undo-action.js';
import type { ClioReader } from '../clio/clio-reader.js';
import type { ClioRecord, Query, WriteOptions } from '../clio/clio.client.js';
import { everyPage } from '../clio/every-page.js';
import { EngineError, UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import type { PlannedUndo } from './plan-revert.js';

/** What a rehearsal asks Clio with: it can send nothing but GET. */
export type Reads = Pick<ClioReader, 'get' | 'page'>;

/**
 * Goes through a revert as the run would, with Clio as it is now, and writes nothing: what is written stays in memory, where
 * the following undos see it. Gives why each is left alone, in order; null where it would be done.
 * @throws UpstreamError when Clio does not answer.
 */
export async function rehearse(
  planned: readonly PlannedUndo[],
  actions: ReadonlyMap<string, Action>,
  reads: Reads,
): Promise<(string | null)[]> {
  const clio = new RehearsedClio(reads);
  const outputs: JsonObject = {};
  const nothing = { remembered: null, remember: () => Promise.resolve(), inDoubt: false };
  const context = { ...nothing, clio, signal: new AbortController().signal };
  const reasons: (string | null)[] = [];
  for (const { key, action: name, plan } of planned) {
    const undo = actions.get(plan.action)?.undo;
    const input = undoInput(plan, actionNamed(actions, name), outputs);
    if (typeof input === 'string' || undo === undefined) {
      reasons.push(typeof input === 'string' ? input : null);
      continue;
    }
    try {
      const { output, leftAlone } = await carryOutUndo(undo, input, context);
      outputs[key] = output;
      reasons.push(leftAlone ?? null);
    } catch (error) {
      // What is refused for good now would be refused then.
      if (!(error instanceof EngineError) || error.retry !== 'never') throw error;
      reasons.push(error.message);
    }
  }
  return reasons;
}

/** Clio as it would be after what was written here. */
class RehearsedClio {
  private readonly versions = new Map<string, string>();
  private readonly removed = new Set<string>();

  constructor(private readonly reads: Reads) {}

  async get(path: string, query?: Query, signal?: AbortSignal): Promise<ClioRecord> {
    if (this.removed.has(path)) throw refused('clio.not_found', path);
    const record = await this.reads.get(path, query, signal);
    const etag = this.versions.get(path);
    return etag === undefined ? record : { ...record, etag };
  }

  async page(path: string, query: Query, next: string | null, signal?: AbortSignal) {
    // A page that is cut short may hold nothing but what is removed here.
    const whole = this.removed.size === 0 ? query : { ...query, limit: undefined };
    const page = await this.reads.page(path, whole, next, signal);
    return { ...page, records: page.records.filter(({ id }) => !this.removed.has(`${path}/${id}`)) };
  }

  list(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord[]> {
    return everyPage(path, (next) => this.page(path, query, next, signal));
  }

  create(): Promise<ClioRecord> {
    return Promise.resolve({ id: 0 });
  }

  async update(path: string, _data: object, options: WriteOptions = {}): Promise<ClioRecord> {
    const { id, etag } = await this.get(path, { fields: 'id,etag' }, options.signal);
    if (options.ifMatch !== undefined && options.ifMatch !== etag)
      throw refused('clio.precondition_failed', path);
    const next = `rehearsed ${this.versions.size}`;
    this.versions.set(path, next);
    return { id, etag: next };
  }

  remove(path: string): Promise<void> {
    this.removed.add(path);
    return Promise.resolve();
  }
}

function refused(code: 'clio.not_found' | 'clio.precondition_failed', path: string): UpstreamError {
  return new UpstreamError(code, `Clio would refuse ${path}.`, { retry: 'never', applied: 'no' });
}
