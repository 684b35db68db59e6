import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AlertStore } from '../../src/store/alert.store.js';
import { Alert } from '../../src/store/alert.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { TestClock } from '../support/test-clock.js';

const about = { connectionId: 'c1', kind: 'subscription_suspended', subject: 'matter' } as const;

describe.each(databases)('AlertStore on $name', ({ open }) => {
  let db: TestDatabase;
  let alerts: AlertStore;
  let clock: TestClock;

  beforeEach(async () => {
    db = await open();
    clock = new TestClock();
    alerts = new AlertStore(db.database, clock);
  });
  afterEach(() => db.close());

  const rows = () => db.database.repo(Alert).find({ order: { id: 'ASC' } });

  it('opens an alert once, however often its cause is seen', async () => {
    expect(await alerts.raise(about, 'first')).toBe(true);
    await clock.advance(5_000);
    expect(await alerts.raise(about, 'again')).toBe(false);
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ message: 'again', closedAt: null });
    expect((row?.seenAt ?? 0) - (row?.raisedAt ?? 0)).toBe(5_000);
  });

  it('keeps subjects, kinds and connections apart', async () => {
    await alerts.raise(about, 'one');
    await alerts.raise({ ...about, subject: 'task' }, 'two');
    await alerts.raise({ ...about, kind: 'subscription_failed' }, 'three');
    await alerts.raise({ ...about, connectionId: null }, 'four');
    expect(await rows()).toHaveLength(4);
  });

  it('closes it, keeps it as history, and opens a new one when the cause comes back', async () => {
    await alerts.raise(about, 'first');
    expect(await alerts.close(about)).toBe(true);
    expect(await alerts.close(about)).toBe(false);
    expect(await alerts.raise(about, 'second')).toBe(true);
    expect((await rows()).map(({ message, closedAt }) => [message, closedAt === null])).toEqual([
      ['first', false],
      ['second', true],
    ]);
  });
});
