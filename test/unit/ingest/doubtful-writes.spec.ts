import { describe, expect, it } from '@jest/globals';
import { isMarkedBy, unsolvedBehind, waitsUntil } from '../../../src/ingest/doubtful-writes.js';
import { contentOf } from '../../../src/lib/readable-text.js';
import type { Doubt } from '../../../src/store/event.store.js';

const NOW = 1_000_000;
const doubt = (echo: Partial<Doubt['echo']>, set: Partial<Doubt> = {}): Doubt => ({
  runId: 'run-1',
  status: 'due',
  dueAt: NOW + 30_000,
  reference: 'K7Q2M4XW',
  echo: { model: null, isNew: null, recordId: null, matterId: null, markedIn: null, ...echo },
  ...set,
});
const event = {
  model: 'task',
  recordId: '5',
  type: 'task.created',
  etag: '"t5"' as string | null,
  payload: { id: 5, matter: { id: 77 } },
  receivedAt: NOW,
};
const newTask = { model: 'task', isNew: true, matterId: '77', markedIn: 'description' };

describe('an event that may be the echo of a write', () => {
  it.each<[string, Partial<Doubt['echo']>, Partial<typeof event>, boolean]>([
    ['a new task of the matter', newTask, {}, true],
    ['a new task whose matter is not in the payload', newTask, { payload: { id: 5 } as never }, true],
    ['a new task of another matter', { ...newTask, matterId: '78' }, {}, false],
    ['a change of an old task', newTask, { type: 'task.updated' }, false],
    ['a record of another model', newTask, { model: 'note' }, false],
    ['a delivery without a version', newTask, { etag: null }, false],
    ['anything, when nothing can be told', {}, {}, true],
    ['a new matter under its other name', { model: 'task', isNew: true }, { type: 'task.opened' }, true],
    [
      'the record that is changed',
      { model: 'task', isNew: false, recordId: '5' },
      { type: 'task.updated' },
      true,
    ],
    ['another record', { model: 'task', isNew: false, recordId: '6' }, { type: 'task.updated' }, false],
    ['the beginning of the record', { model: 'task', isNew: false, recordId: '5' }, {}, false],
  ])('%s', (_, echo, set, waits) => {
    const until = waitsUntil({ ...event, ...set }, [doubt(echo)], NOW);
    expect(until).toBe(waits ? NOW + 30_250 : null);
  });

  it('waits for the last of several, and never for a moment that is past', () => {
    const doubts = [doubt(newTask, { dueAt: NOW - 5_000, status: 'running' }), doubt(newTask)];
    expect(waitsUntil(event, doubts, NOW)).toBe(NOW + 30_250);
    expect(waitsUntil(event, doubts.slice(0, 1), NOW)).toBe(NOW + 250);
  });

  it('does not wait for a step that ended unknown', () => {
    expect(waitsUntil(event, [doubt(newTask, { status: 'unknown' })], NOW)).toBeNull();
  });
});

describe('a step that ended unknown', () => {
  const unknown = (set: Partial<Doubt> = {}) => doubt(newTask, { status: 'unknown', dueAt: NOW, ...set });

  it('is behind a new record that carries its text', () => {
    expect(unsolvedBehind(event, [unknown(), doubt(newTask)])).toEqual([unknown()]);
    expect(isMarkedBy({ description: '<p>Now.</p><p>Automation K7Q2M4XW</p>' }, unknown())).toBe(true);
  });

  it.each([{ description: 'Automation AAAAAAAA' }, { description: null }, {}, undefined])(
    'is not behind %j',
    (record) => expect(isMarkedBy(record, unknown())).toBe(false),
  );

  it('is behind a new record that says the same, where the rule wants no reference', () => {
    const content = contentOf({ name: 'Call', description: 'Ring <b>her</b> &amp; him' });
    const silent = { ...unknown(), echo: { ...unknown().echo, content } };
    expect(unsolvedBehind(event, [silent])).toEqual([silent]);
    expect(isMarkedBy({ name: 'Call', description: '<p>Ring <i>her</i></p> & him\n' }, silent)).toBe(true);
    expect(isMarkedBy({ name: 'Call', description: 'Ring him' }, silent)).toBe(false);
    expect(isMarkedBy({ name: 'Call', description: 'Automation K7Q2M4XW' }, silent)).toBe(false);
    expect(isMarkedBy(undefined, silent)).toBe(false);
  });

  it('is not thought of where no text would tell, or more than a day later', () => {
    const silent = { ...unknown(), echo: { ...unknown().echo, markedIn: null } };
    expect(unsolvedBehind(event, [silent])).toEqual([]);
    expect(unsolvedBehind({ ...event, receivedAt: NOW + 86_400_001 }, [unknown()])).toEqual([]);
  });
});
