import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backtestNow } from '../../src/cli/backtest-now.js';
import { backtestReport } from '../../src/cli/backtest-rules.js';
import { ClioReader } from '../../src/clio/clio-reader.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { vocabulary } from '../../src/vocabulary.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { aConnection } from '../support/rows.js';
import { TestClock } from '../support/test-clock.js';

const RULES = `version: 1
id: changed
name: Changed
triggers: [{ event: matter.updated }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - action: clio.note.create
    with: { type: Matter, matter: '{{matter.id}}', subject: 'Status {{matter.status}}' }
---
version: 1
id: was-pending
name: Was pending
triggers: [{ event: matter.opened }, { event: matter.created }]
conditions: [{ field: matter.status, changed_from: Pending }]
actions: [{ action: log.write, with: { text: seen } }]
`;
const drafts = parseRuleFile('drafts.yaml', RULES, vocabulary()).rules;

describe('a backtest from the records at Clio', () => {
  const clock = new TestClock();
  let sandbox: Sandbox;
  let stored: TestDatabase;

  beforeAll(async () => {
    const [first] = databases;
    if (first === undefined) throw new RangeError('no database');
    stored = await first.open();
    sandbox = await startSandbox({ clock });
    const make = (status: string) => sandbox.control.create('matter', { description: 'D', status });
    make('open');
    await clock.advance(10 * 86_400_000);
    for (let index = 0; index < 250; index++) make(index % 5 === 0 ? 'pending' : 'open');
    sandbox.control.clearCalls();
  });
  afterAll(async () => {
    await sandbox.stop();
    await stored.close();
  });

  async function backtest(days: number) {
    const connection = await aConnection(stored.database, { baseUrl: sandbox.origin });
    const access = { origin: sandbox.origin, token: sandbox.control.token(), name: 'Firm' };
    const reader = new ClioReader(access, clock);
    const work = backtestNow(drafts, days, { reader, database: stored.database, connection, clock });
    return work;
  }

  it('counts each record that changed once, says that it is approximate, and only reads', async () => {
    const result = await backtest(5);
    expect(result).toMatchObject({
      approximate: true,
      events: 250,
      reads: 4,
      notes: ['matter.opened cannot be told from a record alone'],
      rules: [
        { rule_id: 'changed', fires: 200, actions: { 'clio.note.create': 200 }, difference: null },
        {
          rule_id: 'was-pending',
          fires: 0,
          decisions: { 'unknown no_baseline': 250 },
          missing: { 'matter.status': 250 },
        },
      ],
    });
    const calls = sandbox.control.calls();
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(calls).toHaveLength(4);
    expect(backtestReport(result)).toMatch(
      /^APPROXIMATE: 250 records that changed since 2026-\S+ \(5 days\), as they are now \(4 reads at Clio\)\. Nothing was sent\.\n[^]*\nNote: matter\.opened cannot be told from a record alone\.\n/,
    );
  });

  it('compares with the version in force, which hears and reads something else', async () => {
    const pending = RULES.replace('matter.updated', 'matter.created').replace(
      'field: matter.status, is: Open',
      'field: matter.description, is: D',
    );
    const { rules } = parseRuleFile('in-force.yaml', pending, vocabulary());
    await new RuleStore(stored.database, clock).record(rules.slice(0, 1), []);
    const result = await backtest(5);
    expect(result.rules).toMatchObject([
      { rule_id: 'changed', fires: 200, difference: { fires: 250, more: 0, fewer: 50 } },
      { rule_id: 'was-pending', difference: null },
    ]);
    expect(backtestReport(result)).toContain(
      'against the version in force, which fires 250 times: 0 more, 50 fewer\n',
    );
  });

  it('takes in older records with more days, and says when there are none', async () => {
    expect(await backtest(30)).toMatchObject({ events: 251 });
    await clock.advance(10 * 86_400_000);
    const none = await backtest(1);
    expect(none.events).toBe(0);
    expect(backtestReport(none)).toMatch(/^Clio shows no records that changed since/);
  });
});
