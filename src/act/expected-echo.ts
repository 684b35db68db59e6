import type { JsonObject } from '../lib/json.js';
import { contentOf } from '../lib/readable-text.js';
import type { Action, ExpectedEcho } from './action.js';

/** How the events of the step's writes will look; null when it writes nothing at Clio. `isMarked`: its texts carry the marker. */
export function expectedEcho(
  action: Action,
  input: JsonObject,
  isMarked = true,
): readonly ExpectedEcho[] | null {
  const all = (action.echo?.(input) ?? []).map(({ content, ...echo }) =>
    isMarked || content === undefined ? echo : { ...echo, content },
  );
  return all.length === 0 ? null : all;
}

/** The models of which the step makes records. */
export function madeModels(action: Action, input: JsonObject): string[] {
  const made = expectedEcho(action, input)?.filter(({ isNew }) => isNew !== false) ?? [];
  return made.flatMap(({ model }) => model ?? []);
}

interface NewRecord {
  matter?: number | undefined;
  markedIn?: string;
  /** The texts that tell the record from others, without the marker. */
  texts?: Readonly<Record<string, string>>;
}

/** A record that the step makes; `matter` is the id of the one that it will belong to. */
export function newRecord(model: string, { matter, markedIn, texts }: NewRecord = {}): ExpectedEcho {
  const matterId = matter === undefined ? null : String(matter);
  const echo = { model, isNew: true, recordId: null, matterId, markedIn: markedIn ?? null };
  return texts === undefined ? echo : { ...echo, content: contentOf(texts) };
}

/** A record that the step makes and then goes on with, so that it comes back as created and as updated. */
export function grownRecord(model: string, of: { matter?: number | undefined } = {}): ExpectedEcho {
  return { ...newRecord(model, of), isNew: null };
}

/**
 * A record that is there and that the step changes or removes. Whatever has no id yet when the step begins may be any of
 * its kind. No text tells here: a person's later change carries it as well.
 */
export function changedRecord(model: string, id?: unknown): ExpectedEcho {
  const recordId = typeof id === 'number' || typeof id === 'string' ? String(id) : null;
  return { model, isNew: false, recordId, matterId: null, markedIn: null };
}
