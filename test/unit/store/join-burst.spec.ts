import { describe, expect, it } from '@jest/globals';
import type { Debounce } from '../../../src/store/debounce.entity.js';
import { isAnswered, joinBurst, type Debounced } from '../../../src/store/join-burst.js';

const derivedPaths = new Map([
  ['matter.closed', ['status']],
  ['matter.opened', ['status']],
  ['matter.stage_changed', ['matter_stage.id']],
]);

const joining = (event: Partial<Debounced['event']> = {}, over: Partial<Debounced> = {}): Debounced => ({
  ruleId: 'rule',
  ruleHash: 'hash',
  shadow: false,
  key: 'key',
  periodMs: 100,
  timeoutMs: 250,
  derivedPaths,
  event: {
    id: 'e1',
    connectionId: 'c',
    record: 'matter/1',
    previous: { status: 'Open' },
    types: ['matter.updated'],
    changed: ['status'],
    depth: 0,
    receivedAt: 1_000,
    ...event,
  },
  ...over,
});
const burstOf = (...events: Partial<Debounced['event']>[]): Debounce => {
  const last = events.reduce<Debounce | null>((burst, event) => joinBurst(burst, joining(event)), null);
  return last as Debounce;
};

describe('joinBurst', () => {
  it('begins with the first event, and is due a period later', () => {
    expect(burstOf({})).toEqual({
      connectionId: 'c',
      ruleId: 'rule',
      key: 'key',
      record: 'matter/1',
      firstEventId: 'e1',
      lastEventId: 'e1',
      previous: { status: 'Open' },
      types: ['matter.updated'],
      depth: 0,
      events: 1,
      dueAt: 1_100,
      deadline: 1_250,
      overtakenBy: null,
    });
    expect(joinBurst(null, joining({}, { timeoutMs: 50 })).dueAt).toBe(1_050);
  });

  it('moves on with every event up to the deadline, and never back', () => {
    expect(burstOf({}, { receivedAt: 1_090 }).dueAt).toBe(1_190);
    expect(burstOf({}, { receivedAt: 1_090 }, { receivedAt: 1_180 }).dueAt).toBe(1_250);
    expect(burstOf({ receivedAt: 1_050 }, { receivedAt: 1_000 }).dueAt).toBe(1_150);
  });

  it('keeps the state before the first event, and the greatest depth', () => {
    const burst = burstOf({ depth: 2 }, { id: 'e2', previous: { status: 'Closed' }, depth: 1 });
    expect(burst).toMatchObject({
      previous: { status: 'Open' },
      firstEventId: 'e1',
      lastEventId: 'e2',
      depth: 2,
      events: 2,
    });
  });

  it('takes the second look for the state before, when the first was the first sight of the record', () => {
    expect(burstOf({ previous: null }, { previous: { status: 'Pending' } }).previous).toEqual({
      status: 'Pending',
    });
    const made = burstOf({ previous: null, types: ['matter.created'] }, { previous: { status: 'Pending' } });
    expect(made).toMatchObject({ previous: null, types: ['matter.created', 'matter.updated'] });
    const opened = burstOf(
      { previous: null, types: ['matter.created', 'matter.seen'] },
      { previous: { status: 'Pending' } },
    );
    expect(opened.previous).toBeNull();
  });

  it('starts again where the key goes on to another record', () => {
    const other = { id: 'e2', record: 'matter/2', previous: { status: 'B' } };
    expect(burstOf({ types: ['matter.created'] }, other)).toMatchObject({
      firstEventId: 'e2',
      record: 'matter/2',
      previous: { status: 'B' },
      types: ['matter.updated'],
      events: 2,
    });
  });

  it('is not taken over by an earlier event of another record', () => {
    const burst = { ...burstOf({ id: 'e2' }), overtakenBy: ['e0'] };
    const late = { id: 'e1', record: 'matter/2', types: ['matter.created'], depth: 3, receivedAt: 1_050 };
    expect(joinBurst(burst, joining(late))).toEqual({ ...burst, depth: 3, events: 2, dueAt: 1_150 });
    expect(joinBurst(burst, joining({ id: 'e1' })).lastEventId).toBe('e1');
  });

  it('drops a name that the next change of its field has made untrue', () => {
    const closed = { types: ['matter.updated', 'matter.closed'] };
    const opened = { types: ['matter.updated', 'matter.opened'] };
    expect(burstOf(closed, opened).types).toEqual(['matter.updated', 'matter.opened']);
    expect(burstOf(closed, { changed: ['description'] }).types).toEqual(['matter.updated', 'matter.closed']);
  });
});

describe('isAnswered', () => {
  it.each([
    [undefined, ['status'], false],
    [['status'], [], false],
    [['status'], ['status'], true],
    [['matter_stage.id'], ['matter_stage'], true],
    [['matter_stage'], ['matter_stage.id'], true],
    [['matter_stage.id'], ['matter_stage.name'], false],
  ] as const)('%p by %p: %p', (paths, changed, expected) => {
    expect(isAnswered(paths, changed)).toBe(expected);
  });
});
