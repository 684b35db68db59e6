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
  /** What the engine sent and Clio would have ignored without a word. */
  warnings: readonly unknown[];
}

/** Everything that has to be true after the day. */
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
    same(
      'no other task and no other note',
      tasks.length + notes.length,
      clio.tasks.length + clio.notes.length,
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
