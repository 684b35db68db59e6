import { afterEach, describe, expect, it } from '@jest/globals';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, LawFirm } from '../support/law-firm.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const CALENDAR = `
holidays: { country: US }
closures: [{ date: '2026-11-27', reason: Day after Thanksgiving }]
`;
const daily = (holidays: string) => `
version: 1
id: ${holidays.replaceAll('_', '-')}
name: Every morning
timezone: America/New_York
calendar: office
triggers: [{ schedule: { cron: '0 8 * * 4-6', on_missed: all, holidays: ${holidays} } }]
idempotency_key: '{{event.planned_at}}'
actions: [{ id: say, action: log.write, with: { text: '{{event.planned_at}}' } }]
`;
const noting = (id: string, more: string) => `
version: 1
id: ${id}
name: A note on each matter
triggers: [{ event: matter.created }]
${more}
actions:
  - { id: note, action: clio.note.create, retry: { max_attempts: 5, delay: 1 minute }, with: { type: Matter, matter: '{{matter.id}}', subject: '${id}', detail: '{{matter.description}}' } }
`;
const BY_HAND = `
version: 1
id: by-hand
name: A note when somebody wants it
triggers: [{ manual: true }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: By hand, detail: '{{matter.description}}' } }
`;

describe.each(databases)('how often and in which order, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  async function open(rules: Record<string, string>): Promise<void> {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  }
  afterEach(async () => {
    await firm.close();
    await remove();
  });

  const post = async (path: string, body: object) => {
    const answer = await fetch(`${firm.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return `${answer.status} ${await answer.text()}`;
  };
  const make = (description: string, status: string, client = 1) =>
    Number(firm.control.create('matter', { client: { id: client }, description, status })['id']);
  /** Without the marker below it. */
  const details = () => firm.control.records('note').map(({ detail }) => (detail as string).split('\n')[0]);
  const states = async () => (await firm.runs()).map(({ status }) => status);

  it('keeps to the days on which the firm works, through a week of downtime', async () => {
    await open({
      'calendars/office.yaml': CALENDAR,
      'run.yaml': daily('run'),
      'skip.yaml': daily('skip'),
      'next.yaml': daily('next_open_day'),
    });
    const days = async (rule: string) =>
      (await firm.runs())
        .filter(({ rule_id }) => rule_id === rule)
        .map(({ steps }) => JSON.stringify(steps[0]?.input).slice(14, 19));
    // From Tuesday 24 to Friday, the day after Thanksgiving, and then until Saturday of the next week.
    for (let day = 0; day < 3; day++) {
      await firm.clock.leap(DAY);
      await firm.rest();
    }
    await firm.stopEngine();
    await firm.clock.leap(8 * DAY);
    await firm.startEngine();
    await firm.rest();
    expect(await days('run')).toEqual(['11-26', '11-27', '11-28', '12-03', '12-04']);
    expect(await days('skip')).toEqual(['12-03', '12-04']);
    expect(await days('next-open-day')).toEqual(['11-30', '12-03', '12-04']);
  });

  it('says that a rule is silent, after a restart too, until it matches', async () => {
    const isOpen = 'conditions: [{ field: matter.status, is: Open }]';
    await open({ 'silent.yaml': noting('silent', `expect_every: 2 days\n${isOpen}`) });
    await firm.play(() => make('Lease', 'pending'));
    await firm.clock.leap(2 * DAY - HOUR);
    await firm.rest();
    expect(await firm.openAlerts()).toEqual([]);
    await firm.clock.leap(2 * HOUR);
    await firm.rest();
    expect(await firm.openAlerts()).toEqual(['rule_silent silent']);
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect(await firm.openAlerts()).toEqual(['rule_silent silent']);
    await firm.play(() => make('Will', 'open'));
    expect(await firm.openAlerts()).toEqual([]);
  });

  it('sends deadlines before the rest and bulk last, when more is due than Clio takes', async () => {
    const many = 'limits: { runs_per_hour: 1000 }';
    await open({
      'a.yaml': noting('bulk', `priority: bulk\n${many}`),
      'b.yaml': noting('plain', many),
      'c.yaml': noting('urgent', `priority: deadline\n${many}`),
    });
    await post('engine/stop', { reason: 'so that all is due at once' });
    await firm.play(() => {
      for (let count = 0; count < 40; count++) make('Lease', 'open');
    });
    expect(firm.control.records('note')).toEqual([]);
    await post('engine/start', {});
    await firm.rest();
    const sent = firm.control.records('note').map(({ subject }) => subject);
    expect(sent).toHaveLength(120);
    const places = (rule: string) => sent.flatMap((subject, place) => (subject === rule ? [place] : []));
    expect(Math.max(...places('urgent'))).toBeLessThan(60);
    expect(places('bulk').filter((place) => place < 60).length).toBeLessThan(15);
    expect(Math.max(...places('plain'))).toBeLessThan(Math.max(...places('bulk')));
  });

  it('starts a rule by hand for one record, and acts only where its conditions hold', async () => {
    await open({ 'by-hand.yaml': BY_HAND });
    const [lease, pending] = await firm.play(() => [make('Lease', 'open'), make('Will', 'pending')] as const);
    expect(await firm.decisions()).toEqual([]);
    const start = async (record: string) => {
      const told = await post('rules/by-hand/run', { record });
      await firm.rest();
      return told;
    };
    for (const id of [lease, pending, 99_999]) expect(await start(`matter/${id}`)).toMatch(/^202 /);
    expect(await start('task/1')).toMatch(/^409 .*about matter, and not about a task/);
    expect(await start('matter/lease')).toMatch(/^400 .*the id of a matter is a whole number/);
    const told = (await firm.events()).map(({ status, reason, decisions }) => [
      status,
      reason ?? decisions[0]?.reason,
    ]);
    expect(told).toEqual([
      ['matched', 'condition_true'],
      ['matched', 'condition_false'],
      ['gone', 'not_found'],
    ]);
    expect(details()).toEqual(['Lease']);
    await start(`matter/${lease}`);
    expect(details()).toEqual(['Lease', 'Lease']);
  });

  it('lets so many run at once by key, and what is cancelled in the queue never begins', async () => {
    const two = "concurrency: { key: '{{matter.client.id}}', mode: parallel, max: 2 }";
    await open({ 'two.yaml': noting('two', two) });
    firm.control.create('contact', { type: 'Person', first_name: 'A', last_name: 'B' });
    const status = { kind: 'status', status: 503, count: 50 } as const;
    firm.control.fault({ on: 'request', method: 'POST', path: '/notes', ...status });
    const all = ['a', 'b', 'c', 'd'].map((description) => [String(make(description, 'open')), description]);
    all.push([String(make('e', 'open', 2)), 'e']);
    const delivered = firm.control.settle();
    await firm.settleLanes();
    await delivered;
    await firm.settleLanes();
    const runs = await firm.runs();
    const other = runs.find(({ record_id }) => record_id === all[4]?.[0]);
    expect(other?.status).toBe('running');
    expect((await states()).sort()).toEqual(['queued', 'queued', 'running', 'running', 'running']);

    const [queued] = runs.filter((run) => run.status === 'queued');
    expect(await post(`runs/${queued?.id}/cancel`, { reason: 'not needed' })).toMatch(/^200 /);
    expect((await states()).sort()).toEqual(['cancelled', 'queued', 'running', 'running', 'running']);
    await firm.control.clearFaults();
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    expect((await states()).sort()).toEqual(['cancelled', 'done', 'done', 'done', 'done']);
    const wanted = all.flatMap(([id, description]) => (id === queued?.record_id ? [] : [description]));
    expect(details().sort()).toEqual(wanted);
    expect(await post(`runs/${queued?.id}/retry`, {})).toMatch(/^409 .*replay its event/);
  });
});
