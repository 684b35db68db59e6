import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import { backtestReport, increasedBeyond } from '../../src/cli/backtest-rules.js';
import { volumeIn } from '../../src/cli/month-volume.js';
import { newId } from '../../src/lib/ids.js';
import { backtestArchive } from '../../src/match/backtest-archive.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { Connection } from '../../src/store/connection.entity.js';
import { archivedEvents } from '../../src/store/event-archive.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Lookup } from '../../src/store/lookup.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { vocabulary } from '../../src/vocabulary.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { aConnection, anEvent } from '../support/rows.js';
import { TestClock } from '../support/test-clock.js';

const NOW = new Date('2026-03-30T12:00:00Z');
const DAY = 86_400_000;
const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - { action: log.write, with: { text: 'Seen {{matter.id}}' } }
`;

function ruleFrom(text: string): CompiledRule {
  const [rule] = parseRuleFile('opening.yaml', text, vocabulary()).rules;
  if (rule === undefined) throw new SyntaxError('the rule is broken');
  return rule;
}

describe.each(databases)('a backtest on the archive of $name', ({ open }) => {
  let stored: TestDatabase;
  let connectionId: string;

  beforeEach(async () => {
    stored = await open();
    connectionId = (await aConnection(stored.database)).id;
  });
  afterEach(() => stored.close());

  /** `daysAgo` of each event; what it leaves out is a matter that was created open, and decided. */
  async function archive(daysAgo: readonly number[], over: Partial<InboundEvent> = {}): Promise<void> {
    const rows = daysAgo.map((days, index) => ({
      ...anEvent(connectionId, { recordId: String(index) }),
      id: newId(), types: ['matter.created'], webhookAt: null, status: 'matched', reason: null, attempts: 1, dueAt: 0,
      receivedAt: NOW.getTime() - days * DAY, record: { id: index, status: 'Open' }, previous: null, changed: null,
      causedByRunId: null, depth: 0, ...over,
    })); // prettier-ignore
    for (let from = 0; from < rows.length; from += 200)
      await stored.database.write((tx) =>
        tx.insert<ObjectLiteral>(InboundEvent, rows.slice(from, from + 200)),
      );
  }

  const backtest = (text = RULE) =>
    backtestArchive(stored.database, vocabulary(), { drafts: [ruleFrom(text)], days: 90, now: NOW });

  it('decides by what was looked up at the time, and says what nobody had looked up', async () => {
    await archive([3, 2, 1]);
    const looking = RULE.replace(
      'conditions: [',
      'lookups: { open: { resource: task, filter: { matter_id: "{{matter.id}}" } } }\nconditions: [{ field: lookups.open.count, is: 0 }, ',
    );
    const [first, second] = await stored.database.repo(InboundEvent).find({ order: { receivedAt: 'ASC' } });
    const asked = (id: string) => ({
      model: 'task',
      id: null,
      filter: { matter_id: id },
      named: {},
      paths: [],
      max: 50,
    });
    await stored.database.write(async (tx) => {
      for (const [event, items] of [[first!, []], [second!, [{ id: 5 }]]] as const)
        await tx.insert<ObjectLiteral>(Lookup, {
          id: newId(), connectionId, eventId: event.id, ruleId: 'of-then', ruleHash: 'h', model: 'matter', recordId: event.recordId,
          status: 'decided', asked: { then: asked(event.recordId) }, found: { then: { items, more: false } }, error: null, burst: null,
          attempts: 0, dueAt: 0, askedAt: 0, answeredAt: 0,
        }); // prettier-ignore
    });
    const result = await backtest(looking);
    expect(result.rules[0]).toMatchObject({
      fires: 1,
      decisions: {
        'matched condition_true': 1,
        'not_matched condition_false': 1,
        'unknown not_looked_up': 1,
      },
      clio_calls: 3,
    });
    expect(result.notes).toHaveLength(1);
    expect(await volumeIn(stored.database, [ruleFrom(looking)], NOW)).toMatchObject({
      sample: { rules: [{ fires: 1 }] },
    });
    expect(backtestReport(result)).toContain(
      'Note: opening: for 1 event the rule would have looked something up',
    );
  });

  it('replays what came in these days and was read, each once, over all pages', async () => {
    await archive(Array.from({ length: 1201 }, (_, index) => index / 100));
    await archive([91]);
    await archive([1], { status: 'ignored', reason: 'already_seen' });
    await archive([1], { model: 'task', type: 'task.created', types: ['task.created'] });
    const result = await backtest();
    expect(result).toMatchObject({
      events: 1201,
      since: '2025-12-30T12:00:00.000Z',
      rules: [{ fires: 1201 }],
    });
  });

  it('gives an event as the rules saw it', async () => {
    const previous = { id: 7, status: 'Pending' };
    await archive([1], { previous, changed: ['status'], types: ['matter.updated', 'matter.opened'] });
    const events = [];
    for await (const event of archivedEvents(stored.database, 0, new Set(['matter']))) events.push(event);
    const types = ['matter.updated', 'matter.opened'];
    const receivedAt = NOW.getTime() - DAY;
    expect(events).toMatchObject([
      { record: { id: 0, status: 'Open' }, previous, changed: ['status'], types, receivedAt },
    ]);
  });

  it('says that there are no events, and since when', async () => {
    await archive([91]);
    expect(backtestReport(await backtest())).toBe(
      'There are no archived events since 2025-12-30 for these rules to be tried on; ' +
        '--from-clio tries them on the records that changed since then, as they are now.\n',
    );
  });

  it('compares with the version in force, and tells an increase', async () => {
    await archive([1, 2, 3]);
    await archive([4, 5], { record: { id: 9, status: 'Pending' } });
    await new RuleStore(stored.database, new TestClock()).record([ruleFrom(RULE)], []);
    expect((await backtest()).rules[0]?.difference).toMatchObject({ fires: 3, more: 0, fewer: 0 });
    const wider = await backtest(RULE.replace('is: Open', 'in: [Open, Pending]'));
    expect(wider.rules[0]?.difference).toMatchObject({ fires: 3, more: 2, fewer: 0 });
    expect([20, 66, 67].map((percent) => increasedBeyond(wider, percent))).toEqual([
      ['opening'],
      ['opening'],
      [],
    ]);
    const text = backtestReport(wider);
    expect(text).toContain('against the version in force, which fires 3 times: 2 more, 0 fewer\n');
    expect(text).toContain('    + 2026-03-26 12:00:00Z  matter/0  event ');
  });

  it('does not call exactly the percentage an increase', async () => {
    await archive(Array.from({ length: 100 }, (_, index) => index / 10));
    await archive(Array<number>(15).fill(1), { record: { id: 9, status: 'Pending' } });
    await new RuleStore(stored.database, new TestClock()).record([ruleFrom(RULE)], []);
    const wider = await backtest(RULE.replace('is: Open', 'in: [Open, Pending]'));
    expect(wider.rules[0]).toMatchObject({ fires: 115, difference: { fires: 100 } });
    expect([14.9, 15].map((percent) => increasedBeyond(wider, percent))).toEqual([['opening'], []]);
  });

  it('does not call a new rule an increase', async () => {
    await archive([1]);
    const result = await backtest();
    expect(increasedBeyond(result, 0)).toEqual([]);
    expect(backtestReport(result)).toContain('no version of it is in force to compare with');
  });

  it('tells the volume of the last 30 days from the newest of their events', async () => {
    expect(await volumeIn(stored.database, [ruleFrom(RULE)], NOW)).toBeNull();
    await archive([40, 29, 20, 10, 1]);
    await archive([2], { model: 'task', type: 'task.created', types: ['task.created'] });
    await archive([2], { status: 'ignored' });
    const volume = await volumeIn(stored.database, [ruleFrom(RULE)], NOW, 2);
    expect(volume).toMatchObject({
      scale: 2,
      days: 30,
      connections: 1,
      sample: { events: 2, rules: [{ fires: 2 }] },
    });
    expect(await volumeIn(stored.database, [ruleFrom(RULE)], NOW, 100)).toMatchObject({
      scale: 1,
      sample: { events: 4 },
    });
  });

  it('tells what happens in a week and a day from the days that the archive has, where it is younger', async () => {
    await archive([14, 13, 2, 1], { status: 'ignored' });
    await archive([12, 6, 2, 1]);
    expect(await volumeIn(stored.database, [ruleFrom(RULE)], NOW)).toMatchObject({ days: 14, scale: 1 });
    const result = await backtest();
    expect(result).toMatchObject({ days: 90, days_archived: 14 });
    const report = backtestReport(result);
    expect(report).toContain('4 archived events since 2025-12-30 (90 days, of which the archive has 14.0)');
    expect(report).toContain('fires 4 times for 4 records, 2.0 a week\n');
  });

  it('takes an archive of an hour for one of a day', async () => {
    await archive([1 / 24, 1 / 24]);
    expect(await volumeIn(stored.database, [ruleFrom(RULE)], NOW)).toMatchObject({ days: 1 });
  });

  it('calls nobody', async () => {
    const sandbox = await startSandbox({ clock: new TestClock() });
    await stored.database.write((tx) =>
      tx.update(Connection, { id: connectionId }, { baseUrl: sandbox.origin }),
    );
    await archive([1, 2, 3]);
    const text = RULE.replace(
      /action: log.write.*}/,
      "action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: x } }",
    );
    expect((await backtest(text)).rules[0]).toMatchObject({ fires: 3, clio_calls: 2 });
    expect(sandbox.control.calls()).toEqual([]);
    await sandbox.stop();
  });

  it('writes nothing', async () => {
    await archive([1, 2]);
    const before = await stored.database.repo(InboundEvent).find();
    await backtest();
    expect(await stored.database.repo(InboundEvent).find()).toEqual(before);
  });
});
