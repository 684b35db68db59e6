import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClioClients } from '../../src/clio/clio-clients.js';
import { Directory } from '../../src/ingest/directory.js';
import { DirectoryWorker } from '../../src/ingest/directory.worker.js';
import { newId } from '../../src/lib/ids.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { Alert } from '../../src/store/alert.entity.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { Connection } from '../../src/store/connection.entity.js';
import { DirectoryEntry } from '../../src/store/directory-entry.entity.js';
import { DirectoryList } from '../../src/store/directory-list.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const named = (kind: string, name: string, ...rules: string[]) => ({
  kind,
  name,
  rules: rules.length > 0 ? rules : ['a-rule'],
});

describe.each(databases)('the directory on $name', ({ url }) => {
  let sandbox: Sandbox;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    const clock = new TestClock();
    sandbox = await startSandbox({ clock, rateLimit: 10_000 });
    const accessToken = sandbox.control.token();
    ingest = await IngestApp.start(database.url, sandbox.origin, { accessToken, clock });
  });

  afterEach(async () => {
    await ingest.stop();
    await sandbox.stop();
    await remove();
  });

  const worker = () => ingest.app.get(DirectoryWorker);
  const drain = () => worker().drain(ingest.connectionId, new AbortController().signal);
  const reads = () =>
    sandbox.control
      .calls()
      .splice(0)
      .map(({ path }) => path.replace(/^.*\/v4\/|\.json$/g, ''));
  const read = async () => {
    sandbox.control.clearCalls();
    await drain();
    return reads().sort();
  };
  const open = async () =>
    (await ingest.database.repo(Alert).find({ order: { id: 'ASC' } }))
      .filter(({ closedAt }) => closedAt === null)
      .map(({ subject, message }) => [subject, message] as const);
  const subjects = async () => (await open()).map(([subject]) => subject);
  const user = (email: string) =>
    sandbox.control.records('user').find((one) => one['email'] === email)?.['id'] as number;
  const paul = 'paul.marsh@praetor-law.example';

  it('reads the lists that the rules name things of, and no others', async () => {
    ingest.needs.name(
      named('practice_area', 'Family'),
      named('matter_custom_field', 'Court file number'),
      named('contact_custom_field', 'Nobody'),
    );
    expect(await read()).toEqual(['custom_fields', 'practice_areas']);
    expect(sandbox.control.warnings()).toEqual([]);
    const entries = await ingest.database.repo(DirectoryEntry).findBy({ kind: 'custom_field' });
    expect(entries.map(({ name, parentId, active, extra }) => [name, parentId, active, extra])).toEqual(
      expect.arrayContaining([
        ['Court file number', 'matter', 1, { type: 'text_line' }],
        [
          'Fee agreement',
          'matter',
          1,
          {
            type: 'picklist',
            options: [
              { id: '1', name: 'Fixed' },
              { id: '2', name: 'Hourly' },
              { id: '3', name: 'Contingency' },
            ],
          },
        ],
      ]),
    );
  });

  it('can read every list', async () => {
    const kinds = [
      'activity_description', 'calendar', 'document_category', 'document_template', 'expense_category', 'group',
      'matter_custom_field', 'matter_stage', 'practice_area', 'task_template_list', 'task_type', 'user',
    ]; // prettier-ignore
    ingest.needs.name(...kinds.map((kind) => named(kind, 'Nobody')));
    expect(await read()).toHaveLength(kinds.length);
    expect(sandbox.control.warnings()).toEqual([]);
    expect(sandbox.control.calls().filter(({ status }) => status !== 200)).toEqual([]);
    expect(await subjects()).toHaveLength(kinds.length);
  });

  it('asks nothing when no rule names anything', async () => {
    expect(await read()).toEqual([]);
    expect(await worker().nextDueAt(ingest.connectionId)).toBeNull();
  });

  it('reads again after a day, also after a restart, and not before', async () => {
    ingest.needs.name(named('practice_area', 'Family'));
    expect(await read()).toEqual(['practice_areas']);
    expect(await read()).toEqual([]);
    const { app, needs, clock, connectionId } = ingest;
    const restarted = new DirectoryWorker(app.get(Directory), app.get(AlertStore), needs, clock);
    expect(await restarted.drain(connectionId, new AbortController().signal)).toBe(0);
    const at = Number(await worker().nextDueAt(ingest.connectionId));
    const wait = at - ingest.clock.now().getTime();
    expect(wait).toBeLessThanOrEqual(24 * HOUR);
    expect(wait).toBeGreaterThan(22 * HOUR);
    await ingest.clock.advance(wait - 1);
    expect(await read()).toEqual([]);
    await ingest.clock.advance(1);
    expect(await read()).toEqual(['practice_areas']);
  });

  describe('while the budget is short or the work is not done', () => {
    const daily = async () => {
      ingest.needs.name(named('practice_area', 'Family'));
      await drain();
      await ingest.clock.advance(24 * HOUR);
    };

    it('leaves the daily look until nothing else is to do', async () => {
      await daily();
      const busy = worker().drain(ingest.connectionId, new AbortController().signal, false);
      expect(await busy).toBe(0);
      expect(await read()).toEqual(['practice_areas']);
    });

    it('leaves it to the steps to use the budget first, and says when it goes on', async () => {
      await daily();
      const client = await ingest.app.get(ClioClients).forConnection(ingest.connectionId);
      sandbox.control.fault({
        on: 'request',
        method: 'GET',
        path: 'task_types',
        kind: 'status',
        status: 429,
      });
      await expect(client.list('task_types', { fields: 'id' })).rejects.toThrow('429');
      await sandbox.control.clearFaults();
      expect(client.spareInMs()).toBeGreaterThan(0);
      expect(await read()).toEqual([]);
      const at = Number(await worker().nextDueAt(ingest.connectionId));
      expect(at).toBe(ingest.clock.now().getTime() + client.spareInMs());
      await ingest.clock.advance(MINUTE);
      expect(await read()).toEqual(['practice_areas']);
    });
  });

  it('asks nothing until a lost connection is authorised again, and then at once', async () => {
    ingest.needs.name(named('practice_area', 'Family'));
    const status = (value: Connection['status']) =>
      ingest.database.write((tx) => tx.update(Connection, { id: ingest.connectionId }, { status: value }));
    await status('needs_authorisation');
    expect(await read()).toEqual([]);
    expect(await worker().nextDueAt(ingest.connectionId)).toBeNull();
    await status('active');
    expect(await read()).toEqual(['practice_areas']);
  });

  it('says at once that a rule names what Clio does not have, and is quiet when it has it', async () => {
    ingest.needs.name(
      named('practice_area', 'Maritime', 'opening', 'closing'),
      named('practice_area', 'Family'),
    );
    await drain();
    expect(await open()).toEqual([
      ['practice_area:Maritime', expect.stringMatching(/no practice area "Maritime".*opening, closing/)],
    ]);
    sandbox.control.create('practice_area', { name: 'Maritime' });
    await ingest.clock.advance(HOUR);
    expect(await read()).toEqual(['practice_areas']);
    expect(await open()).toEqual([]);
  });

  it('is quiet about a name that no rule uses any more', async () => {
    ingest.needs.name(named('practice_area', 'Maritime'));
    await drain();
    expect(await subjects()).toEqual(['practice_area:Maritime']);
    ingest.needs.name();
    await drain();
    expect(await open()).toEqual([]);
  });

  it('looks again before it says that a new rule names what is not there', async () => {
    ingest.needs.name(named('practice_area', 'Family'));
    await drain();
    sandbox.control.create('practice_area', { name: 'Maritime' });
    ingest.needs.name(named('practice_area', 'Family'), named('practice_area', 'Maritime'));
    expect(await read()).toEqual(['practice_areas']);
    expect(await open()).toEqual([]);
  });

  it('finds what was renamed, deleted and switched off overnight', async () => {
    ingest.needs.name(
      named('practice_area', 'Family'),
      named('matter_custom_field', 'Court file number'),
      named('user', paul),
      named('task_type', 'Review'),
    );
    await drain();
    expect(await open()).toEqual([]);
    sandbox.control.update('practice_area', 1, { name: 'Family law' });
    sandbox.control.remove('custom_field', 1);
    sandbox.control.update('user', user(paul), { enabled: false });
    sandbox.control.update('task_type', 3, { deleted_at: '2026-11-24T00:00:00Z' });
    await ingest.clock.advance(24 * HOUR);
    await drain();
    expect(Object.fromEntries(await open())).toEqual({
      'practice_area:Family': expect.stringContaining('is called "Family law" in Clio now'),
      'matter_custom_field:Court file number': expect.stringContaining('was deleted in Clio'),
      [`user:${paul}`]: expect.stringContaining('is disabled in Clio'),
      'task_type:Review': expect.stringContaining('was deleted in Clio'),
    });
    sandbox.control.update('practice_area', 1, { name: 'Family' });
    sandbox.control.update('user', user(paul), { enabled: true });
    await ingest.clock.advance(HOUR);
    await drain();
    expect(await subjects()).toEqual(
      expect.arrayContaining(['matter_custom_field:Court file number', 'task_type:Review']),
    );
    expect(await subjects()).toHaveLength(2);
  });

  it('checks the names again when somebody else has read a list', async () => {
    ingest.needs.name(named('matter_custom_field', 'Court file number'));
    await drain();
    sandbox.control.remove('custom_field', 1);
    await ingest.app
      .get(Directory)
      .refresh(ingest.connectionId, 'custom_field', new AbortController().signal);
    expect(await worker().nextDueAt(ingest.connectionId)).toBe(ingest.clock.now().getTime());
    expect(await read()).toEqual([]);
    expect(await subjects()).toEqual(['matter_custom_field:Court file number']);
    expect(await worker().nextDueAt(ingest.connectionId)).toBeGreaterThan(ingest.clock.now().getTime());
  });

  it('says that two records have one name', async () => {
    ingest.needs.name(named('matter_custom_field', 'Court file number'));
    sandbox.control.create('custom_field', {
      name: 'Court file number',
      field_type: 'text_line',
      parent_type: 'Matter',
    });
    await drain();
    expect(await open()).toEqual([
      [
        'matter_custom_field:Court file number',
        expect.stringContaining('2 custom fields of matters called "Court file number" (ids 1, 3)'),
      ],
    ]);
  });

  it('looks again some minutes after a step failed over a name', async () => {
    ingest.needs.name(named('practice_area', 'Family'));
    await drain();
    await ingest.database.write((tx) =>
      tx.update(
        DirectoryList,
        { connectionId: ingest.connectionId },
        { doubtedAt: ingest.clock.now().getTime() },
      ),
    );
    expect(await read()).toEqual([]);
    await ingest.clock.advance(5 * MINUTE);
    expect(await read()).toEqual(['practice_areas']);
    expect(await read()).toEqual([]);
  });

  it('keeps what it knows and tries again when Clio does not answer', async () => {
    ingest.needs.name(named('practice_area', 'Maritime'), named('task_type', 'Filing'));
    sandbox.control.fault({
      on: 'request',
      method: 'GET',
      path: 'practice_areas',
      kind: 'status',
      status: 500,
    });
    await drain();
    expect(await open()).toEqual([]);
    const at = Number(await worker().nextDueAt(ingest.connectionId));
    expect(at).toBeGreaterThan(ingest.clock.now().getTime());
    await sandbox.control.clearFaults();
    await ingest.clock.advance(at - ingest.clock.now().getTime());
    expect(await read()).toEqual(['practice_areas']);
    expect(await subjects()).toEqual(['practice_area:Maritime']);
  });

  it('keeps the lists and alarms of two connections apart', async () => {
    const { clock, connectionId, database } = ingest;
    const second = await startSandbox({ clock, rateLimit: 10_000 });
    try {
      second.control.update('practice_area', 1, { name: 'Family law' });
      const other = newId();
      const row = await database.repo(Connection).findOneByOrFail({ id: connectionId });
      const accessToken = ingest.sealed.seal(second.control.token());
      await database.write((tx) =>
        tx.insert(Connection, { ...row, id: other, userId: '2', baseUrl: second.origin, accessToken }),
      );
      ingest.needs.name(named('practice_area', 'Family'));
      for (const id of [connectionId, other]) await worker().drain(id, new AbortController().signal);
      const names = async (id: string) =>
        (await database.repo(DirectoryEntry).findBy({ connectionId: id, recordId: '1' })).map(
          ({ name }) => name,
        );
      expect([await names(connectionId), await names(other)]).toEqual([['Family'], ['Family law']]);
      const alerts = await database.repo(Alert).find();
      expect(alerts.map((alert) => [alert.connectionId, alert.subject])).toEqual([
        [other, 'practice_area:Family'],
      ]);
    } finally {
      await second.stop();
    }
  });
});
