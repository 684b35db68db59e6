import { z } from 'zod';
import { UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { defineAction, type OutputKind } from './action.js';
import {
  courtRuleFields,
  courtRuleReferences,
  isSameDay,
  lookupCourtRule,
  SAME_DAY,
  serviceType,
  startTime,
} from './court-rule-fields.js';
import { nonEmptyText } from './input-fields.js';

const input = z
  .strictObject({
    ...courtRuleFields,
    service_type: serviceType,
    start_time: startTime,
    event_prefix: nonEmptyText.optional().describe('Stands before the title of each date.'),
  })
  .refine(isSameDay, SAME_DAY);

const entry = new Map<string, OutputKind>([
  ['summary', { type: 'text' }],
  ['start_date', { type: 'date' }],
  ['start_at', { type: 'text' }],
  ['end_at', { type: 'text' }],
  ['all_day', { type: 'boolean' }],
  ['description', { type: 'text' }],
]);

/** Asks Clio which dates a court rule gives. Nothing is computed here: what Clio says is handed on, or the step fails. */
export const previewMatterDocket = defineAction({
  name: 'clio.matter_docket.preview',
  summary: 'Asks Clio which dates a court rule gives, and changes nothing.',
  input,
  safety: 'repeatable',
  onlyReads: true,
  references: courtRuleReferences,
  text: { event_prefix: 'plain' },
  output: new Map<string, OutputKind>([
    ['count', { type: 'integer' }],
    ['entries', { type: 'list', fields: () => entry }],
  ]),

  async execute(wanted, context) {
    const rule = await lookupCourtRule(wanted, context);
    const query = {
      event_prefix: wanted.event_prefix,
      'jurisdiction[id]': rule.jurisdiction,
      'service_type[id]': rule.serviceType,
      'trigger[id]': rule.trigger,
      // Clio asks for a date in the form of a time: this one names the same day whichever way it is read.
      start_date: wanted.start_time,
      start_time: wanted.start_time,
    };
    const found = await context.clio.computed('court_rules/matter_dockets/preview', query, context.signal);
    const entries = found.map(dated);
    return { output: { count: entries.length, entries }, writes: [] };
  },
});

/** Clio's file does not say what a preview looks like. A date that cannot be read for certain must not look like a deadline. */
function dated(found: JsonObject): JsonObject {
  const { summary, start_at: startAt, end_at: endAt, all_day: allDay, description } = found;
  const day = /^\d{4}-\d{2}-\d{2}/.exec(typeof startAt === 'string' ? startAt : '')?.[0];
  if (day === undefined || typeof summary !== 'string') {
    const names = Object.keys(found).join(', ');
    throw new UpstreamError(
      'clio.unreadable_answer',
      `Clio's preview of the court rule has an entry without "summary" or "start_at" (it has: ${names}). Look at the dates in Clio itself, and report this answer.`,
      { retry: 'never', applied: 'no' },
    );
  }
  return {
    summary,
    start_date: day,
    start_at: startAt ?? null,
    end_at: endAt ?? null,
    all_day: allDay ?? null,
    description: description ?? null,
  };
}
