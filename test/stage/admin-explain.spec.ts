import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectLiteral } from 'typeorm';
import type { RuleExplanation } from '../../src/admin/explain-views.js';
import { explainReport } from '../../src/cli/explain-report.js';
import { newId } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import { ruleJsonSchema } from '../../src/rules/rule-json-schema.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { PollCursor } from '../../src/store/poll-cursor.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { RunStore } from '../../src/store/run.store.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { Subscription } from '../../src/store/subscription.entity.js';
import { matchEvent, type MatchDecision } from '../../src/match/match-event.js';
import { AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, anEvent } from '../support/rows.js';
import { smallVocabulary } from '../support/rule-text.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
conditions:
  - { name: it is open, field: matter.status, is: Open }
  - { name: it has a stage, field: matter.matter_stage.name, is: Intake }
actions:
  - { action: log.write, with: { text: seen } }
`;
const HOUR = 3_600_000;

describe.each(databases)('why a rule did or did not fire, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let connectionId: string;
  let recordId: string;
  let records = 0;

  beforeEach(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    connectionId = (await aConnection(admin.database)).id;
    recordId = String(++records);
    await useRule(RULE);
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  async function useRule(text: string): Promise<void> {
    admin.useRules({ 'opening.yaml': text });
    const { active, broken } = admin.rules.book();
    await admin.app.get(RuleStore).record(active, broken);
  }

  const insert = (entity: new () => ObjectLiteral, row: object) =>
    admin.database.write((tx) => tx.insert<ObjectLiteral>(entity, row));

  /** An event of the record, decided by the rules in force. */
  async function happens(
    record: Record<string, string | object>,
    type = 'matter.created',
    over: Partial<MatchDecision> = {},
  ): Promise<string> {
    await admin.clock.advance(HOUR);
    const given = anEvent(connectionId, { recordId, type });
    await admin.app.get(EventStore).append([given]);
    const row = await admin.database.repo(InboundEvent).findOneByOrFail({ dedupeKey: given.dedupeKey });
    const set: Partial<InboundEvent> = { status: 'ready', types: [type], record: record as JsonObject };
    await admin.app.get(EventStore).settle([{ event: row, set }]);
    const event = { ...row, ...set };
    const now = admin.clock.now();
    const moment = { now, clioUrl: 'https://app.clio.com', newId };
    const decisions = matchEvent(event, admin.rules.book().candidates(type), moment, smallVocabulary.actions);
    const kept = decisions.map((decision) => ({ ...decision, ...over }));
    await admin.app.get(RunStore).recordDecisions(event, kept, now.getTime());
    return row.id;
  }

  async function explain(query = ''): Promise<RuleExplanation> {
    const answer = await admin.get(`/api/v1/rules/opening/explain?record=matter/${recordId}${query}`);
    expect(answer.status).toBe(200);
    return answer.body as RuleExplanation;
  }
  const codes = ({ causes }: RuleExplanation) => causes.map(({ code }) => code);

  it('tells every event with what the rule said, the nearest miss, and what is seen there', async () => {
    const far = await happens({ status: 'Closed', matter_stage: { name: 'Trial' } });
    const near = await happens({ status: 'Open', matter_stage: { name: 'Discovery' } });
    const told = await explain();
    expect(told.timeline.map(({ event_id, outcome, reason }) => [event_id, outcome, reason])).toEqual([
      [far, 'not_matched', 'condition_false'],
      [near, 'not_matched', 'condition_false'],
    ]);
    const misses = ['✗ it has a stage: matter.matter_stage.name is Intake (it is Discovery)'];
    expect(told.nearest_miss).toEqual({ event_id: near, misses });
    expect(told).toMatchObject({ causes: [], has_earlier: false, timeline: [{}, { version: 1 }] });
    expect(told.summary).toBe(`2 events came; the rule never matched. Nearest miss: ${misses[0]}.`);
    const text = explainReport(told);
    expect(text).toContain('matter.created by webhook: not_matched, condition_false, version 1\n');
    expect(text).toContain('    ✗ it is open: matter.status is Open (it is Closed)\n');
  });

  it('takes no event for a miss that was decided with a later one', async () => {
    const reason = 'another came within the debounce';
    const merged = { outcome: 'suppressed', reason: 'debounced' } as const;
    const explanation = { node: 'control', path: 'debounce', value: false, reason };
    await happens({ status: 'Open' }, 'matter.created', { ...merged, explanation });
    const last = await happens({ status: 'Closed', matter_stage: { name: 'Trial' } });
    await happens({ status: 'Open' }, 'matter.created', { ...merged, explanation });
    const told = await explain();
    expect(told.timeline.map(({ reason: why }) => why)).toEqual([
      'debounced',
      'condition_false',
      'debounced',
    ]);
    expect(told.nearest_miss?.event_id).toBe(last);
  });

  it('says when it matched, and with which run', async () => {
    await happens({ status: 'Closed', matter_stage: { name: 'Intake' } });
    await happens({ status: 'Open', matter_stage: { name: 'Intake' } });
    const told = await explain();
    expect(told.summary).toBe(
      `2 events came; the rule matched once, last at ${told.timeline[1]?.received_at}.`,
    );
    expect(told.timeline[1]).toMatchObject({ outcome: 'matched', misses: [], run_id: expect.any(String) });
    expect(told.timeline.map(({ run }) => run)).toEqual([
      null,
      { status: 'running', error: null, reason: null },
    ]);
  });

  it('says which of its times a schedule meant, where several are made up for at once', async () => {
    const planned = [Date.UTC(2026, 2, 2, 8), Date.UTC(2026, 2, 3, 8)];
    for (const plannedAt of planned) {
      const id = await happens({ status: 'Closed' });
      const tick = { source: 'schedule', targetRule: 'opening', plannedAt } as const;
      await admin.database.write((tx) => tx.update(InboundEvent, { id }, tick));
    }
    await happens({ status: 'Closed' });
    const told = await explain();
    expect(told.timeline.map((line) => line.planned_at)).toEqual([
      '2026-03-02T08:00:00.000Z',
      '2026-03-03T08:00:00.000Z',
      null,
    ]);
    const text = explainReport(told);
    expect(text).toContain('by schedule, planned for 2026-03-03 08:00:00Z: not_matched');
    expect(text.match(/planned for/g)).toHaveLength(2);
  });

  it('says who cancelled the run of what matched', async () => {
    await happens({ status: 'Open', matter_stage: { name: 'Intake' } });
    const runId = (await explain()).timeline[0]?.run_id ?? '';
    const cancelled = await admin.post(`/api/v1/runs/${runId}/cancel`, { reason: 'not wanted' });
    expect(cancelled.status).toBe(200);
    const told = await explain();
    expect(told.timeline[0]?.run).toEqual({
      status: 'cancelled',
      error: expect.stringMatching(/cancelled the run: not wanted$/),
      reason: null,
    });
    expect(explainReport(told)).toMatch(/, run \S+ \(cancelled: .+ cancelled the run: not wanted\)\n/);
  });

  it('says why the run of what matched ended before its last step', async () => {
    await useRule(
      RULE.replace(/actions:[^]*/, "actions: [{ stop: 'no checklist for {{matter.matter_stage.name}}' }]\n"),
    );
    await happens({ status: 'Open', matter_stage: { name: 'Intake' } });
    const told = await explain();
    const reason = 'no checklist for Intake';
    expect(told.timeline[0]?.run).toEqual({ status: 'done', error: null, reason });
    expect(explainReport(told)).toContain(` (done: ${reason})\n`);
  });

  it('leaves out what is older than --since, and says that there is more', async () => {
    await happens({ status: 'Open' });
    await admin.clock.advance(HOUR);
    const since = admin.clock.now().toISOString();
    expect(await explain(`&since=${since}`)).toMatchObject({ timeline: [], has_earlier: true });
    const later = await happens({ status: 'Open' });
    expect(await explain(`&since=${since}`)).toMatchObject({
      timeline: [{ event_id: later }],
      has_earlier: true,
    });
  });

  it('says why the rule was not asked about an event', async () => {
    await happens({ status: 'Open' }, 'matter.updated');
    const waiting = anEvent(connectionId, { recordId });
    await admin.app.get(EventStore).append([waiting]);
    const told = await explain();
    expect(told.timeline.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      [null, 'other_event'],
      [null, 'not_read_yet'],
    ]);
  });

  it('says that the rule is newer than the event', async () => {
    admin.useRules({});
    await happens({ status: 'Open' });
    await admin.clock.advance(HOUR);
    await useRule(RULE.replace('id: opening', 'id: later'));
    const answer = await admin.get(`/api/v1/rules/later/explain?record=matter/${recordId}`);
    expect(answer.body).toMatchObject({ timeline: [{ outcome: null, reason: 'rule_newer' }] });
  });

  describe('where no event came', () => {
    it('says that there is no webhook and that no list was read', async () => {
      const told = await explain();
      expect(told.summary).toBe('No event of this record came.');
      expect(codes(told)).toEqual(['not_subscribed', 'never_swept']);
    });

    it.each([
      ['suspended', 'suspended', null, 'subscription_not_in_place'],
      ['expired', 'enabled', 1, 'subscription_not_in_place'],
      ['newer', 'enabled', null, 'subscription_newer'],
    ])('says that the webhook is %s', async (_, status, expiresAt, code) => {
      const id = newId();
      await insert(Subscription, {
        id, connectionId, key: id, model: 'matter', events: ['created'], fields: 'id', status, expiresAt,
        clioWebhookId: '1', secret: null, previousSecret: null, renewedAt: null, createdAt: 0, updatedAt: 0,
      }); // prettier-ignore
      expect(codes(await explain())).toContain(code);
    });

    it('says whether the last sweep saw the record', async () => {
      const at = admin.clock.now().getTime();
      await insert(PollCursor, {
        connectionId, model: 'matter', updatedSince: null, baselineAt: null, quiet: 0, dueAt: 0, failures: 0,
        walkStartedAt: null, walkPart: 0, walkPage: null, walkPages: 0, walkedAt: at, checkedId: null,
        checksLeft: 0, updatedAt: at,
      }); // prettier-ignore
      expect(codes(await explain())).toEqual(['not_subscribed', 'record_not_seen']);
      await insert(Snapshot, {
        connectionId, model: 'matter', recordId, record: {}, etag: null, recordUpdatedAt: null, eventId: null,
        updatedAt: at,
      }); // prettier-ignore
      expect(codes(await explain())).toEqual(['not_subscribed', 'record_seen']);
    });

    it('says that the connection needs authorisation, or that there is none', async () => {
      await admin.database.write((tx) =>
        tx.update(Connection, { id: connectionId }, { status: 'needs_authorisation' }),
      );
      expect(codes(await explain())).toContain('needs_authorisation');
      await admin.database.write((tx) => tx.delete(Connection, { id: connectionId }));
      expect(codes(await explain())).toEqual(['no_connection']);
    });

    it.each([
      ['disabled', `${RULE}enabled: false\n`, 'rule_disabled'],
      ['paused', `${RULE}paused: { reason: holidays }\n`, 'rule_paused'],
      ['broken', RULE.replace('log.write', 'log.wirte'), 'rule_broken'],
    ])('says that the rule is %s', async (_, text, code) => {
      await useRule(text);
      expect(codes(await explain())[0]).toBe(code);
    });

    it('says that the query found too much to be asked about any of it', async () => {
      const alerts = admin.app.get(AlertStore);
      const about = (subject: string) => ({ connectionId, kind: 'too_many_records' as const, subject });
      await alerts.raise(about('opening daily'), 'found at least 4');
      await alerts.raise(about('opening-two daily'), 'found at least 5');
      const told = (await explain()).causes.filter(({ code }) => code === 'too_many_records');
      expect(told).toEqual([{ code: 'too_many_records', message: 'found at least 4' }]);
      await alerts.close(about('opening daily'));
      expect(codes(await explain())).not.toContain('too_many_records');
    });

    it('says nothing of a pause that is over', async () => {
      await useRule(`${RULE}paused: { reason: holidays, until: '2020-01-01' }\n`);
      expect(codes(await explain())).not.toContain('rule_paused');
    });

    it('says that the rule was removed', async () => {
      admin.useRules({});
      await admin.app.get(RuleStore).record([], []);
      expect(codes(await explain())[0]).toBe('rule_removed');
    });
  });

  it.each([
    ['opening/explain?record=77', 400, 'written like matter/123'],
    ['opening/explain?record=mater/77', 400, 'Did you mean'],
    ['opening/explain?record=matter/7&since=soon', 400, 'since'],
    ['opnening/explain?record=matter/7', 404, 'no rule'],
  ])('refuses %s', async (path, status, message) => {
    const answer = await admin.get(`/api/v1/rules/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
  });

  it('gives the JSON Schema of rules to anybody', async () => {
    const answer = await admin.ask('/api/v1/schema/rule.json', { headers: { authorization: '' } });
    expect(answer.body).toEqual(ruleJsonSchema(smallVocabulary));
  });
});
