import type { ActionContext } from './action.js';
import { calendarDate, instant } from './input-fields.js';
import { namedRecord, resolveIn, resolveNamed, type NamedRecord } from './named-record.js';

/** Which rule of which court is meant, and what its dates are counted from. */
export const courtRuleFields = {
  jurisdiction: namedRecord.describe('The court, one that is set up in Clio: `{ name: ... }` or its id.'),
  trigger: namedRecord.describe('What happened, in the words of that court: `{ name: ... }` or its id.'),
  start_date: calendarDate.describe('The day on which it happened.'),
};

/** The triggers are no list of the firm: every court has its own. */
export const courtRuleReferences = { jurisdiction: 'jurisdiction', service_type: 'service_type' };

export const startTime = instant.describe(
  'When it happened, with the offset of the court: `2026-12-01T09:00:00-05:00`. It lies on the `start_date`.',
);

export const serviceType = namedRecord.describe('How the papers were served: `{ name: ... }` or its id.');

export const SAME_DAY = {
  path: ['start_time'],
  message:
    "The start_time lies on another day than the start_date. Write both as the court's clocks show them.",
};

/** Two days for one event would be two sets of deadlines. */
export function isSameDay(wanted: { start_date: string; start_time?: string | undefined }): boolean {
  return wanted.start_time === undefined || wanted.start_time.startsWith(wanted.start_date);
}

export interface CourtRule {
  jurisdiction: number;
  trigger: number;
  serviceType: number | undefined;
}

interface WantedRule {
  jurisdiction: NamedRecord;
  trigger: NamedRecord;
  service_type?: NamedRecord | undefined;
}

/** Throws UpstreamError `clio.no_match` or `clio.ambiguous`. */
export async function lookupCourtRule(wanted: WantedRule, context: ActionContext): Promise<CourtRule> {
  const [jurisdiction, serviceType] = await Promise.all([
    resolveNamed('jurisdiction', wanted.jurisdiction, context),
    wanted.service_type && resolveNamed('service_type', wanted.service_type, context),
  ]);
  // Courts give the same names to different rules.
  const triggers = {
    label: `trigger of jurisdiction ${jurisdiction}`,
    list: { path: `court_rules/jurisdictions/${jurisdiction}/triggers`, query: { fields: 'id,description' } },
    nameField: 'description',
  };
  return {
    jurisdiction,
    trigger: await resolveIn(triggers, wanted.trigger, context, 'trigger'),
    serviceType,
  };
}
