import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { readPath, type JsonObject, type JsonValue } from '../lib/json.js';
import { editInput, type InputEdits, type KeptEdit } from '../rules/edit-input.js';
import type { AheadStep } from '../rules/preview-after.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import type { Approval } from '../store/approval.entity.js';

const MOST_EDITS = 50;
const LONGEST = 20_000;

const value = z
  .json()
  .refine((given) => JSON.stringify(given).length <= LONGEST, `at most ${LONGEST} characters`);

/** `{ "<step>": { "<field>": value } }` */
export const editsBody = z
  .record(z.string().max(200), z.record(z.string().min(1).max(200), value))
  .refine(
    (edits) => Object.values(edits).flatMap(Object.keys).length <= MOST_EDITS,
    `at most ${MOST_EDITS} changes`,
  )
  .describe(
    'Other inputs for the actions in the preview, by step and field: {"call": {"name": "Call her", "assignee": 7}}. A dotted path leads into a field.',
  );
export type EditsBody = z.infer<typeof editsBody>;

/** They may do anything at all: whoever changes their inputs writes a rule, and does not approve one. */
const CLOSED = new Set(['clio.request', 'http.request']);

/** What is shown to people of what follows. Rows of an earlier version have less. */
export function aheadOf({ preview }: Approval): AheadStep[] {
  const defaults = { will: 'act', not_yet: [], note: null };
  return preview.map((one) => ({ ...defaults, ...one }) as unknown as AheadStep);
}

/**
 * The edits as they are kept, sorted by step and field.
 * @throws RequestError `request.invalid` that names every step and field that cannot be changed so.
 */
export function keptEdits(
  approval: Approval,
  edits: EditsBody,
  actions: ReadonlyMap<string, ActionVocabulary>,
): KeptEdit[] {
  const ahead = aheadOf(approval);
  const found = Object.entries(edits).map(([step, fields]) =>
    inStep(
      step,
      ahead.find((one) => one.step === step),
      fields,
      actions,
    ),
  );
  const problems = found.flatMap((one) => one.problems);
  if (problems.length > 0)
    throw new RequestError(
      'request.invalid',
      `Nothing was decided, because the changes do not fit: ${problems.join('; ')}. The fields are in docs/actions.md.`,
      { details: { problems } },
    );
  const order = ({ step, field }: KeptEdit) => `${step} ${field}`;
  return found.flatMap((one) => one.kept).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function inStep(
  step: string,
  ahead: AheadStep | undefined,
  edits: InputEdits,
  actions: ReadonlyMap<string, ActionVocabulary>,
): { kept: KeptEdit[]; problems: string[] } {
  const refused = (why: string) => ({ kept: [], problems: [`${step}: ${why}`] });
  if (ahead === undefined) return refused('no such step follows before the next wait or approval');
  const { action: name, input, not_yet: unsure } = ahead;
  const action = actions.get(name);
  if (input === null || action === undefined)
    return refused(`nothing of it is rendered (${ahead.note ?? name}), so nothing can be changed`);
  if (CLOSED.has(name)) return refused(`${name} can do anything, and takes no changes`);
  const overlapping = Object.keys(edits).filter((path) => Object.hasOwn(edits, path.split('.')[0] ?? ''));
  const twice = overlapping.filter((path) => path.includes('.'));
  if (twice.length > 0) return refused(`${twice.join(', ')} is inside of what is changed as a whole`);
  const madeUp = unsure.filter(({ such_as: one }) => one !== null).map((one) => [one.field, one.such_as]);
  const { edited, problems } = editInput(action, input, Object.fromEntries(madeUp) as JsonObject, edits);
  const at = (whole: JsonObject, path: string) => (readPath(whole, path) ?? null) as JsonValue;
  return {
    problems: problems.map((problem) => `${step}.${problem}`),
    kept: Object.keys(edits).map((field) => ({
      ...{ step, field },
      before: at(input, field),
      after: at(edited, field),
    })),
  };
}
