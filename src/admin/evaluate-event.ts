import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { evaluateRule } from '../rules/evaluate-rule.js';
import { eventHints } from '../rules/event-hints.js';
import { previewEvent } from '../rules/preview-event.js';
import { imaginedLookups } from '../rules/preview-lookups.js';
import { occasionOf } from '../rules/preview-trigger.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { planActions } from '../rules/run-tests.js';
import { anyJson } from './answer-fields.js';
import { found } from './found.js';
import { check, refused, ruleText, type Checking } from './rule-text.js';

const record = z.record(z.string(), z.json());

/** An event as somebody writes it down. */
export const givenEvent = z.strictObject({
  event: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/, 'must look like matter.updated')
    .optional()
    .describe('matter.updated; left out for a rule that goes by the clock or is started by hand.'),
  trigger: z.string().optional().describe('The id of the trigger, where that is not clear.'),
  record,
  previous: record
    .nullable()
    .default(null)
    .describe('What the record was before; null when nobody had seen it.'),
  lookups: z
    .record(z.string(), record)
    .default({})
    .describe('What the lookups of the rule find: {"open_tasks": {"items": []}}.'),
  now: z.iso
    .datetime({ offset: true, error: 'it must be a time like 2026-03-06T15:50:00Z' })
    .optional()
    .describe('The time that it is then; the present when left out.'),
});
export type GivenEvent = z.output<typeof givenEvent>;

export const evaluateBody = givenEvent.extend({
  text: ruleText.optional().describe('The rule; without it, id names one that is in force.'),
  id: z.string().optional().describe('The rule in force, or which one of the text.'),
});
export type EvaluateBody = z.output<typeof evaluateBody>;

/** What a rule makes of an event. */
export const eventEvaluation = z.object({
  rule_id: z.string(),
  version: z.string(),
  outcome: z.string(),
  reason: z.string(),
  missing: z.array(z.string()),
  idempotency_key: z.string().nullable(),
  explanation: anyJson.describe('The tree of verdicts: each condition with its value and what it saw.'),
  actions: z
    .array(
      z.object({
        id: z.string(),
        action: z.string(),
        with: anyJson.describe('Null when the step would fail.'),
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    )
    .describe('What would be sent, in order; steps whose "if" does not hold are left out.'),
  hints: z.array(z.string()).describe('What looks like a slip in the event.'),
});
export type EventEvaluation = z.infer<typeof eventEvaluation>;

/** Decides one event by one rule, as the engine would. Nothing is sent and nothing stored. */
export function evaluateEvent(
  compiled: CompiledRule,
  given: GivenEvent,
  vocabulary: Vocabulary,
  present: Date,
): EventEvaluation {
  const { record: seen, previous } = given;
  const event = occasionOf(compiled, given, vocabulary);
  const now = given.now === undefined ? present : new Date(given.now);
  const lookups = imaginedLookups(compiled, given.lookups);
  const input = { ...previewEvent({ event, record: seen, previous, now }), lookups };
  const evaluation = evaluateRule(compiled, input);
  const { outcome, reason, missing, explanation, idempotencyKey } = evaluation;
  return {
    rule_id: compiled.rule.id,
    version: compiled.hash,
    outcome,
    reason,
    missing,
    idempotency_key: idempotencyKey,
    explanation,
    actions: planActions(compiled, evaluation, vocabulary),
    hints: eventHints(given, compiled, vocabulary),
  };
}

/**
 * The rule that is asked.
 * @throws RequestError `rule.invalid` (422) for a text with an error, `request.not_found` or `request.invalid` where no one rule is meant.
 */
export function ruleAsked({ text, id }: EvaluateBody, checking: Checking): CompiledRule {
  if (text === undefined && id === undefined)
    throw new RequestError(
      'request.invalid',
      'Give the rule as "text", or the "id" of one that is in force.',
    );
  if (text === undefined) return found('rule', id ?? '', checking.rules.book().find(id ?? ''));
  const { rules, diagnostics } = check(text, checking);
  if (diagnostics.some(({ severity }) => severity === 'error')) throw refused(diagnostics);
  const wanted = rules.filter(({ rule }) => id === undefined || rule.id === id);
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return only;
  const ids = rules.map(({ rule }) => rule.id).join(', ') || 'no rule';
  throw new RequestError('request.invalid', `The text holds ${ids}; name one of them with "id".`);
}
