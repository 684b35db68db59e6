import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { RuleError } from '../../../src/lib/errors.js';
import { referenceOf } from '../../../src/lib/ids.js';
import { matchEvent } from '../../../src/match/match-event.js';
import type { ReadyEvent } from '../../../src/match/ready-event.js';
import type { CompiledRule } from '../../../src/rules/compiled-rule.js';
import { engineRoots } from '../../../src/rules/engine-roots.js';
import { matterRule, ruleOf } from '../../support/rule-text.js';

const now = new Date('2026-11-24T10:00:00Z');
const isOpen =
  'evaluation: level\nidempotency_key: "{{matter.id}}"\nconditions: { field: matter.status, is: Open }';

function anEvent(over: Partial<ReadyEvent> = {}): ReadyEvent {
  return {
    id: 'event1',
    connectionId: 'con1',
    source: 'webhook',
    model: 'matter',
    recordId: '7',
    type: 'matter.updated',
    types: null,
    payload: { id: 7 },
    receivedAt: now.getTime(),
    record: { id: 7, status: 'Open' },
    previous: { id: 7, status: 'Pending' },
    changed: ['status'],
    causedByRunId: null,
    depth: 0,
    ...over,
  };
}

function decide(event: ReadyEvent, ...rules: CompiledRule[]) {
  let made = 0;
  const moment = { now, clioUrl: 'https://eu.app.clio.com', newId: () => `id${++made}` };
  return matchEvent(event, rules, moment, actions);
}

describe('matchEvent', () => {
  it('makes nothing of no candidates', () => {
    expect(decide(anEvent())).toEqual([]);
  });

  it('plans a run with everything frozen for a rule that matches', () => {
    const rule = matterRule('open', isOpen);
    const [decision] = decide(anEvent(), rule);
    expect(decision).toMatchObject({
      ruleId: 'open',
      ruleHash: rule.hash,
      outcome: 'matched',
      shadow: false,
      run: { id: 'id1', mode: 'active', idempotencyKey: '7', depth: 0 },
    });
    expect(decision?.run?.steps[0]).not.toHaveProperty('input');
    expect(decision?.run?.facts).toMatchObject({
      matter: { id: 7, status: 'Open' },
      previous: { status: 'Pending' },
      event: { id: 'event1', type: 'matter.updated' },
      run: { id: 'id1', started_at: '2026-11-24T10:00:00.000Z' },
    });
    expect(decision?.run?.steps).toMatchObject([
      { id: 'id2', key: 'first', action: 'log.write', reference: referenceOf('id2') },
      { id: 'id3', key: '1', action: 'log.write', reference: referenceOf('id3') },
    ]);
    expect(decision?.explanation).not.toBeNull();
  });

  it('tells a rule exactly what the lint lets it read', () => {
    const facts = decide(anEvent(), matterRule('open', isOpen))[0]?.run?.facts as Record<string, object>;
    for (const [root, fields] of Object.entries(engineRoots))
      expect(Object.keys(facts[root] ?? {}).sort()).toEqual(Object.keys(fields).sort());
    expect(facts['event']).toMatchObject({
      model: 'matter',
      record_id: '7',
      clio_url: 'https://eu.app.clio.com',
    });
  });

  it.each<[string, Partial<ReadyEvent>, string]>([
    ['a condition that is false', { record: { id: 7, status: 'Closed' } }, 'not_matched'],
    ['a value that is missing', { record: { id: 7 } }, 'unknown'],
  ])('makes no run for %s', (_, over, outcome) => {
    const [decision] = decide(anEvent(over), matterRule('open', isOpen));
    expect(decision).toMatchObject({ outcome, shadow: false });
    expect(decision).not.toHaveProperty('run');
    expect(decision?.explanation).not.toBeNull();
  });

  it('marks what a shadow rule decides, and its run', () => {
    const [decision] = decide(anEvent(), matterRule('watch', `mode: shadow\n${isOpen}`));
    expect(decision).toMatchObject({ outcome: 'matched', shadow: true, run: { mode: 'shadow' } });
  });

  it('renders all that a shadow rule would do, behind its waits too, and ends nothing', () => {
    const watching = ruleOf(`
version: 1
id: watch
name: Watch
mode: shadow
triggers: [{ event: matter.updated }]
${isOpen}
actions:
  - wait: { for: 1 week }
  - { action: log.write, with: { text: "{{matter.status}}" } }
`);
    const [decision] = decide(anEvent(), watching);
    expect(decision?.run).toMatchObject({ mode: 'shadow', end: null });
    expect(decision?.run?.steps).toMatchObject([
      { key: '0', action: 'wait' },
      { key: '1', action: 'log.write', input: { text: 'Open' } },
    ]);
  });

  it('lets a rule with nothing to test match', () => {
    expect(
      decide(anEvent({ type: 'matter.created' }), matterRule('all', '', 'matter.created')),
    ).toMatchObject([{ outcome: 'matched' }]);
  });

  it('suppresses a paused rule', () => {
    const [decision] = decide(anEvent(), matterRule('open', `paused: { reason: holidays }\n${isOpen}`));
    expect(decision).toMatchObject({ outcome: 'suppressed', reason: 'paused' });
  });

  it('knows a deleted record by its payload', () => {
    const event = anEvent({ type: 'matter.deleted', record: null, previous: null, changed: null });
    const [decision] = decide(event, matterRule('gone', '', 'matter.deleted'));
    expect(decision?.run?.facts).toMatchObject({ matter: { id: 7 } });
  });
});

describe('the chain guard', () => {
  const allowed = `chain: allow\n${isOpen}`;

  it.each<[string, string, string | null, number, string, string | undefined]>([
    ['a person’s change', isOpen, null, 0, 'matched', undefined],
    ['our own echo', isOpen, 'run1', 1, 'suppressed', 'own_echo'],
    ['our own echo, deep down', isOpen, 'run1', 9, 'suppressed', 'own_echo'],
    ['an echo that is asked for', allowed, 'run1', 1, 'matched', undefined],
    ['the deepest echo', allowed, 'run1', 5, 'matched', undefined],
    ['an echo that is too deep', allowed, 'run1', 6, 'suppressed', 'too_deep'],
  ])('%s', (_, over, causedByRunId, depth, outcome, reason) => {
    const [decision] = decide(anEvent({ causedByRunId, depth }), matterRule('open', over));
    expect(decision?.outcome).toBe(outcome);
    if (reason !== undefined) expect(decision?.reason).toBe(reason);
    expect(decision?.run?.depth).toBe(outcome === 'matched' ? depth : undefined);
  });
});

describe('a rule that breaks', () => {
  const good = matterRule('good', isOpen);
  const broken = (error: unknown): CompiledRule => ({
    ...matterRule('broken', isOpen),
    get steps(): never {
      throw error;
    },
  });

  it.each<[string, unknown, string]>([
    ['with a reason', new RuleError('rule.condition_failed', 'It broke.'), 'rule.condition_failed'],
    ['without one', new TypeError('It broke.'), 'engine.invariant'],
  ])('decides for itself only: %s', (_, error, reason) => {
    expect(decide(anEvent(), broken(error), good)).toMatchObject([
      {
        ruleId: 'broken',
        outcome: 'errored',
        reason,
        explanation: { value: 'unknown', reason: 'It broke.' },
      },
      { ruleId: 'good', outcome: 'matched' },
    ]);
  });
});
