import { afterEach, describe, expect, it } from '@jest/globals';
import { Upkeep } from '../../src/ingest/upkeep.js';
import { textOf } from '../../src/lib/json.js';
import { adminActor } from '../../src/store/actor.js';
import { PollCursor } from '../../src/store/poll-cursor.entity.js';
import { ScheduleStore } from '../../src/store/schedule.store.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, LawFirm } from '../support/law-firm.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const rule = (id: string, rest: string, event = 'matter.created', trigger = `{ event: ${event} }`) => ({
  [`${id}.yaml`]: `
version: 1
id: ${id}
name: Rule ${id}
triggers: [${trigger}]
idempotency_key: '{{matter.id}}:{{event.id}}'
${rest}  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: '{{rule.id}} {{matter.description}}', detail: x } }
`,
});
const scheduled = (missed: string) => ({
  [`on-${missed}.yaml`]: `
version: 1
id: on-${missed}
name: Every day, ${missed}
triggers: [{ schedule: { cron: '0 12 * * *', on_missed: ${missed} } }]
limits: { runs_per_hour: 1000 }
idempotency_key: '{{event.planned_at}}'
actions: [{ action: log.write, with: { text: '{{event.planned_at}}' } }]
`,
});

const rules = {
  ...rule('waits', 'actions:\n  - wait: { for: 1 day }\n'),
  ...rule(
    'asks',
    'actions:\n  - id: ask\n    approval: { by: role:responsible_attorney, timeout: 1 day, on_timeout: approve }\n',
  ),
  ...rule(
    'debounced',
    'debounce: { period: 10 minutes }\nconditions: { field: matter.status, is: Pending }\nactions:\n',
    'matter.updated',
  ),
  ...rule('throttled', 'throttle: { limit: 1, period: 1 hour }\nactions:\n'),
  ...rule('at-once', 'actions:\n'),
  ...rule('by-hand', 'actions:\n', undefined, '{ id: hand, manual: true }'),
  ...scheduled('skip'),
  ...scheduled('once'),
  ...scheduled('all'),
};

const DUE = ['asks A', 'asks B', 'at-once A', 'at-once B', 'debounced A', 'throttled A', 'throttled B'];
const ALL = [...DUE, 'waits A', 'waits B'];

describe.each(databases)('a clock that jumps, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const make = (description: string) =>
    firm.control.create('matter', {
      client: { id: 1 },
      description,
      status: 'open',
      responsible_attorney: { id: 1 },
    })['id'] as number;

  /** A firm where something of each kind waits: 10:00 on 24 November. */
  async function open(): Promise<void> {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
    const first = make('A');
    await firm.settled();
    await firm.clock.advance(1_000);
    make('B');
    firm.control.update('matter', first, { status: 'pending' });
    await firm.settled();
    await firm.app.get(Upkeep).tick();
    expect(notes()).toEqual(['at-once A', 'at-once B', 'throttled A']);
  }
  const notes = () =>
    firm.control
      .records('note')
      .map(({ subject }) => textOf(subject ?? null))
      .sort();
  const jump = async (ms: number) => {
    await firm.clock.leap(ms);
    await firm.app.get(Upkeep).tick();
    await firm.settled();
  };
  const engine = async (verb: string, body: object = {}) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: JSON.stringify(body) };
    expect((await fetch(`${firm.url}/api/v1/engine/${verb}`, asked)).status).toBe(200);
  };
  /** While the engine runs, or while it stands still. */
  const putBack = async (hours: number, restarts: boolean) => {
    if (restarts) await firm.stopEngine();
    await firm.clock.leap(-hours * HOUR);
    if (restarts) await firm.startEngine();
    await firm.app.get(Upkeep).tick();
    await firm.settled();
  };
  /** How often each schedule has run. */
  const ticks = async () => {
    const ran = (await firm.runs()).filter(({ rule_id }) => rule_id.startsWith('on-'));
    return ['on-all', 'on-once', 'on-skip'].map((id) => ran.filter(({ rule_id }) => rule_id === id).length);
  };

  it.each([
    [2, [2, 1, 0]],
    [400, [100, 1, 0]],
  ])('forward by %d days: all that waited is done once', async (days, planned) => {
    await open();
    await jump(days * DAY);
    expect(notes()).toEqual(ALL);
    expect(await ticks()).toEqual(planned);
    expect(await firm.openAlerts()).toEqual(days === 400 ? ['ticks_left_out on-all schedule'] : []);
    await firm.play(() => make('C'));
    await firm.clock.leap(3 * HOUR);
    await firm.settled();
    expect(notes().filter((note) => note.endsWith('C'))).toEqual(['at-once C', 'throttled C']);
    expect((await ticks()).map((count, index) => count - (planned[index] ?? 0))).toEqual([1, 1, 0]);
  });

  it.each([
    [2, 'goes on', false],
    [48, 'goes on', false],
    [48, 'goes on after a restart', true],
  ])('back by %d hours: waits keep their times, and the rest %s', async (hours, _, restarts) => {
    await open();
    await putBack(hours, restarts);
    expect(notes()).toEqual(['at-once A', 'at-once B', 'throttled A']);
    const now = firm.clock.now().getTime();
    const cursors = await firm.database.repo(PollCursor).find();
    expect(Math.max(...cursors.map(({ dueAt }) => dueAt - now))).toBeLessThanOrEqual(20 * 60_000);
    await firm.play(() => make('C'));
    // A debounce is a length of time, and ten minutes of it pass here.
    expect(notes()).toEqual(['at-once A', 'at-once B', 'at-once C', 'debounced A', 'throttled A']);

    await jump(hours * HOUR + HOUR / 2 + DAY);
    expect(notes().filter((note) => !note.endsWith('C'))).toEqual(ALL);
    await jump(3 * DAY);
    expect(notes().filter((note) => note.endsWith('C'))).toEqual([
      'asks C',
      'at-once C',
      'throttled C',
      'waits C',
    ]);
    expect(await firm.openAlerts()).toEqual([]);
  });

  it.each([
    ['', false],
    [' and a restart', true],
  ])(
    'back by 48 hours%s: what had failed, was due or was asked for is done now, each once',
    async (_, restarts) => {
      await open();
      firm.control.fault({ on: 'request', method: 'POST', path: '/notes', kind: 'status', status: 503 });
      make('D');
      await firm.settled();
      expect(notes().filter((note) => note.endsWith('D'))).toEqual([]);
      await engine('stop', { reason: 'A flood.' });
      const last = make('E');
      await firm.settled();
      const [{ id: connectionId = '' } = {}] = await firm.connections();
      const asked = { ruleId: 'by-hand', triggerId: 'hand', model: 'matter', recordId: String(last) };
      await firm.app.get(ScheduleStore).addManual({ connectionId, ...asked, key: undefined }, adminActor);

      await putBack(48, restarts);
      await engine('start');
      await firm.settled();
      const done = ['at-once A', 'at-once B', 'at-once D', 'at-once E', 'by-hand E', 'throttled A'];
      expect(notes()).toEqual(done);
      await firm.rest();
      expect(notes()).toEqual([...done, 'debounced A'].sort());
    },
  );
});
