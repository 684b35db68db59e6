import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { In, Not } from 'typeorm';
import { fixedClock } from '../../src/lib/clock.js';
import { Connection } from '../../src/store/connection.entity.js';
import type { Database } from '../../src/store/database.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RuleRecord } from '../../src/store/rule-record.entity.js';
import { standsBy } from '../../src/store/standing-by.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { aConnection, anEvent } from '../support/rows.js';

describe.each(databases)('the database within one connection, on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  let ours: Database;
  let [mine, other]: string[] = [];

  beforeEach(async () => {
    opened = await open();
    ({ database } = opened);
    other = (await aConnection(database)).id;
    mine = (await aConnection(database)).id;
    const events = new EventStore(database, fixedClock(new Date(0)));
    for (const id of [mine, other, other]) await events.append([anEvent(id)]);
    ours = database.within(mine);
  });
  afterEach(() => opened.close());

  it('finds only the rows of it, however one asks', async () => {
    const events = ours.repo(InboundEvent);
    const theirs = await database.repo(InboundEvent).findOneByOrFail({ connectionId: other ?? '' });
    const { id } = theirs;
    const either = [{ model: 'matter' }, { id }, { connectionId: other ?? '' }];
    const found = [
      await events.find(),
      await events.find({ where: either, order: { id: 'DESC' }, take: 50 }),
      await events.find({ where: { id: Not('') }, select: { id: true, connectionId: true } }),
      await events.findBy(either),
      (await events.findAndCount({ where: either }))[0],
      await events.createQueryBuilder('event').getMany(),
      await events.createQueryBuilder('event').where('1 = 1').orWhere('1 = 1').getMany(),
      await events.createQueryBuilder('event').where('1 = 1 or 1 = 1').getMany(),
    ];
    for (const rows of found) expect(rows.map(({ connectionId }) => connectionId)).toEqual([mine]);
    expect([await events.count(), await events.countBy({ model: 'matter' })]).toEqual([1, 1]);
    const nothing = [await events.findOneBy({ id }), await events.findOne({ where: [{ id }, { id }] })];
    expect(nothing).toEqual([null, null]);
    expect([await events.existsBy({ id }), await events.existsBy({ id: In([id]) })]).toEqual([false, false]);
    await expect(events.findOneByOrFail({ id })).rejects.toThrow();
  });

  it('has one connection, and all that belongs to none', async () => {
    expect((await ours.repo(Connection).find()).map(({ id }) => id)).toEqual([mine]);
    expect(await ours.repo(RuleRecord).find()).toEqual(await database.repo(RuleRecord).find());
    const connection = await ours.repo(Connection).findOneByOrFail({ id: mine ?? '' });
    // Whether another speaks for the firm is asked of the whole.
    expect(await standsBy(ours, connection)).toBe(true);
    expect(ours.whole).toBe(database);
    expect(database.within(null)).toBe(database);
  });

  it('refuses SQL, in which nobody could put the bounds', async () => {
    expect(() => ours.read('select * from events')).toThrow('within a connection');
    expect(() => ours.repo(InboundEvent).query('select * from events')).toThrow('within a connection');
    expect(await database.read('select 1 as one')).toHaveLength(1);
  });
});
