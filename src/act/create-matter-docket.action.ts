import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { defineAction, type ActionContext, type ActionResult, type WrittenRecord } from './action.js';
import { afterWrite } from './after-write.js';
import {
  courtRuleFields,
  courtRuleReferences,
  isSameDay,
  lookupCourtRule,
  SAME_DAY,
  serviceType,
  startTime,
  type CourtRule,
} from './court-rule-fields.js';
import { newRecord } from './expected-echo.js';
import { sinceFirstTry } from './find-marked.js';
import { associated, matterId, nonEmptyText } from './input-fields.js';
import { notReady } from './not-ready.js';
import { readBack } from './read-back.js';
import { undoDocket } from './undo-docket.js';

const docket = readBack('matter_docket', {
  id: true,
  etag: true,
  name: true,
  status: true,
  start_date: true,
  start_time: true,
  created_at: true,
  matter: ['id', 'display_number'],
  jurisdiction: ['id', 'description'],
  trigger: ['id', 'description'],
  service_type: ['id', 'description'],
  calendar_entries: ['id', 'etag', 'summary', 'start_at', 'end_at', 'all_day'],
});
const PATH = 'court_rules/matter_dockets';

const input = z
  .strictObject({
    matter: matterId,
    ...courtRuleFields,
    service_type: serviceType.optional(),
    start_time: startTime.optional(),
    name: nonEmptyText.describe('What the docket is called on the matter.'),
  })
  .refine(isSameDay, SAME_DAY);
type Input = z.output<typeof input>;

/** Puts a court rule on a matter, once: one that the matter has already, by whomever, is kept and not doubled. */
export const createMatterDocket = defineAction({
  name: 'clio.matter_docket.create',
  summary:
    'Puts a court rule on a matter, and Clio its dates into the calendar, unless the matter has it already.',
  input,
  safety: 'repeatable',
  echo: ({ matter }) => [newRecord('matter_docket', { matter }), newRecord('calendar_entry', { matter })],
  references: courtRuleReferences,
  text: { name: 'plain' },
  output: docket.output,

  async execute(wanted, context) {
    const rule = await lookupCourtRule(wanted, context);
    // Nothing like it was there when an earlier try looked, so what is there now that try has made.
    const isOurs = context.remembered?.looked === true;
    const found = await findDocket(wanted, rule, isOurs, context);
    if (found !== undefined) return { ...resultOf(found, isOurs, context), adopted: true };
    await context.remember({ looked: true });
    const made = await create(wanted, rule, context);
    await checkTaken(made, wanted, rule, context);
    return resultOf(made, true, context);
  },

  undo: ({ writes }, context) => undoDocket(writes, context),
});

function create(wanted: Input, rule: CourtRule, { clio, signal }: ActionContext): Promise<ClioRecord> {
  const data = {
    matter: { id: wanted.matter },
    jurisdiction: { id: rule.jurisdiction },
    trigger: { id: rule.trigger },
    service_type: associated(rule.serviceType),
    name: wanted.name,
    start_date: wanted.start_date,
    start_time: wanted.start_time,
  };
  return clio.create(PATH, data, { fields: docket.fields, signal });
}

/**
 * The oldest docket on the matter for the same rule and day. After a try of ours it is looked for in what was made since,
 * on whichever matter: Clio's file does not say that a request may name one.
 */
async function findDocket(
  wanted: Input,
  rule: CourtRule,
  isOurs: boolean,
  context: ActionContext,
): Promise<ClioRecord | undefined> {
  const where = isOurs ? { created_since: sinceFirstTry(context) } : { matter_id: wanted.matter };
  const fields = `${docket.fields},deleted_at`;
  const all = await context.clio.list(PATH, { ...where, fields }, context.signal);
  const same = all
    .filter((one) => (one.deleted_at ?? null) === null && one.start_date === wanted.start_date)
    .filter((one) => idOf(one.jurisdiction) === rule.jurisdiction && idOf(one.trigger) === rule.trigger)
    .sort((a, b) => Number(a.id) - Number(b.id));
  const found = same.find((one) => isTaken(one, wanted, rule));
  const stray = same.find((one) => idOf(one.matter) === undefined && one.name === wanted.name);
  if (found === undefined && stray !== undefined) throw strayDocket(stray, wanted);
  return found;
}

const idOf = (value: unknown) => (isObject(value) ? value.id : undefined);

function isTaken(made: ClioRecord, { matter }: Input, { serviceType: type }: CourtRule): boolean {
  return idOf(made.matter) === matter && (type === undefined || idOf(made.service_type) === type);
}

/** A docket on no matter, or served in another way, has the wrong dates: it is taken away again. */
async function checkTaken(
  made: ClioRecord,
  wanted: Input,
  rule: CourtRule,
  { clio, signal }: ActionContext,
): Promise<void> {
  if (isTaken(made, wanted, rule)) return;
  await afterWrite(() => clio.remove(`${PATH}/${made.id}`, signal));
  throw new UpstreamError(
    'clio.invalid',
    `Clio made docket ${made.id} but left out the matter ${wanted.matter} or the service type, so its dates could be wrong; it was removed again. Add the court rule to the matter in Clio.`,
    { retry: 'never', applied: 'no', details: { matter_docket: made.id } },
  );
}

function strayDocket({ id, name }: ClioRecord, { matter }: Input): UpstreamError {
  return new UpstreamError(
    'clio.ambiguous',
    `The answer to this step was lost, and docket ${id} "${String(name)}" is on no matter: it may be the one for matter ${matter}. Look at it in Clio, then complete the step or retry it.`,
    { retry: 'never', applied: 'maybe', details: { matter_docket: id } },
  );
}

/** @throws UpstreamError `clio.not_ready` while Clio is at work on the dates. */
function resultOf(record: ClioRecord, isOurs: boolean, context: ActionContext): ActionResult {
  const { id, status } = record;
  if (status === 'failed')
    throw new UpstreamError(
      'clio.invalid',
      `Clio could not put docket ${id} into the calendar: it is failed. Look at the court rules of the matter in Clio.`,
      { retry: 'never', applied: 'maybe', details: { matter_docket: id } },
    );
  if (status === 'not_started' || status === 'in_progress')
    throw notReady(
      `Clio has not finished docket ${id}, which is ${status}`,
      'Look at the court rules of the matter in Clio',
      context,
    );
  const entries = (Array.isArray(record.calendar_entries) ? record.calendar_entries : []).filter(isObject);
  const writes: WrittenRecord[] = [
    versionOf('matter_docket', record),
    ...entries.map((entry) => versionOf('calendar_entry', entry)),
  ];
  return { output: docket.pick(record), writes: isOurs ? writes : [] };
}

function versionOf(model: string, { id, etag }: Readonly<Record<string, unknown>>): WrittenRecord {
  return { model, id: String(id), etag: typeof etag === 'string' ? etag : null };
}
