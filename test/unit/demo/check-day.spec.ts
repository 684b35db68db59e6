import { beforeEach, describe, expect, it } from '@jest/globals';
import { checkDay, type ClioAtNight } from '../../../src/demo/check-day.js';
import type { PlayedScene } from '../../../src/demo/play-day.js';

type Decided = [rule: string, outcome: string];

const event = (type: string, ...decisions: Decided[]) => ({
  type,
  reason: decisions.length === 0 ? 'no_rule' : null,
  decisions: decisions.map(([rule_id, outcome]) => ({ rule_id, outcome })),
});
const run = () => ({ status: 'done', steps: [{ attempts: [{ result: 'done' }] }] });
const scene = (title: string, answers: number[], events: object[] = [], runs: object[] = []) =>
  ({ title, answers, events, runs }) as unknown as PlayedScene;
const bill = (note: string, call: string) =>
  event('bill.updated', ['bill-issued-note', note], ['large-unpaid-bill', call]);
const matter = (opening: string, stage: string) =>
  event('matter.updated', ['matter-opening-tasks', opening], ['stage-checklist', stage]);

/** A day on which everything went as it should. */
const goodDay = () => [
  scene('opened', [200], [event('matter.created', ['matter-opening-tasks', 'unknown'])]),
  scene('filled in', [200], [matter('matched', 'not_matched')], [run()]),
  scene('Discovery', [200], [matter('not_matched', 'matched')], [run()]),
  scene('bill drafted', [200], [event('bill.created')]),
  scene('bill handed in', [200], [bill('not_matched', 'not_matched')]),
  scene('bill approved', [200], [bill('matched', 'matched')], [run(), run()]),
  scene('bill paid', [200], [bill('not_matched', 'not_matched')]),
  scene('client renamed', []),
  scene('Settlement, delivered twice', [200, 200], [matter('not_matched', 'matched')], [run()]),
  scene('forged delivery', [401]),
];

const goodNight = () => ({
  tasks: [
    'Run conflict check - 00001-Doe',
    'Intake call - Jane Doe',
    'Draft discovery requests - 00001-Doe',
    'Collect documents from Jane Doe',
    'Call about bill 1042 (12,500.00 open)',
    'Get settlement authority - Jane Smith',
  ].map((name) => ({ name })),
  notes: [{ subject: 'Bill 1042 issued' }],
  matters: [{ display_number: '00001-Doe' }],
  ledger: [
    ['matter', 'created', 1],
    ['matter', 'updated', 3],
    ['bill', 'created', 1],
    ['bill', 'updated', 3],
    ['contact', 'updated', 1],
    ['task', 'created', 6],
    ['note', 'created', 1],
  ].flatMap(([model, what, count]) =>
    Array.from({ length: Number(count) }, () => ({ model: String(model), event: String(what) })),
  ),
  warnings: [] as unknown[],
});

let scenes: PlayedScene[];
let clio: ReturnType<typeof goodNight> & ClioAtNight;

beforeEach(() => {
  scenes = goodDay();
  clio = goodNight();
});

const failures = () =>
  checkDay(scenes, clio)
    .filter(({ ok }) => !ok)
    .map(({ what, instead }) => `${what}: ${instead}`);

describe('checkDay', () => {
  it('finds nothing on a day when everything went as it should', () => {
    expect(failures()).toEqual([]);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a task too many',
      () => void clio.ledger.push({ model: 'task', event: 'created' }),
      /nothing else was made .*too much: task created/,
    ],
    [
      'the same task twice',
      () => void clio.tasks.push({ name: 'Intake call - Jane Doe' }),
      /one task "Intake call - Jane Doe": wanted 1, found 2/,
    ],
    ['a note that is missing', () => void clio.notes.pop(), /one note "Bill 1042 issued": wanted 1, found 0/],
    [
      'a record that nobody should have changed',
      () => void clio.ledger.push({ model: 'matter', event: 'updated' }),
      /too much: matter updated/,
    ],
    [
      'an event that is stored twice',
      () => (scenes[8] as PlayedScene).events.push(...(scenes[8] as PlayedScene).events),
      /came twice is stored once: wanted 200, 200 \/ 1 event, found 200, 200 \/ 2 event/,
    ],
    [
      'a forged delivery that is stored',
      () => (scenes[9] as PlayedScene).events.push(...(scenes[0] as PlayedScene).events),
      /forged delivery is refused and not stored: wanted 401 \/ 0 events, found 401 \/ 1 events/,
    ],
    [
      'a forged delivery that is taken',
      () => (scenes[9] as PlayedScene).answers.splice(0, 1, 200),
      /forged delivery is refused/,
    ],
    [
      'a rule that decided otherwise',
      () => Object.assign((scenes[0] as PlayedScene).events[0]?.decisions[0] ?? {}, { outcome: 'matched' }),
      /missing: matter\.created: matter-opening-tasks unknown; too much: matter\.created: matter-opening-tasks matched/,
    ],
    [
      'a rule that was not asked',
      () => void (scenes[2] as PlayedScene).events.pop(),
      /missing: matter\.updated/,
    ],
    ['a delivery that is refused', () => (scenes[0] as PlayedScene).answers.push(500), /answered 200/],
    [
      'a run that is not done',
      () => Object.assign((scenes[1] as PlayedScene).runs[0] ?? {}, { status: 'failed' }),
      /every run is done: wanted 0, found 1/,
    ],
    [
      'a try that failed',
      () =>
        Object.assign((scenes[1] as PlayedScene).runs[0]?.steps[0]?.attempts[0] ?? {}, { result: 'retry' }),
      /succeeded at once/,
    ],
    ['what Clio would have ignored', () => void clio.warnings.push('colour'), /ignored nothing/],
  ])('finds %s', (_, spoil, says) => {
    spoil();
    expect(failures().join('\n')).toMatch(says);
  });
});
