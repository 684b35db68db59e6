import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actions } from '../../src/act/catalog.js';
import { newId } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import { MatchWorker } from '../../src/match/match.worker.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { CurrentRules } from '../../src/rules/current-rules.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import { Connection } from '../../src/store/connection.entity.js';
import { Decision } from '../../src/store/decision.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { TestClock } from '../support/test-clock.js';
import { matterRule } from '../support/rule-text.js';

const isOpen =
  'evaluation: level\nidempotency_key: "{{matter.id}}"\nconditions: { field: matter.status, is: Open }';
const breaks: CompiledRule = {
  ...matterRule('breaks'),
  get steps(): never {
    throw new TypeError('It broke.');
  },
};

describe.each(databases)('match on $name', ({ open }) => {
  const clock = new TestClock();
  let opened: TestDatabase;
  let worker: MatchWorker;
  let rules: CurrentRules;
  let connectionId: string;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(async () => {
    opened = await open();
    const { database } = opened;
    rules = new CurrentRules(new RuleBook([], []));
    worker = new MatchWorker(new EventStore(database, clock), new RunStore(database), rules, actions, clock);
    connectionId = await connect();
  });

  afterEach(() => opened.close());

  async function connect(): Promise<string> {
    const id = newId();
    const texts = { name: 'Firm', baseUrl: '', userId: id, userName: '', accessToken: '' };
    const row = { id, ...texts, status: 'active', createdAt: 0, updatedAt: 0 } as const;
    await opened.database.write((tx) => tx.insert(Connection, row));
    return id;
  }

  const enforce = (...active: CompiledRule[]) => rules.replace(new RuleBook(active, []));
  const drain = () => worker.drain(connectionId);
  const decisions = () => opened.database.repo(Decision).find({ order: { id: 'ASC' } });
  const runs = () => opened.database.repo(Run).find({ order: { id: 'ASC' } });
  const steps = () => opened.database.repo(Step).find({ order: { position: 'ASC' } });
  const events = () => opened.database.repo(InboundEvent).find({ order: { id: 'ASC' } });

  /** Matters that were Pending and are `status` now, enriched. */
  async function ready(matter: JsonObject = {}, over: Partial<InboundEvent> = {}): Promise<void> {
    const record = { id: 7, status: 'Open', ...matter };
    const id = newId();
    const row: InboundEvent = {
      id,
      connectionId,
      subscriptionId: null,
      source: 'webhook',
      model: 'matter',
      recordId: String(record['id']),
      type: 'matter.updated',
      types: null,
      webhookAt: null,
      etag: null,
      dedupeKey: id,
      payload: record,
      receivedAt: clock.now().getTime(),
      status: 'ready',
      reason: null,
      attempts: 0,
      dueAt: 0,
      record,
      previous: { ...record, status: 'Pending' },
      changed: ['status'],
      causedByRunId: null,
      depth: 0,
      targetRule: null,
      targetTrigger: null,
      plannedAt: null,
      tick: null,
      replayOf: null,
      ...over,
    };
    await opened.database.write((tx) => tx.insert(InboundEvent, row as object));
  }

  it('turns a match into a decision and a run whose first step is due', async () => {
    const rule = matterRule('open', isOpen);
    enforce(rule);
    await ready();
    expect(await drain()).toBe(1);
    const [run] = await runs();
    expect(await decisions()).toMatchObject([
      { ruleId: 'open', ruleHash: rule.hash, outcome: 'matched', runId: run?.id, shadow: 0 },
    ]);
    expect(run).toMatchObject({
      ruleId: 'open',
      model: 'matter',
      recordId: '7',
      mode: 'active',
      status: 'running',
      idempotencyKey: '7',
      facts: {
        matter: { id: 7, status: 'Open' },
        run: { id: run?.id, started_at: '2026-11-24T10:00:00.000Z' },
      },
    });
    expect(await steps()).toMatchObject([
      { runId: run?.id, key: 'first', status: 'due', reference: expect.stringMatching(/^[0-9A-Z]{8}$/) },
      { runId: run?.id, key: '1', status: 'waiting' },
    ]);
    expect(await events()).toMatchObject([{ status: 'matched', reason: null }]);
  });

  it('says so when no rule looks at an event', async () => {
    await ready();
    expect(await drain()).toBe(1);
    expect(await events()).toMatchObject([{ status: 'matched', reason: 'no_rule' }]);
    expect(await decisions()).toEqual([]);
  });

  it('notes an event that a broken rule would have looked at, and leaves nothing to be done', async () => {
    const diagnostic = { code: 'R005', severity: 'error' as const, message: '"name" is missing.', path: '' };
    const quiet = matterRule('shadow', `mode: shadow\n${isOpen}`);
    const chained = matterRule('chained', `chain: allow\n${isOpen}`);
    //[['shadow', 'chained'].map((id) => matterRule(id, isOpen))];
    const broken = [matterRule('open', isOpen), quiet, chained].map((lastGood) => ({
      ...{ id: lastGood.rule.id, name: null, file: 'a.yaml', source: '', hash: '', lastGood },
      diagnostics: [{ ...diagnostic, file: 'a.yaml', line: 3, column: 1 }],
    }));
    rules.replace(new RuleBook([], broken));
    await ready();
    await drain();
    const explanation = { reason: 'The rule file a.yaml is broken (line 3, column 1): "name" is missing.' };
    expect(await decisions()).toMatchObject([
      { ruleId: 'open', outcome: 'errored', reason: 'rule_broken', explanation, shadow: 0, runId: null },
      { ruleId: 'shadow', outcome: 'errored', reason: 'rule_broken', shadow: 1 },
      { ruleId: 'chained', outcome: 'errored', reason: 'rule_broken' },
    ]);
    expect(await runs()).toEqual([]);
    await ready({}, { causedByRunId: 'a-run', depth: 1 });
    await drain();
    expect((await decisions()).slice(3)).toMatchObject([
      { ruleId: 'open', outcome: 'suppressed', reason: 'own_echo' },
      { ruleId: 'shadow', reason: 'own_echo' },
      { ruleId: 'chained', reason: 'rule_broken' },
    ]);
  });

  it('keeps every answer, with its explanation, whatever the others do', async () => {
    const missing = isOpen.replace('status', 'description');
    enforce(breaks, matterRule('closed', isOpen.replace('Open', 'Closed')), matterRule('missing', missing));
    await ready();
    await drain();
    expect(await decisions()).toMatchObject([
      { ruleId: 'breaks', outcome: 'errored', explanation: { reason: 'It broke.' } },
      { ruleId: 'closed', outcome: 'not_matched', explanation: { value: false } },
      { ruleId: 'missing', outcome: 'unknown', explanation: { value: 'unknown' } },
    ]);
    expect(await runs()).toEqual([]);
    expect(await events()).toMatchObject([{ status: 'matched' }]);
  });

  it('keeps what a shadow rule would have done, and leaves nothing to be done', async () => {
    enforce(matterRule('watch', `mode: shadow\n${isOpen}`));
    await ready();
    await drain();
    expect(await decisions()).toMatchObject([{ outcome: 'matched', shadow: 1 }]);
    expect(await runs()).toMatchObject([{ mode: 'shadow', status: 'done' }]);
    expect(await steps()).toMatchObject([
      { status: 'skipped', input: { text: 'Open' }, error: null },
      { status: 'skipped', input: { text: 'done' }, error: null },
    ]);
  });

  it('starts nothing for our own echo', async () => {
    enforce(matterRule('open', isOpen));
    await ready({}, { causedByRunId: 'run1', depth: 1 });
    await drain();
    expect(await decisions()).toMatchObject([{ outcome: 'suppressed', reason: 'own_echo' }]);
    expect(await runs()).toEqual([]);
  });

  it('carries the depth of an echo on, so that a loop ends', async () => {
    enforce(matterRule('open', `chain: allow\n${isOpen}`));
    await ready({}, { causedByRunId: 'run1', depth: 5 });
    await ready({ id: 8 }, { causedByRunId: 'run2', depth: 6 });
    await drain();
    expect((await decisions()).map(({ reason }) => reason)).toEqual(['condition_true', 'too_deep']);
    expect(await runs()).toMatchObject([{ depth: 5 }]);
  });

  it('runs once for one idempotency key', async () => {
    enforce(matterRule('open', isOpen));
    await ready();
    await ready();
    await drain();
    expect((await decisions()).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['matched', 'condition_true'],
      ['suppressed', 'already_ran'],
    ]);
    expect(await runs()).toHaveLength(1);
  });

  it('decides an event once, even when it has to be decided again', async () => {
    enforce(matterRule('open', isOpen));
    await ready();
    await drain();
    await opened.database.write((tx) => tx.updateAll(InboundEvent, { status: 'ready' }));
    expect(await drain()).toBe(1);
    expect(await drain()).toBe(0);
    expect(await decisions()).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
    expect(await steps()).toHaveLength(2);
  });

  it('works in batches, in the order of arrival', async () => {
    enforce(matterRule('open', isOpen));
    for (let id = 1; id <= 60; id++) await ready({ id });
    expect([await drain(), await drain(), await drain()]).toEqual([50, 10, 0]);
    expect((await runs()).map(({ recordId }) => Number(recordId))).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  it("tells rules where the pages of the connection's Clio are", async () => {
    await opened.database.write((tx) =>
      tx.update(Connection, { id: connectionId }, { baseUrl: 'https://eu.app.clio.com' }),
    );
    enforce(matterRule('open', isOpen));
    await ready();
    await drain();
    expect(await runs()).toMatchObject([{ facts: { event: { clio_url: 'https://eu.app.clio.com' } } }]);
  });

  it('leaves the events of other connections alone', async () => {
    await ready({}, { connectionId: await connect() });
    expect(await drain()).toBe(0);
    expect(await events()).toMatchObject([{ status: 'ready' }]);
  });

  it('decides by the rules in force when it comes to an event', async () => {
    enforce(matterRule('old', isOpen));
    await ready();
    enforce(matterRule('new', isOpen));
    await drain();
    expect((await decisions()).map(({ ruleId }) => ruleId)).toEqual(['new']);
  });
});
