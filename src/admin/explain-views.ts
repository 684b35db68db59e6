import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { didYouMean } from '../lib/did-you-mean.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { anyJson, moment } from './answer-fields.js';
import { strictQuery, timeFilters } from './list-query.js';

const line = z.object({
  event_id: z.string(),
  connection_id: z.string(),
  received_at: moment,
  planned_at: moment.nullable().describe('The time that the schedule had planned; null for any other event.'),
  types: z.array(z.string()).describe('Every type that a trigger may know the event by.'),
  source: z.string(),
  changed: z.array(z.string()).nullable(),
  outcome: z
    .enum(['matched', 'not_matched', 'unknown', 'suppressed', 'errored'])
    .nullable()
    .describe('Null when the rule was not asked; the reason says why.'),
  reason: z.string(),
  version: z.number().int().nullable().describe('Which version of the rule decided.'),
  explanation: anyJson.describe('The tree of verdicts: each condition with its value and what it saw.'),
  misses: z.array(z.string()).describe('The conditions that failed, with what they saw; for people.'),
  shadow: z.boolean(),
  run_id: z.string().nullable(),
  run: z
    .object({ status: z.string(), error: z.string().nullable(), reason: z.string().nullable() })
    .nullable()
    .describe(
      'What became of its run so far; the error also says who cancelled it, the reason why one that is done ended before its last step. Null without one.',
    ),
});
export type ExplainedEvent = z.infer<typeof line>;

const cause = z.object({
  code: z.enum([
    'rule_broken',
    'rule_removed',
    'rule_disabled',
    'rule_paused',
    'other_record_kind',
    'no_connection',
    'needs_authorisation',
    'not_subscribed',
    'subscription_not_in_place',
    'subscription_newer',
    'never_swept',
    'record_not_seen',
    'record_seen',
    'goes_by_the_clock',
    'too_many_records',
    'schedule_failed',
  ]),
  message: z.string(),
});
export type Cause = z.infer<typeof cause>;

/** Why a rule did or did not do something about a record. */
export const ruleExplanation = z.object({
  rule_id: z.string(),
  record: z.string(),
  since: moment.nullable(),
  summary: z.string(),
  timeline: z.array(line).describe('Oldest first; the newest 50 events.'),
  has_earlier: z.boolean().describe('True when the record has still older events.'),
  nearest_miss: z
    .object({ event_id: z.string(), misses: z.array(z.string()) })
    .nullable()
    .describe('Of the events that the rule was asked about and refused, the one that lacked least.'),
  causes: z.array(cause).describe('What keeps events or the rule away, as it stands now.'),
});
export type RuleExplanation = z.infer<typeof ruleExplanation>;

export const explainQuery = strictQuery({
  record: z.string().describe('Kind and id: matter/123.'),
  since: timeFilters.since,
});
export type ExplainQuery = z.infer<typeof explainQuery>;

/** A record by the name that rules have for its kind, and the model that Clio reports it as. */
export interface RecordName {
  kind: string;
  model: string;
  id: string;
}

const WHOLE = /^[1-9]\d{0,15}$/;

/** @throws RequestError `request.invalid` for what is not like `matter/123`, or a kind that rules do not know. */
export function recordNamed(text: string, { models }: Pick<Vocabulary, 'models'>): RecordName {
  const [, kind = '', id = ''] = /^([a-z_]+)\/([\x21-\x7e]{1,100})$/.exec(text) ?? [];
  const words = models.get(kind);
  // Clio is asked for many records in one call: an id that it cannot have would spoil the answer for the others.
  const isNumber = words?.fields.get('id')?.type === 'integer';
  if (words !== undefined && (!isNumber || WHOLE.test(id))) return { kind, model: words.model, id };
  const problem =
    kind === ''
      ? 'a record is written like matter/123'
      : words !== undefined
        ? `the id of a ${kind} is a whole number.`
        : `there is no kind of record "${kind}".${didYouMean(kind, models.keys())}`;
  throw new RequestError('request.invalid', `"${text}" names no record: ${problem}`);
}
