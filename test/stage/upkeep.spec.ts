import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { loadConfig } from '../../src/config/config.js';
import { connect } from '../../src/demo/start-demo.js';
import { Upkeep } from '../../src/ingest/upkeep.js';
import { EmbeddedLanes } from '../../src/lanes/embedded-lanes.js';
import { PostgresLanes } from '../../src/lanes/postgres-lanes.js';
import { adminActor } from '../../src/store/actor.js';
import { appendAudit } from '../../src/store/append-audit.js';
import { Database } from '../../src/store/database.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';
import { aConnection, anEvent } from '../support/rows.js';
import { TestClock } from '../support/test-clock.js';

const [sqlite, postgres] = databases;
const RULE = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions: [{ id: say, action: log.write, with: { text: 'Opened {{matter.id}}' } }]
`;

describe('the tick of upkeep', () => {
  let opened: TestDatabase;
  const clock = new TestClock();
  afterEach(() => opened.close());

  it('wakes the lane of every connection', async () => {
    opened = await sqlite.open();
    const ids = [(await aConnection(opened.database)).id, (await aConnection(opened.database)).id];
    const lanes = new EmbeddedLanes(opened.database, clock, new Logger());
    const woken: string[] = [];
    await lanes.serve(async (id) => {
      woken.push(id);
      return null;
    });
    woken.length = 0;
    await new Upkeep(opened.database, lanes, clock).tick();
    expect(woken.sort()).toEqual(ids.sort());
    await lanes.stop();
  });

  it('sees in a new process that the clock was put back, whatever was written since', async () => {
    opened = await sqlite.open();
    const connectionId = (await aConnection(opened.database)).id;
    const [now, before] = [clock.now().getTime(), clock.now().getTime() + 48 * 3_600_000];
    await new EventStore(opened.database, clock).append([anEvent(connectionId)]);
    await opened.database.write(async (tx) => {
      for (const at of [before, now])
        appendAudit(tx, { at, actor: adminActor, kind: 'engine.started', connectionId, facts: {} });
      await tx.update(InboundEvent, { connectionId }, { dueAt: before });
    });
    const lanes = new EmbeddedLanes(opened.database, clock, new Logger());
    await new Upkeep(opened.database, lanes, clock).tick();
    expect(await opened.database.repo(InboundEvent).find()).toMatchObject([{ dueAt: now }]);
  });

  it('survives a queue that is gone', async () => {
    opened = await postgres.open();
    await aConnection(opened.database);
    const config = loadConfig({ DATABASE_URL: opened.url, ENCRYPTION_KEY: '07'.repeat(32) });
    const lanes = await PostgresLanes.open(config, opened.database, clock, new Logger());
    await opened.database.dataSource.query('drop schema pgboss cascade');
    await expect(lanes.wake('any')).rejects.toThrow();
    await expect(new Upkeep(opened.database, lanes, clock).tick()).resolves.toBeUndefined();
    await lanes.stop();
  });
});

describe.each(databases)('upkeep in the engine on $name', ({ name, url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': RULE });
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(async () => {
    process.off('unhandledRejection', note);
    await firm.close();
    await remove();
  });

  it('ticks by a timer', () => {
    expect(firm.app.get(SchedulerRegistry).getIntervals()).toContain('upkeep');
  });

  it('connects, and nothing is left unhandled, although nobody can be woken', async () => {
    if (name === 'postgres') await firm.app.get(Database).dataSource.query('drop table pgboss.job cascade');
    await connect(firm.url);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
    expect(await firm.connections()).toMatchObject([{ status: 'active' }]);
  });
});
