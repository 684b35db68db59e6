import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SEARCHED_ROWS } from '../../src/admin/list-query.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { RunStore } from '../../src/store/run.store.js';
import { Run } from '../../src/store/run.entity.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

const HOUR_MS = 3_600_000;

interface PageBody {
  data: Record<string, unknown>[];
  next_cursor: string | null;
}

const page = (answer: Answer) => answer.body as PageBody;

describe.each(databases)('filters of the lists on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let events: EventStore;

  beforeAll(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    events = admin.app.get(EventStore);
    await aConnection(admin.database, { id: 'c1', name: 'Beta' });
    await aConnection(admin.database, { id: 'c2', name: 'alpha', status: 'needs_authorisation' });
    for (const [index, ruleId] of ['one', 'two', 'one', 'one'].entries()) {
      if (index > 0) await admin.clock.advance(HOUR_MS);
      await aRun(index === 1 ? 'c2' : 'c1', ruleId, String(index));
    }
    await admin.database.write(async (tx) => {
      const error = { code: 'clio.invalid', message: 'Clio REFUSED the date' };
      await tx.update(Run, { ruleId: 'two' }, { status: 'failed', error });
    });
    await events.append([anEvent('c1', { model: 'task', type: 'task.created', recordId: '9' })]);
  });

  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  /** A run of the rule for a matter, now. */
  async function aRun(connectionId: string, ruleId: string, recordId: string): Promise<void> {
    const given = anEvent(connectionId, { recordId });
    await events.append([given]);
    const found = { dedupeKey: given.dedupeKey };
    const event = await admin.database.repo(InboundEvent).findOneByOrFail(found);
    await events.settle([{ event, set: { status: 'ready' } }]);
    const { run: _run, ...other } = aMatch({ ruleId: 'other' });
    const notMatched = { ...other, outcome: 'not_matched' as const, reason: 'condition_false' };
    const decisions = [aMatch({ ruleId }), notMatched];
    await admin.app
      .get(RunStore)
      .recordDecisions({ ...event, status: 'ready' }, decisions, admin.clock.now().getTime());
  }

  /** The values of a field, in the order of the list. */
  async function listed(path: string, field: string): Promise<unknown[]> {
    const answer = await admin.get(`/api/v1/${path}`);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    return page(answer).data.map((one) => one[field]);
  }

  it.each([
    ['runs', ['3', '2', '1', '0']],
    ['runs?sort=created_at', ['0', '1', '2', '3']],
    ['runs?rule_id=one', ['3', '2', '0']],
    ['runs?rule_id=one&connection_id=c2', []],
    ['runs?connection_id=c2', ['1']],
    ['runs?status=failed', ['1']],
    ['runs?status=failed,running&sort=created_at', ['0', '1', '2', '3']],
    ['runs?record=matter/2', ['2']],
    ['runs?record=matter/2&rule_id=two', []],
    ['runs?since=90m', ['3', '2']],
    ['runs?since=2026-11-24T12:00:00%2B01:00&until=2026-11-24T12:00:00Z', ['2', '1']],
    ['runs?until=2026-11-24', []],
    ['runs?until=2h&sort=created_at', ['0', '1']],
    ['runs?q=refused', ['1']],
    ['runs?q=ON', ['3', '2', '0']],
    ['events?record=matter/3&status=matched', ['3']],
    ['events?type=task.created', ['9']],
    ['events?type=task.created&connection_id=c2', []],
    ['events?status=received,failed', ['9']],
    ['events?since=1m', ['9', '3']],
    ['events?q=TASK', ['9']],
  ])('%s', async (path, records) => {
    expect(await listed(path, 'record_id')).toEqual(records);
  });

  it.each([
    ['decisions?outcome=matched', ['one', 'one', 'two', 'one']],
    ['decisions?rule_id=other&outcome=matched', []],
    ['decisions?rule_id=other&connection_id=c2', ['other']],
    ['decisions?record=matter/1&outcome=matched', ['two']],
    ['decisions?connection_id=c2&outcome=matched,not_matched&sort=created_at&q=condition_true', ['two']],
    ['decisions?outcome=errored', []],
  ])('%s', async (path, rules) => {
    expect(await listed(path, 'rule_id')).toEqual(rules);
  });

  it('connections and rules, which are few, by name', async () => {
    expect(await listed('connections?sort=name', 'name')).toEqual(['alpha', 'Beta']);
    expect(await listed('connections?sort=-name', 'name')).toEqual(['Beta', 'alpha']);
    expect(await listed('connections?status=needs_authorisation', 'id')).toEqual(['c2']);
    expect(await listed('connections?q=BETA', 'id')).toEqual(['c1']);
    const rule = (id: string, name: string) =>
      `version: 1\nid: ${id}\nname: ${name}\ntriggers: [{ event: matter.created }]\nactions: [{ action: log.write, with: { text: hello } }]\n`;
    admin.useRules({
      'a.yaml': rule('zeta', 'Alpha rule'),
      'b.yaml': `${rule('eta', 'Beta rule')}enabled: false\n`,
    });
    expect(await listed('rules', 'id')).toEqual(['eta', 'zeta']);
    expect(await listed('rules?sort=name', 'id')).toEqual(['zeta', 'eta']);
    expect(await listed('rules?sort=-id&state=active,broken', 'id')).toEqual(['zeta', 'eta']);
    expect(await listed('rules?enabled=false', 'id')).toEqual(['eta']);
    expect(await listed('rules?q=ALPHA&mode=active', 'id')).toEqual(['zeta']);
  });

  it.each([
    [
      'runs?status=faild',
      'status',
      '"faild" is not possible. Did you mean "failed"? Allowed: queued, running,',
    ],
    [
      'runs?rule=a',
      'rule',
      'There is no parameter "rule". Did you mean "rule_id"? There are: limit, cursor,',
    ],
    ['decisions?sort=-rule_id', 'sort', 'it must be one of -created_at, created_at, not "-rule_id"'],
    ['events?record=77', 'record', 'it must be model and id, like matter/123'],
    ['runs?since=yesterday', 'since', 'or so long ago: 30m, 24h, 7d, 2w'],
    ['runs?until=2026-13-01', 'until', 'it must be a time like'],
    [
      'runs?fields=id,ruleid',
      'fields',
      'There is no field "ruleid". Did you mean "rule_id"? There are: id, ',
    ],
    ['alerts?kind=rule_brokn', 'kind', 'Did you mean "rule_broken"?'],
    [
      'approvals?status=open',
      'status',
      'Allowed: pending, approved, rejected, expired, all; several with commas.',
    ],
    ['audit?kind=effects,run.failed', 'kind', 'Did you mean "effect"?'],
    ['rules?state=on', 'state', 'Allowed: active, broken, removed'],
    ['connections?enabled=1', 'enabled', 'There is no parameter "enabled".'],
    ['runs?rule_id=%00', 'rule_id', 'it must be a text'],
    ['runs?q=%20', 'q', 'it must not be empty'],
  ])('refuse %s and say what is possible', async (path, parameter, words) => {
    const answer = await admin.get(`/api/v1/${path}`);
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json; charset=utf-8' });
    const { problems } = answer.body as { problems: string[] };
    expect(problems.join(' ')).toContain(parameter);
    expect(problems.join(' ')).toContain(words);
  });

  describe('cursors', () => {
    it.each([
      'runs?sort=created_at',
      'runs?sort=-created_at',
      'runs?rule_id=one',
      'decisions?outcome=matched,not_matched',
    ])('of %s lead through all, also while more are made', async (path) => {
      const all = await listed(`${path}${path.includes('?') ? '&' : '?'}limit=200`, 'id');
      const seen: unknown[] = [];
      let cursor = '';
      for (let pages = 0; pages < 20; pages++) {
        const answer = page(await admin.get(`/api/v1/${path}&limit=1${cursor}`));
        seen.push(...answer.data.map(({ id }) => id));
        if (pages === 0) await aRun('c1', 'one', 'late');
        if (answer.next_cursor === null) break;
        cursor = `&cursor=${answer.next_cursor}`;
      }
      expect(seen.filter((id) => all.includes(id))).toEqual(all);
      expect(new Set(seen).size).toBe(seen.length);
    });

    it.each([
      ['decisions?limit=1', 'not one that the list of decisions gave'],
      ['runs?rule_id=two', 'of a list with another sort or other filters'],
      ['runs?rule_id=one&sort=created_at', 'of a list with another sort or other filters'],
      ['runs?rule_id=one&since=1d', 'of a list with another sort or other filters'],
    ])('are refused by %s', async (path, words) => {
      const first = page(await admin.get('/api/v1/runs?rule_id=one&limit=1'));
      const answer = await admin.get(
        `/api/v1/${path}${path.includes('?') ? '&' : '?'}cursor=${first.next_cursor}`,
      );
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(words);
    });

    it('may be sent with another limit and other fields', async () => {
      const first = page(await admin.get('/api/v1/runs?rule_id=one&limit=1'));
      const answer = await admin.get(
        `/api/v1/runs?rule_id=one&limit=2&fields=id&cursor=${first.next_cursor}`,
      );
      expect(answer.status).toBe(200);
    });

    it.each([['["runs"]'], ['["runs","x",{}]'], ['{}'], ['["runs","x","a","b"]'], ['7']])(
      'that are made up are refused: %s',
      async (text) => {
        const cursor = Buffer.from(text).toString('base64url');
        expect((await admin.get(`/api/v1/runs?cursor=${cursor}`)).status).toBe(400);
      },
    );
  });

  it('look for a text through a bounded part of the list at a time, to its end', async () => {
    const many = Array.from({ length: SEARCHED_ROWS }, () =>
      anEvent('c2', { model: 'bill', type: 'bill.updated' }),
    );
    await events.append([anEvent('c2', { model: 'bill', type: 'bill.updated', recordId: 'needle' })]);
    await admin.clock.advance(1);
    for (let from = 0; from < many.length; from += 250) await events.append(many.slice(from, from + 250));
    const path = '/api/v1/events?type=bill.updated&status=received&q=NEEDLE';
    const first = page(await admin.get(path));
    expect(first.data).toEqual([]);
    const second = page(await admin.get(`${path}&cursor=${first.next_cursor}`));
    expect(second.data).toMatchObject([{ record_id: 'needle' }]);
    expect(second.next_cursor).toBeNull();
  });

  describe('fields', () => {
    it('are shown alone, in lists and details', async () => {
      const [run] = page(await admin.get('/api/v1/runs?rule_id=two&fields=id,event_id')).data;
      expect(Object.keys(run ?? {})).toEqual(['id', 'event_id']);
      const decisions = page(await admin.get('/api/v1/decisions?limit=1&fields=outcome')).data;
      expect(Object.keys(decisions[0] ?? {})).toEqual(['outcome']);
      const detail = await admin.get(`/api/v1/runs/${String(run?.['id'])}?fields=status,steps`);
      expect(Object.keys(detail.body as object)).toEqual(['status', 'steps']);
      const event = await admin.get(`/api/v1/events/${String(run?.['event_id'])}?fields=payload`);
      expect(event.body).toEqual({ payload: { data: { id: 77 } } });
    });

    it('that are not there are refused with those that are', async () => {
      const answer = await admin.get('/api/v1/runs/any?fields=step');
      expect(answer.status).toBe(400);
      expect((answer.body as { problems: string[] }).problems).toEqual([
        expect.stringContaining('fields: There is no field "step". Did you mean "steps"? There are: id,'),
      ]);
      const other = await admin.get('/api/v1/runs/any?field=steps');
      expect(other.text).toContain('Did you mean \\"fields\\"?');
    });
  });

  it('details have an ETag, and answer 304 to who has it', async () => {
    const [id] = await listed('runs?rule_id=two', 'id');
    const path = `/api/v1/runs/${String(id)}`;
    const whole = await admin.get(path);
    const etag = whole.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await admin.get(path)).headers.get('etag')).toBe(etag);
    expect((await admin.get(`${path}?fields=id`)).headers.get('etag')).toBe(etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await admin.ask(path, { headers: { 'if-none-match': known } });
      expect(answer).toMatchObject({ status: 304, text: '' });
      expect(answer.headers.get('etag')).toBe(etag);
    }
    await admin.database.write((tx) => tx.update(Run, { id: String(id) }, { status: 'cancelled' }));
    const changed = await admin.ask(path, { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });
});
