import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/lib/json.js';
import { auditOfEffect } from '../../src/store/audit-of-effect.js';
import type { Settlement } from '../../src/store/run-settlement.js';

interface Given {
  model?: string;
  recordId?: string;
  facts?: JsonObject;
  input?: JsonObject;
  writes?: Settlement['writes'];
  set?: Partial<Settlement>;
  applied?: 'no' | 'maybe' | 'yes' | null;
}

function settlement({ model = 'task', recordId = '5', ...given }: Given): Settlement {
  return {
    run: { id: 'r', connectionId: 'c', ruleId: 'rule', model, recordId, facts: given.facts ?? {} },
    step: { id: 's', key: '0', action: 'clio.note.create', input: given.input ?? {}, reference: 'ABCDEFGH' },
    attempt: { id: 'a', number: 1, startedAt: 0 },
    outcome: { kind: 'done', output: {} },
    writes: given.writes ?? [],
    continueOnError: false,
    mayBeApplied: false,
    facts: {
      ...{ status: null, requestId: null, durationMs: 1 },
      ...{ applied: given.applied === undefined ? 'yes' : given.applied, adopted: false },
    },
    ...given.set,
  } as unknown as Settlement;
}

const matters = (given: Given) => auditOfEffect(settlement(given), 0).map(({ matterId }) => matterId);

describe('the audit of an effect', () => {
  it.each<[string, Given, (string | undefined)[]]>([
    ['the record itself', { model: 'matter', recordId: '77' }, ['77']],
    ["the record's matter", { facts: { task: { matter: { id: 77 } } } }, ['77']],
    [
      'each of the matters of a bill',
      { model: 'bill', facts: { bill: { matters: [{ id: 7 }, { id: 8 }] } } },
      ['7', '8'],
    ],
    ['the matter that the step names', { input: { matter: 12 } }, ['12']],
    ['the same by an object', { input: { matter: { id: '12' } } }, ['12']],
    ['a matter that it made', { writes: [{ model: 'matter', id: '90', etag: null }] }, ['90']],
    ['one matter once', { model: 'matter', recordId: '77', input: { matter: 77 } }, ['77']],
    ['no matter by its name', { input: { matter: '00077-Doe' } }, [undefined]],
    ['no matter at all', {}, [undefined]],
  ])('is found under %s', (_what, given, expected) => {
    expect(matters(given)).toEqual(expected);
  });

  it('says in each of several that there are others', () => {
    const given = { model: 'bill', facts: { bill: { matters: [{ id: 7 }, { id: 8 }] } } };
    for (const { facts } of auditOfEffect(settlement(given), 0)) expect(facts['matters']).toEqual(['7', '8']);
  });

  it.each<[string, Given]>([
    ['was refused', { applied: 'no' }],
    ['was never made', { applied: null }],
    ['is a skip', { set: { attempt: null } }],
    ['only read', { set: { onlyReads: true } }],
  ])('is none when a try %s', (_what, given) => {
    expect(matters(given)).toEqual([]);
  });
});
