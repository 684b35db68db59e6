import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, RequestError } from '../lib/errors.js';
import { systemClock } from '../lib/clock.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { formatDiagnostic } from '../rules/diagnostic.js';
import { evaluateRule, type Evaluation } from '../rules/evaluate-rule.js';
import { imaginedLookups } from '../rules/preview-lookups.js';
import { previewEvent } from '../rules/preview-event.js';
import { occasionOf } from '../rules/preview-trigger.js';
import { planActions, type PlannedAction } from '../rules/run-tests.js';
import { vocabulary } from '../vocabulary.js';
import { problemsIn } from './checked.js';
import { eventHints } from './event-hints.js';
import { verdictText } from './event-report.js';
import { readRules } from './rule-files.js';

const record = z.record(z.string(), z.json());
const eventFile = z.strictObject({
  event: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/, 'must look like matter.updated')
    .optional(),
  trigger: z.string().optional(),
  record,
  previous: record.nullable().default(null),
  lookups: z.record(z.string(), record).default({}),
  now: z.iso.datetime({ offset: true }).optional(),
});
type EventFile = z.output<typeof eventFile>;

export type EvaluationResult = Pick<Evaluation, 'outcome' | 'reason' | 'missing' | 'explanation'> & {
  rule_id: string;
  version: string;
  idempotency_key: string | null;
  /** What would be sent, in order; steps whose `if` does not hold are left out. */
  actions: PlannedAction[];
  /** What looks like a slip in the event file. */
  hints: string[];
};

/** What a rule file makes of an event file. Nothing is sent and nothing stored. */
export async function evaluateFiles(options: {
  rule: string;
  event: string;
  id?: string;
}): Promise<EvaluationResult> {
  const compiled = await oneRule(options.rule, options.id);
  const given = await readEvent(options.event);
  const { record, previous } = given;
  const event = occasionOf(compiled, given, vocabulary());
  const now = given.now === undefined ? systemClock.now() : new Date(given.now);
  const lookups = imaginedLookups(compiled, given.lookups);
  const evaluation = evaluateRule(compiled, {
    ...previewEvent({ event, record, previous, now }),
    lookups,
  });
  const { outcome, reason, missing, explanation, idempotencyKey } = evaluation;
  return {
    rule_id: compiled.rule.id,
    version: compiled.hash,
    outcome,
    reason,
    missing,
    idempotency_key: idempotencyKey,
    explanation,
    actions: planActions(compiled, evaluation, vocabulary()),
    hints: eventHints(given, compiled, vocabulary()),
  };
}

async function oneRule(file: string, id: string | undefined): Promise<CompiledRule> {
  const { active, broken } = await readRules([file]);
  const [problem] = broken.flatMap(({ diagnostics }) => diagnostics);
  if (problem !== undefined)
    throw new RequestError('rule.invalid', `The rule is broken: ${formatDiagnostic(problem)}`);
  const wanted = active.filter(({ rule }) => id === undefined || rule.id === id);
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return only;
  const ids = active.map(({ rule }) => rule.id).join(', ');
  throw new RequestError('request.invalid', `The file ${file} holds ${ids}; name one of them with --id.`);
}

async function readEvent(file: string): Promise<EventFile> {
  const refused = (problem: string, cause?: unknown) =>
    new RequestError(
      'request.invalid',
      `The event file ${file} cannot be used: ${problem}. It holds {"event": "matter.updated", "record": {...}, "previous": {...}}; for a rule that goes by the clock {"record": {...}}.`,
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw refused(messageOf(error), error);
  }
  const parsed = eventFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw refused(problemsIn(parsed.error));
}

export function evaluationReport(result: EvaluationResult): string {
  const missing = result.missing.length === 0 ? '' : `Missing: ${result.missing.join(', ')}\n`;
  const key = result.idempotency_key === null ? '' : `Key: ${result.idempotency_key}\n`;
  const actions = result.actions.map(
    ({ id, action, with: input }) => `\n${id}  ${action}\n${JSON.stringify(input, null, 2)}\n`,
  );
  const head = `Rule ${result.rule_id} (version ${result.version.slice(0, 8)}): ${result.outcome}, ${result.reason}\n`;
  const hints = result.hints.map((hint) => `Hint: ${hint}\n`).join('');
  return head + hints + missing + key + verdictText(result.explanation) + actions.join('');
}
