import { DateTime } from 'luxon';
import type { FastifyInstance } from 'fastify';
import { catalog } from '../clio/catalog/catalog.js';
import type { Answer, ApiRequest } from './answer.js';
import { defaultSelection, parseFields } from './field-selection.js';
import type { Query } from './filter-records.js';
import { asText, Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';
import { entriesOf } from './inline-list.js';
import { projectFields } from './project-record.js';
import { invalidArgument, notFound, notInSandbox, Refusal } from './refusal.js';
import type { Timers } from './timers.js';

/** How long a docket waits, and how long Clio then works on its dates. */
const QUEUED_MS = 5_000;
const AT_WORK_MS = 10_000;

const TRIGGER_FIELDS = catalog.schemas['JurisdictionsToTrigger'] ?? {};
const DOCKETS = 'court_rules/matter_dockets';
const PREVIEWS = '/court_rule_previews/';

/** Courts, what may happen there, and days that are made up: the sandbox knows no rule of a real court. */
const RULES: Readonly<Record<string, Readonly<Record<string, readonly [title: string, days: number][]>>>> = {
  'New York Supreme Court': {
    'Complaint Served': [
      ['Answer due', 20],
      ['Motion to dismiss due', 20],
      ['Request for a preliminary conference due', 45],
    ],
    'Notice of Appeal Filed': [['Record on appeal due', 60]],
  },
  'New York Family Court': { 'Complaint Served': [['Answer due', 30]] },
};
const SERVICE_TYPES: Readonly<Record<string, number>> = { 'Personal/hand': 0, 'Regular mail': 5 };

export function seedCourtRules(firm: Firm): void {
  const seed = (model: string, values: Values) => {
    const { id } = firm.insert(model, values, true);
    return new Reference(model, id);
  };
  const service_types = Object.entries(SERVICE_TYPES).map(([description, extra_days]) =>
    seed('service_type', { description, default: extra_days === 0, extra_days }),
  );
  for (const [court, triggers] of Object.entries(RULES)) {
    const shown = { display_timezone: 'America/New_York', is_local_timezone: true, valid_subscription: true };
    const jurisdiction = seed('jurisdiction', {
      description: court,
      default: false,
      service_types,
      ...shown,
    });
    for (const [description, dates] of Object.entries(triggers)) {
      const needs = { is_served: description === 'Complaint Served', is_requirements_required: false };
      const rule_dates = dates.map(([title, days]) => ({ title, days }));
      seed('court_rule_trigger', {
        jurisdiction,
        description,
        ...needs,
        do_not_recalculate: false,
        rule_dates,
      });
    }
  }
  const other = {
    display_timezone: 'America/Los_Angeles',
    is_local_timezone: false,
    valid_subscription: false,
  };
  seed('jurisdiction', { description: 'California Superior Court', default: false, service_types, ...other });
}

/** @throws Refusal 422 for a docket that Clio could not compute. */
export function finishDocket(firm: Firm, next: Values): Record<string, Value> {
  if (!(next['matter'] instanceof Reference)) throw invalidArgument('matter is required');
  const { jurisdiction, trigger, service_type: served } = next;
  const rule = trigger instanceof Reference ? firm.find(trigger.model, trigger.id)?.values : undefined;
  if (!isSame(rule?.['jurisdiction'], jurisdiction))
    throw invalidArgument('trigger does not belong to the jurisdiction');
  if (rule?.['is_served'] === true && !(served instanceof Reference))
    throw invalidArgument('service_type is required for this trigger');
  return { calendar_entries: next['calendar_entries'] ?? [] };
}

function isSame(one: Value | undefined, other: Value | undefined): boolean {
  return one instanceof Reference && other instanceof Reference && one.id === other.id;
}

/** Puts the dates of new dockets into the calendar as time passes. `make` makes an entry as Clio does and gives its id. */
export function runDockets(firm: Firm, timers: Timers, make: (entry: Values) => string): void {
  firm.onChange(({ event, record }) => {
    if (record.model !== 'matter_docket' || event !== 'created') return;
    const move = (from: string, changes: () => Values) => {
      // What a test has decided about a docket (`failed`) stays so, and one that is gone has no dates.
      const isThere = firm.find('matter_docket', record.id) === record;
      if (isThere && record.values['status'] === from) firm.change(record, changes(), true);
    };
    timers.after(QUEUED_MS, () => move('not_started', () => ({ status: 'in_progress' })));
    timers.after(QUEUED_MS + AT_WORK_MS, () =>
      move('in_progress', () => ({
        status: 'completed',
        calendar_entries: datesOf(firm, record.values).map(
          (entry) => new Reference('calendar_entry', make(entryOf(record, entry))),
        ),
      })),
    );
  });
}

/** What a docket put into the calendar and goes with it. */
export function removeDatesOf(firm: Firm, docket: StoredRecord): void {
  for (const entry of firm.list('calendar_entry')) {
    const of = entry.values['matter_docket'];
    if (of instanceof Reference && of.id === docket.id) firm.remove(entry);
  }
}

function entryOf({ id, values }: StoredRecord, dates: Values): Values {
  return {
    ...dates,
    matter: values['matter'] ?? null,
    matter_docket: new Reference('matter_docket', id),
    court_rule: true,
  };
}

/** All-day entries, counted from the day of the start. */
function datesOf(
  firm: Firm,
  { trigger, service_type: served, start_date: start }: Values,
  prefix = '',
): Values[] {
  const rule = trigger instanceof Reference ? firm.find(trigger.model, trigger.id)?.values : undefined;
  const type = served instanceof Reference ? firm.find(served.model, served.id)?.values : undefined;
  return entriesOf(rule?.['rule_dates']).map(({ title, days }) => {
    const day = DateTime.fromISO(asText(start).slice(0, 10), { zone: firm.zone });
    const at = day.plus({ days: Number(days) + Number(type?.['extra_days'] ?? 0) });
    return {
      summary: `${prefix}${asText(title)}`,
      description: null,
      start_at: firm.timestamp(at.toJSDate()),
      end_at: firm.timestamp(at.plus({ days: 1 }).toJSDate()),
      all_day: true,
    };
  });
}

/** The parts of Clio's court rules that are no list of records of their own. */
export class CourtRules {
  private readonly previews = new Map<string, Values[]>();

  constructor(
    private readonly firm: Firm,
    private readonly origin: () => string,
  ) {}

  /** Undefined for a call that is about something else. @throws Refusal */
  answer({ method, path, query }: Pick<ApiRequest, 'method' | 'path' | 'query'>): Answer | undefined {
    if (path === `${DOCKETS}/preview` && method === 'GET') return this.preview(query);
    const [, court, , id] = /^court_rules\/jurisdictions\/(\d+)\/triggers(\/(\d+))?$/.exec(path) ?? [];
    if (court === undefined || method !== 'GET') return undefined;
    if (this.firm.find('jurisdiction', court) === undefined) throw notFound();
    const triggers = this.triggersOf(court);
    if (id === undefined)
      return { status: 200, body: { data: shown(this.firm, matching(triggers, query), query) } };
    const [one] = shown(
      this.firm,
      triggers.filter((trigger) => trigger.id === id),
      query,
    );
    if (one === undefined) throw notFound();
    return { status: 200, body: { data: one } };
  }

  /** Clio's file knows the redirect and not what it leads to; the entries are like those of the calendar. */
  routes(app: FastifyInstance): void {
    app.get<{ Params: { id: string } }>(`${PREVIEWS}:id`, ({ params }, reply) => {
      const data = this.previews.get(params.id);
      if (data === undefined) throw notFound();
      return reply.send({ data });
    });
  }

  private preview(query: Query): Answer {
    const asked = (name: string) => {
      const value = query[name];
      if (typeof value !== 'string' || value === '') throw missing(name);
      return value;
    };
    const referred = (name: string, model: string) => {
      const record = this.firm.find(model, asked(`${name}[id]`));
      if (record === undefined) throw notFound();
      return new Reference(model, record.id);
    };
    const trigger = referred('trigger', 'court_rule_trigger');
    const court = referred('jurisdiction', 'jurisdiction');
    if (!this.triggersOf(court.id).some(({ id }) => id === trigger.id)) throw notFound();
    const service_type = referred('service_type', 'service_type');
    asked('start_time');
    const docket = { trigger, service_type, start_date: asked('start_date') };
    const prefix = query['event_prefix'];
    const id = String(this.firm.nextId('court rule preview'));
    this.previews.set(id, datesOf(this.firm, docket, typeof prefix === 'string' ? `${prefix} ` : ''));
    return { status: 303, headers: { Location: `${this.origin()}${PREVIEWS}${id}` } };
  }

  private triggersOf(court: string): StoredRecord[] {
    return this.firm
      .list('court_rule_trigger')
      .filter(
        ({ values: { jurisdiction } }) => jurisdiction instanceof Reference && jurisdiction.id === court,
      );
  }
}

const missing = (name: string) => new Refusal(400, 'ArgumentError', `${name} is required`);

function matching(triggers: readonly StoredRecord[], query: Query): StoredRecord[] {
  const { fields: _fields, limit: _limit, query: words, is_served: served, ...others } = query;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw notInSandbox(`the filter ${unknown} of triggers`);
  return triggers.filter(
    ({ values }) =>
      (served === undefined || asText(values['is_served']) === served) &&
      asText(values['description'])
        .toLowerCase()
        .includes(asText(words as Value).toLowerCase()),
  );
}

function shown(firm: Firm, triggers: readonly StoredRecord[], { fields }: Query) {
  const selection =
    typeof fields === 'string' ? parseFields(fields, TRIGGER_FIELDS) : defaultSelection(TRIGGER_FIELDS);
  return triggers.map(({ model, values }) =>
    projectFields(firm, { model, values, fields: TRIGGER_FIELDS }, selection),
  );
}
