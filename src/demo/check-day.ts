import type { JsonObject } from '../lib/json.js';
import type { PlayedScene } from './play-day.js';

export interface Check {
  what: string;
  ok: boolean;
  /** What was found instead; empty when it is as expected. */
  instead: string;
}

/** What a look into the sandbox shows at the end of the day. */
export interface ClioAtNight {
  tasks: readonly JsonObject[];
  notes: readonly JsonObject[];
  matters: readonly JsonObject[];
  /** What was made or changed during the day, by whomever. */
  ledger: readonly { model: string; event: string }[];
  /** What the engine sent and Clio would have ignored without a word. */
  warnings: readonly unknown[];
}

/** What is decided of the day's events, whatever their order. */
const DECIDED = [
  'bill.created: no_rule',
  'bill.updated: bill-issued-note matched',
  'bill.updated: bill-issued-note not_matched',
  'bill.updated: bill-issued-note not_matched',
  'bill.updated: large-unpaid-bill matched',
  'bill.updated: large-unpaid-bill not_matched',
  'bill.updated: large-unpaid-bill not_matched',
  'matter.created: matter-opening-tasks unknown',
  'matter.updated: matter-opening-tasks matched',
  'matter.updated: matter-opening-tasks not_matched',
  'matter.updated: matter-opening-tasks not_matched',
  'matter.updated: stage-checklist matched',
  'matter.updated: stage-checklist matched',
  'matter.updated: stage-checklist not_matched',
];

/** What the people and the rules do at the firm. */
const MADE_OR_CHANGED = [
  ...times(1, 'matter created'),
  ...times(3, 'matter updated'),
  ...times(1, 'bill created'),
  ...times(3, 'bill updated'),
  ...times(1, 'contact updated'),
  ...times(6, 'task created'),
  ...times(1, 'note created'),
];

/** Everything that has to be true after the day: what is expected is there, and nothing else. */
export function checkDay(scenes: readonly PlayedScene[], clio: ClioAtNight): Check[] {
  const matter = clio.matters[0]?.['display_number'] as string;
  const tasks = [
    `Run conflict check - ${matter}`,
    'Intake call - Jane Doe',
    `Draft discovery requests - ${matter}`,
    'Collect documents from Jane Doe',
    'Call about bill 1042 (12,500.00 open)',
    'Get settlement authority - Jane Smith',
  ];
  const notes = ['Bill 1042 issued'];
  return [
    ...tasks.map((name) => exactlyOne('task', name, clio.tasks, 'name')),
    ...notes.map((subject) => exactlyOne('note', subject, clio.notes, 'subject')),
    sameList('every rule decided what it should, and nothing else was decided', DECIDED, decided(scenes)),
    sameList(
      'nothing else was made or changed in Clio',
      MADE_OR_CHANGED,
      clio.ledger.map(({ model, event }) => `${model} ${event}`),
    ),
    same('the delivery that came twice is stored once', '200, 200 / 1 event', twice(scenes)),
    same('the forged delivery is refused and not stored', '401 / 0 events', answersAndEvents(scenes.at(-1))),
    same('every other delivery is answered 200', 0, refusedBefore(scenes)),
    same('every run is done', 0, runsOf(scenes).filter(({ status }) => status !== 'done').length),
    same('every attempt succeeded at once', 0, failedAttempts(scenes)),
    same('Clio ignored nothing that was sent', '[]', JSON.stringify(clio.warnings)),
  ];
}

function exactlyOne(kind: string, text: string, records: readonly JsonObject[], field: string): Check {
  const count = records.filter((record) => record[field] === text).length;
  return same(`one ${kind} "${text}"`, 1, count);
}

function same(what: string, wanted: string | number, found: string | number): Check {
  const ok = wanted === found;
  return { what, ok, instead: ok ? '' : `wanted ${wanted}, found ${found}` };
}

/** Compares two lists whatever their order, and names what is missing and what is too much. */
function sameList(what: string, wanted: readonly string[], found: readonly string[]): Check {
  const left = [...found];
  const missing = wanted.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const instead = [...missing.map((line) => `missing: ${line}`), ...left.map((line) => `too much: ${line}`)];
  return { what, ok: instead.length === 0, instead: instead.join('; ') };
}

/** One line per decision, and one per event that no rule was asked about. */
function decided(scenes: readonly PlayedScene[]): string[] {
  return scenes
    .flatMap(({ events }) => events)
    .flatMap(({ type, reason, decisions }) =>
      decisions.length === 0
        ? [`${type}: ${reason}`]
        : decisions.map(({ rule_id, outcome }) => `${type}: ${rule_id} ${outcome}`),
    );
}

function times(count: number, line: string): string[] {
  return Array<string>(count).fill(line);
}

function twice(scenes: readonly PlayedScene[]): string {
  return answersAndEvents(
    scenes.find(({ title }) => title.includes('twice')),
    'event',
  );
}

function answersAndEvents(scene: PlayedScene | undefined, unit = 'events'): string {
  return `${scene?.answers.join(', ') ?? ''} / ${scene?.events.length ?? ''} ${unit}`;
}

function refusedBefore(scenes: readonly PlayedScene[]): number {
  return scenes.slice(0, -1).flatMap(({ answers }) => answers.filter((status) => status !== 200)).length;
}

function runsOf(scenes: readonly PlayedScene[]) {
  return scenes.flatMap(({ runs }) => runs);
}

function failedAttempts(scenes: readonly PlayedScene[]): number {
  return runsOf(scenes)
    .flatMap(({ steps }) => steps.flatMap(({ attempts }) => attempts))
    .filter(({ result }) => result !== 'done').length;
}
