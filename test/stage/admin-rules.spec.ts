import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RuleEditor } from '../../src/admin/rule-editor.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { RunStore } from '../../src/store/run.store.js';
import { Run } from '../../src/store/run.entity.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

const text = (id: string, said = 'seen', more = '') => `# Kept as it is.
version: 1
id: ${id}
name: ${id}   # for people
triggers: [{ event: matter.created }]
actions:
  - { action: log.write, with: { text: ${said} } }
${more}`;

const RULES = '/api/v1/rules';

describe.each(databases)('rules made by the API, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
  });
  afterEach(async () => {
    await admin.stop();
    await remove();
  });

  const make = (id: string, said?: string) => admin.post(RULES, { text: text(id, said) });
  const tagOf = ({ headers }: Answer) => ({ 'if-match': headers.get('etag') ?? '' });
  const firstOf = ({ body }: Answer) => (body as { diagnostics: object[] }).diagnostics[0];
  const statusOf = ({ status }: Answer) => status;
  const saidIn = (id: string) => admin.rules.book().find(id)?.document['actions'];
  const audited = async () => {
    const { body } = await admin.get('/api/v1/audit?limit=200');
    const { data } = body as { data: { kind: string; rule_id: string; actor: { name: string } }[] };
    return data.map(({ kind, rule_id, actor }) => `${kind} ${rule_id} ${actor.name}`).reverse();
  };

  async function fileRule(id: string, said?: string): Promise<void> {
    admin.useRules({ [`rules/${id}.yaml`]: text(id, said) });
    const { active, broken } = admin.rules.book();
    await admin.app.get(RuleStore).record(active, broken);
  }

  /** A run of the rule that has a step to do. */
  async function anOpenRun(ruleId: string): Promise<string> {
    const given = anEvent((await aConnection(admin.database)).id);
    await admin.app.get(EventStore).append([given]);
    const stored = { dedupeKey: given.dedupeKey };
    const event = await admin.database.repo(InboundEvent).findOneByOrFail(stored);
    await admin.app.get(EventStore).settle([{ event, set: { status: 'ready' } }]);
    const match = aMatch({ ruleId }, {}, 1);
    await admin.app.get(RunStore).recordDecisions(event, [match], admin.clock.now().getTime());
    return match.run?.id ?? '';
  }

  it('are in force at once, keep their text, and stand in the audit trail', async () => {
    const made = await admin.post(RULES, { text: text('opening'), note: 'First.' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${RULES}/opening`);
    expect(made.body).toMatchObject({
      ...{ id: 'opening', authoring: 'api', file: 'api:opening', state: 'active', number: 1 },
      source: text('opening'),
    });
    expect(saidIn('opening')).toMatchObject([{ with: { text: 'seen' } }]);
    const shown = await admin.get(`${RULES}/opening`);
    expect(shown.headers.get('etag')).toBe(made.headers.get('etag'));
    const changed = await admin.put(`${RULES}/opening`, { text: text('opening', 'changed') }, tagOf(shown));
    expect(changed.body).toMatchObject({ number: 2 });
    expect(saidIn('opening')).toMatchObject([{ with: { text: 'changed' } }]);
    expect((await admin.delete(`${RULES}/opening`)).status).toBe(204);
    expect(saidIn('opening')).toBeUndefined();
    expect((await admin.get(`${RULES}/opening`)).body).toMatchObject({ state: 'removed', source: null });
    expect((await make('opening', 'again')).body).toMatchObject({ number: 3 });
    expect(await audited()).toEqual([
      ...['rule.in_force opening ADMIN_TOKEN', 'rule.in_force opening ADMIN_TOKEN'],
      ...['rule.removed opening ADMIN_TOKEN', 'rule.in_force opening ADMIN_TOKEN'],
    ]);
  });

  it('are changed by one of two editors at once, and the other is told what is there now', async () => {
    const first = await make('opening');
    const edits = ['one', 'two'].map((said) =>
      admin.put(`${RULES}/opening`, { text: text('opening', said) }, tagOf(first)),
    );
    const answers = await Promise.all(edits);
    expect(answers.map(statusOf).sort()).toEqual([200, 412]);
    const won = answers.find(({ status }) => status === 200);
    const lost = answers.find(({ status }) => status === 412);
    const etag = won?.headers.get('etag');
    expect(lost?.body).toMatchObject({ code: 'request.stale', current: { etag, version: 2 } });
    expect((await admin.get(`${RULES}/opening`)).body).toMatchObject({
      source: (won?.body as { source: string }).source,
    });
    const blind = await admin.put(`${RULES}/opening`, { text: text('opening', 'three') });
    expect(blind).toMatchObject({ status: 428, body: { code: 'request.unconditional' } });
    const late = await admin.delete(`${RULES}/opening`, tagOf(first));
    expect(late.status).toBe(412);
  });

  it('are refused with file, line, column and what to do when the text cannot be used', async () => {
    const wrong = await make('opening', "'{{matter.'");
    expect(wrong).toMatchObject({
      status: 422,
      body: {
        code: 'rule.invalid',
        diagnostics: [{ code: 'R022', severity: 'error', file: 'api:opening', line: 7 }],
      },
    });
    const several = await admin.post(RULES, { text: `${text('one')}---\n${text('two')}` });
    expect(several).toMatchObject({ status: 422, body: { detail: expect.stringContaining('import') } });
    const empty = await admin.post(RULES, { text: '# nothing' });
    expect(empty).toMatchObject({
      status: 422,
      body: { diagnostics: [{ code: 'R000', file: 'api:(no id)' }] },
    });
    const good = await make('opening');
    const other = await admin.put(`${RULES}/opening`, { text: text('closing') }, tagOf(good));
    expect(other).toMatchObject({ status: 422, body: { diagnostics: [{ path: 'id', line: 3 }] } });
    expect(admin.rules.book().active).toHaveLength(1);
    const warned = await make('warned', "'matter {matter.id}'");
    expect(warned).toMatchObject({ status: 201, body: { diagnostics: [{ severity: 'warning' }] } });
  });

  it('do not take the id of a file, and a file does not take theirs', async () => {
    await fileRule('opening');
    const taken = await make('opening');
    expect(taken).toMatchObject({ status: 409, body: { code: 'request.conflict' } });
    for (const answer of [
      taken,
      await admin.put(`${RULES}/opening`, { text: text('opening') }, { 'if-match': '*' }),
      await admin.delete(`${RULES}/opening`),
      await admin.post(`${RULES}/opening/rollback`, { to: 1 }),
      await admin.post(`${RULES}/import`, { text: text('opening') }),
    ])
      expect(answer).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining('rules/opening.yaml') },
      });
    await make('closing');
    await fileRule('closing', 'other');
    expect(saidIn('closing')).toMatchObject([{ with: { text: 'seen' } }]);
    const { body } = await admin.get(`${RULES}?state=broken`);
    expect(body).toMatchObject({
      data: [{ id: 'file:rules/closing.yaml', diagnostics: [{ code: 'R006' }] }],
    });
    expect((await admin.get(`${RULES}/closing`)).body).toMatchObject({ authoring: 'api', state: 'active' });
    expect((await admin.put(`${RULES}/none`, { text: text('none') }, { 'if-match': '*' })).status).toBe(404);
    expect((await make('closing')).status).toBe(409);
  });

  it('are deleted as is said of their open runs', async () => {
    for (const id of ['refused', 'finished', 'cancelled']) await make(id);
    const [refused, finished, cancelled] = [
      await anOpenRun('refused'),
      await anOpenRun('finished'),
      await anOpenRun('cancelled'),
    ];
    const kept = await admin.delete(`${RULES}/refused`);
    expect(kept).toMatchObject({ status: 409, body: { waiting_runs: 1 } });
    expect((await admin.delete(`${RULES}/finished?waiting=finish`)).status).toBe(204);
    expect((await admin.delete(`${RULES}/cancelled?waiting=cancel`)).status).toBe(204);
    expect((await admin.delete(`${RULES}/refused?waiting=later`)).status).toBe(400);
    const runs = admin.database.repo(Run);
    const states = [refused, finished, cancelled].map(
      async (id) => (await runs.findOneByOrFail({ id })).status,
    );
    expect(await Promise.all(states)).toEqual(['running', 'running', 'cancelled']);
    expect(await runs.findOneByOrFail({ id: cancelled })).toMatchObject({
      error: { code: 'run.cancelled', message: 'the rule was deleted by ADMIN_TOKEN' },
    });
    expect(admin.rules.book().active.map(({ rule }) => rule.id)).toEqual(['refused']);
    expect(await audited()).toContain('run.cancelled cancelled ADMIN_TOKEN');
  });

  it('show their versions and what changed, and go back to one', async () => {
    await make('opening', 'one');
    const seen = await admin.get(`${RULES}/opening`);
    const two = { text: text('opening', 'two'), note: 'Better.' };
    const second = await admin.put(`${RULES}/opening`, two, tagOf(seen));
    const late = await admin.ask(`${RULES}/opening/rollback`, {
      ...{ method: 'POST', body: JSON.stringify({ to: 1 }) },
      headers: { 'content-type': 'application/json', ...tagOf(seen) },
    });
    expect(late.status).toBe(412);
    expect((await admin.post(`${RULES}/opening/rollback`, { to: 9 })).status).toBe(404);
    const back = await admin.post(`${RULES}/opening/rollback`, { to: 1 });
    expect(back.body).toMatchObject({ number: 3, source: text('opening', 'one') });
    expect(saidIn('opening')).toMatchObject([{ with: { text: 'one' } }]);
    const { body } = await admin.get(`${RULES}/opening/versions`);
    expect(body).toMatchObject({
      data: [
        { number: 3, in_force: true, note: 'back to version 1', author: { name: 'ADMIN_TOKEN' } },
        { number: 2, in_force: false, note: 'Better.' },
        { number: 1, in_force: false, note: null },
      ],
    });
    const first = await admin.get(`${RULES}/opening/versions?limit=2`);
    const { next_cursor: cursor } = first.body as { next_cursor: string };
    const rest = await admin.get(`${RULES}/opening/versions?limit=2&cursor=${cursor}`);
    expect(rest.body).toMatchObject({ data: [{ number: 1 }], next_cursor: null });
    expect((await admin.get(`${RULES}/opening/versions/2`)).body).toMatchObject({ source: two.text });
    const diff = await admin.get(`${RULES}/opening/versions/1/diff/2`);
    expect(diff.body).toMatchObject({ from: 1, to: 2 });
    const { lines } = diff.body as { lines: { sign: string; text: string }[] };
    expect(lines.filter(({ sign }) => sign !== ' ').map(({ text: line }) => line)).toEqual([
      '  - { action: log.write, with: { text: one } }',
      '  - { action: log.write, with: { text: two } }',
    ]);
    for (const path of ['none/versions', 'opening/versions/7', 'opening/versions/1/diff/7'])
      expect((await admin.get(`${RULES}/${path}`)).status).toBe(404);
    expect((await admin.get(`${RULES}/opening/versions/x`)).status).toBe(400);
    expect(second.body).toMatchObject({ number: 2 });
  });

  it('keep an edit of a comment alone', async () => {
    await make('opening');
    const shown = await admin.get(`${RULES}/opening`);
    const commented = `# Another comment.\n${text('opening')}`;
    await admin.put(`${RULES}/opening`, { text: commented }, tagOf(shown));
    expect((await admin.get(`${RULES}/opening/export`)).text).toBe(commented);
    expect((await admin.get(`${RULES}/opening`)).body).toMatchObject({ source: commented });
    expect((await admin.put(`${RULES}/opening`, { text: commented }, tagOf(shown))).status).toBe(412);
  });

  it("only watch on a person's word, those of files too", async () => {
    await fileRule('opening');
    const watched = await admin.post(`${RULES}/opening/shadow`, { on: true });
    expect(watched).toMatchObject({ status: 200, body: { mode: 'shadow', shadowed: true } });
    expect(admin.rules.book().candidates('matter.created')).toMatchObject([{ rule: { mode: 'shadow' } }]);
    await fileRule('opening', 'changed');
    expect((await admin.get(`${RULES}/opening`)).body).toMatchObject({ mode: 'shadow', shadowed: true });
    await admin.post(`${RULES}/opening/shadow`, { on: true });
    const acting = await admin.post(`${RULES}/opening/shadow`, { on: false });
    expect(acting.body).toMatchObject({ mode: 'active', shadowed: false });
    expect((await admin.post(`${RULES}/none/shadow`, { on: true })).status).toBe(404);
    const changes = (await audited()).filter((line) => line.startsWith('rule.mode_changed'));
    expect(changes).toEqual(Array(2).fill('rule.mode_changed opening ADMIN_TOKEN'));
  });

  it('are taken out as one text and taken in again, all or none', async () => {
    for (const id of ['one', 'two']) await make(id);
    await fileRule('of-files');
    const whole = await admin.get(`${RULES}/export`);
    expect(whole.type).toBe('text/yaml; charset=utf-8');
    expect(whole.text).toBe(`${text('one')}---\n${text('two')}`);
    const same = await admin.post(`${RULES}/import`, { text: whole.text });
    expect(same.body).toMatchObject({
      rules: [
        { id: 'one', what: 'unchanged' },
        { id: 'two', what: 'unchanged' },
      ],
    });
    const next = `${text('one')}---\n${text('two', 'changed')}--- # a third\n${text('three')}`;
    const report = [
      { id: 'one', what: 'unchanged' },
      { id: 'two', what: 'changed' },
      { id: 'three', what: 'added' },
    ];
    const dry = await admin.post(`${RULES}/import`, { text: next, dry_run: true });
    expect(dry.body).toMatchObject({ dry_run: true, rules: report });
    expect(saidIn('three')).toBeUndefined();
    const bad = await admin.post(`${RULES}/import`, { text: `${next}---\n${text('four', "'{{x.'")}` });
    expect(firstOf(bad)).toMatchObject({ file: 'api:four', line: 31 });
    const twice = await admin.post(`${RULES}/import`, { text: `${next}---\n${text('one')}` });
    expect(firstOf(twice)).toMatchObject({ code: 'R006', file: 'api:one', line: 27 });
    const owned = await admin.post(`${RULES}/import`, { text: `${next}---\n${text('of-files')}` });
    expect(owned.status).toBe(409);
    expect(saidIn('three')).toBeUndefined();
    expect((await admin.post(`${RULES}/import`, { text: next })).body).toMatchObject({ rules: report });
    expect(saidIn('two')).toMatchObject([{ with: { text: 'changed' } }]);
    expect((await admin.get(`${RULES}/three/export`)).text).toBe(`# a third\n${text('three')}`);
    const { body } = await admin.get(`${RULES}/one/versions`);
    expect((body as { data: object[] }).data).toHaveLength(1);
    expect((await admin.get(`${RULES}/of-files/export`)).text).toBe(text('of-files'));
  });

  it('are checked without any effect', async () => {
    const good = await admin.post('/api/v1/validate', { text: text('opening') });
    expect(good).toMatchObject({
      status: 200,
      body: {
        ok: true,
        outlines: [
          {
            ...{ id: 'opening', triggers: ['matter.created'], calls_a_run: 0 },
            actions: [{ id: '0', action: 'log.write', calls: 0 }],
          },
        ],
      },
    });
    const bad = await admin.post('/api/v1/validate', { text: text('opening', "'{{x.'") });
    expect(bad).toMatchObject({ status: 200, body: { ok: false, outlines: [] } });
    const json = await admin.post('/api/v1/validate', { text: '{"version": 1,}', format: 'json' });
    expect(json.body).toMatchObject({ ok: false, diagnostics: [{ code: 'R000' }] });
    const late = text('late', 'seen', "paused: { reason: holiday, until: '2020-01-01' }\n");
    const { body } = await admin.post('/api/v1/validate', { text: late });
    expect((body as { diagnostics: object[] }).diagnostics).toContainEqual(
      expect.objectContaining({ code: 'R005', severity: 'warning', path: 'paused/until' }),
    );
    expect(admin.rules.book().active).toEqual([]);
  });

  it('run the tests that stand in them', async () => {
    const tests = `tests:
  - { name: opened, record: { id: 7 }, expect: { outcome: matched } }
  - { name: quiet, record: { id: 7 }, expect: { outcome: not_matched } }
`;
    await admin.post(RULES, { text: text('tested', 'seen', tests) });
    const told = await admin.post(`${RULES}/tested/test`, {});
    expect(told).toMatchObject({
      status: 200,
      body: {
        ok: false,
        rules: [
          {
            tests: [
              { name: 'opened', passed: true },
              { name: 'quiet', passed: false },
            ],
          },
        ],
      },
    });
    expect((await admin.post(`${RULES}/none/test`, {})).status).toBe(404);
  });

  describe('with a protected label', () => {
    const bob = { kind: 'token', id: 'bob', name: 'Bob' } as const;
    const guarded = (said: string) => text('trust', said, 'labels: [money]\n');

    beforeEach(async () => {
      await admin.stop();
      await remove();
      const fresh = await freshUrl();
      remove = fresh.remove;
      admin = await AdminApp.start(fresh.url, { PROTECTED_LABELS: 'money, trust-account' });
    });

    /** The hash of a version, as somebody who looks at it sees it. */
    async function read(number: number): Promise<{ id: string; number: number; hash: string }> {
      const { body } = await admin.get(`${RULES}/trust/versions/${number}`);
      return { id: 'trust', number, hash: (body as { hash: string }).hash };
    }
    const approve = async (number: number) =>
      admin.app.get(RuleEditor).approve(await read(number), { actor: bob });

    it('wait for somebody else, and what was in force stays so meanwhile', async () => {
      const made = await admin.post(RULES, { text: guarded('first') });
      expect(made).toMatchObject({ status: 201, body: { pending: true, number: 1 } });
      expect(made.headers.get('etag')).toBeNull();
      expect(saidIn('trust')).toBeUndefined();
      const own = await admin.post(`${RULES}/trust/versions/1/approve`, { hash: (await read(1)).hash });
      expect(own).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
      const wrong = await admin.post(`${RULES}/trust/versions/1/approve`, { hash: 'other' });
      expect(wrong.status).toBe(409);
      await approve(1);
      expect(saidIn('trust')).toMatchObject([{ with: { text: 'first' } }]);
      const shown = await admin.get(`${RULES}/trust`);
      // Without its label it is still the protected rule that would be changed.
      const bare = await admin.put(`${RULES}/trust`, { text: text('trust', 'second') }, tagOf(shown));
      expect(bare.body).toMatchObject({ pending: true, number: 2 });
      await admin.put(`${RULES}/trust`, { text: guarded('third') }, tagOf(shown));
      expect(saidIn('trust')).toMatchObject([{ with: { text: 'first' } }]);
      await approve(3);
      expect(saidIn('trust')).toMatchObject([{ with: { text: 'third' } }]);
      await expect(approve(2)).rejects.toThrow(/overtaken/);
      await expect(approve(3)).rejects.toThrow(/does not wait/);
      const { body } = await admin.get(`${RULES}/trust/versions`);
      expect(body).toMatchObject({
        data: [
          { number: 3, in_force: true, approval: 'accepted', approved_by: { name: 'Bob' } },
          { number: 2, in_force: false, approval: 'dropped', approved_by: null },
          { number: 1, in_force: false, approval: 'accepted' },
        ],
      });
      expect(await make('other')).toMatchObject({ status: 201, body: { pending: false } });
      expect((await admin.delete(`${RULES}/trust`)).status).toBe(204);
      expect(await make('trust')).toMatchObject({ status: 201, body: { pending: true, number: 4 } });
      expect(saidIn('trust')).toBeUndefined();
      expect((await audited()).filter((line) => line.includes('trust'))).toEqual([
        'rule.proposed trust ADMIN_TOKEN',
        ...['rule.approved trust Bob', 'rule.in_force trust Bob'],
        ...['rule.proposed trust ADMIN_TOKEN', 'rule.proposed trust ADMIN_TOKEN'],
        ...['rule.approved trust Bob', 'rule.in_force trust Bob'],
        ...['rule.removed trust ADMIN_TOKEN', 'rule.proposed trust ADMIN_TOKEN'],
      ]);
    });
  });
});
