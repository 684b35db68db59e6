import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalsPage } from '../../src/admin/approval-views.js';
import { databases } from '../support/databases.js';
import { rulesPage } from '../../src/admin/rule-views.js';
import { ADMIN_TOKEN, adminOf, LawFirm, rulesFolder } from '../support/law-firm.js';
import { praetor } from '../support/praetor.js';

const ASKING = `version: 1
id: asking
name: Asks first
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - approval: { by: role:responsible_attorney, timeout: 3 days }
  - action: clio.note.create
    with: { type: Matter, matter: '{{matter.id}}', subject: 'By {{run.approvals.0.user}}', detail: Yes }
`;
const BY_HAND = `version: 1
id: by-hand
name: By hand
triggers: [{ manual: true }]
conditions: [{ field: matter.status, is: Open }]
actions:
  - action: clio.note.create
    with: { type: Matter, matter: '{{matter.id}}', subject: By hand, detail: Now }
`;
const OPEN = { client: { id: 1 }, description: 'Lease', status: 'open', responsible_attorney: { id: 1 } };

describe.each(databases)('what people say to the engine at a prompt, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const say = (...args: string[]) => praetor(args, { environment: firm.settings });
  const opened = () => firm.play((control) => Number(control.create('matter', OPEN)['id']));
  const notes = () => firm.control.records('note').map(({ subject }) => subject);
  const nameOf = (user: number) =>
    firm.control.records('user').find(({ id }) => id === user)?.['name'] as string;
  const pending = async () => (await adminOf(firm.url).get('approvals', approvalsPage)).data;
  const asked = async () => {
    await opened();
    const [approval] = await pending();
    return approval?.id ?? '';
  };

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'asking.yaml': ASKING, 'by-hand.yaml': BY_HAND });
  });
  afterAll(async () => {
    await firm.close();
    await remove();
  });

  describe('approvals', () => {
    afterEach(async () => {
      for (const { id } of await pending()) await say('approvals', 'reject', id, '--by', 'Ada');
      await firm.rest();
    });

    it('are listed with who is asked', async () => {
      const id = await asked();
      const listed = await say('approvals', 'list');
      expect(listed).toMatchObject({ code: 0, err: '' });
      expect(listed.out).toMatch(new RegExp(`^ID .*OF.*UNTIL.*\n${id} .*asking.*${nameOf(1)} .*pending`));
      expect((await say('approvals', 'list', '--status', 'rejected')).out).not.toContain(id);
    });

    it.each([
      ['approve', 'approved', ['By Ada']],
      ['reject', 'rejected', []],
    ])('are decided once: %s', async (verb, status, made) => {
      const id = await asked();
      const before = notes().length;
      expect(await say('approvals', verb, id, '--by', 'Ada', '--comment', 'Seen')).toMatchObject({
        code: 0,
        out: `The approval ${id} is ${status}.\n`,
      });
      await firm.rest();
      expect(notes().slice(before)).toEqual(made);
      const other = verb === 'approve' ? 'reject' : 'approve';
      expect(await say('approvals', other, id, '--by', 'Bob')).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining(`is ${status}`),
      });
    });

    it('are shown with what follows, and approved with other words', async () => {
      const id = await asked();
      const shown = await say('approvals', 'show', id);
      expect(shown).toMatchObject({ code: 0, err: '' });
      expect(shown.out).toMatch(
        /^Approval \S+ {2}pending\n {2}step {3}0 of run .*, rule asking\n {2}record matter\/\d+/,
      );
      expect(shown.out).toContain('✓ matter.status is Open\n');
      expect(shown.out).toMatch(
        / {2}1 {2}clio\.note\.create\n[^]* {4}subject: not known yet, reads run\.approvals/,
      );
      const before = notes().length;
      const set = ['1.subject=By hand', '1.detail=a=b {{now}}'];
      const told = await say('approvals', 'approve', id, '--by', 'Ada', '--set', ...set);
      expect(told).toMatchObject({ code: 0, err: '' });
      expect(told.out).toContain('  1.detail: "Yes" -> "a=b {{now}}"\n  1.subject: null -> "By hand"\n');
      await firm.rest();
      expect(notes().slice(before)).toEqual(['By hand']);
      expect((await say('approvals', 'show', id)).out).toContain('  edited 1.subject: null -> "By hand"\n');
    });

    it.each<[RegExp, string]>([
      [/write it as step\.field=value/, 'subject'],
      [/1\.colour: clio\.note\.create takes no "colour"/, '1.colour=red'],
      [/7: no such step follows/, '7.subject=x'],
    ])('are not decided when a change cannot be made: %s', async (words, change) => {
      const id = await asked();
      const told = await say('approvals', 'approve', id, '--by', 'Ada', '--set', change);
      expect(told).toMatchObject({ code: 2, out: '', err: expect.stringMatching(words) });
      expect((await pending()).map((one) => one.id)).toEqual([id]);
    });

    it.each<[number, RegExp, string[]]>([
      [1, /no approval .*nowhere/i, ['show', 'nowhere']],
      [1, /no approval .*nowhere/i, ['approve', 'nowhere', '--by', 'Ada', '--set', 'a.b=c']],
      [1, /no approval .*nowhere/i, ['approve', 'nowhere', '--by', 'Ada']],
      [1, /no approval .*nowhere/i, ['reject', 'nowhere', '--by', 'Ada']],
      [2, /required option '--by <name>'/, ['approve', 'nowhere']],
      [2, /asked: --by: say who decides\./, ['reject', 'nowhere', '--by', '']],
      [2, /unknown option '--reason'/, ['approve', 'nowhere', '--by', 'Ada', '--reason', 'x']],
      [2, /Allowed: pending/, ['list', '--status', 'open']],
      [2, /unknown option '--by'/, ['list', '--by', 'Ada']],
      [2, /--limit/, ['list', '--limit', 'all']],
    ])('end with %i and %s', async (code, words, args) => {
      expect(await say('approvals', ...args)).toMatchObject({
        code,
        out: '',
        err: expect.stringMatching(words),
      });
    });
  });

  describe('rules', () => {
    it('are paused and resumed', async () => {
      const paused = await say(
        'rules',
        'pause',
        'asking',
        '--reason',
        'Holidays',
        '--until',
        '2099-01-01T00:00:00Z',
      );
      expect(paused).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^The rule asking is paused on .* until 2099-01-01.*: Holidays\n$/),
      });
      await opened();
      expect(await pending()).toEqual([]);
      expect(await say('rules', 'resume', 'asking')).toMatchObject({
        code: 0,
        out: 'The rule asking goes on: it is paused on no connection any more.\n',
      });
      const id = await asked();
      expect(id).not.toBe('');
      await say('approvals', 'reject', id, '--by', 'Ada');
      await firm.rest();
    });

    it('are started by hand, once for a key', async () => {
      const matter = await opened();
      const start = () => say('rules', 'run', 'by-hand', `matter/${matter}`, '--idempotency-key', 'mine');
      expect(await start()).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Started: praetor events show /),
      });
      await firm.rest();
      expect(notes().at(-1)).toBe('By hand');
      expect(await start()).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Started before with this key/),
      });
      for (const { id } of await pending()) await say('approvals', 'reject', id, '--by', 'Ada');
      await firm.rest();
    });

    it.each<[number, RegExp, string[]]>([
      [1, /no rule .*askng/i, ['pause', 'askng', '--reason', 'x']],
      [2, /connection .*nowhere/i, ['pause', 'asking', '--reason', 'x', '--connection', 'nowhere']],
      [2, /required option '--reason <text>'/, ['pause', 'asking']],
      [
        2,
        /asked: --until: write a time such as /,
        ['pause', 'asking', '--reason', 'x', '--until', 'tomorrow'],
      ],
      [2, /unknown option '--for'/, ['pause', 'asking', '--reason', 'x', '--for', '2h']],
      [1, /no rule .*askng/i, ['resume', 'askng']],
      [2, /unknown option '--reason'/, ['resume', 'asking', '--reason', 'x']],
      [2, /missing required argument 'rule'/, ['resume']],
      [1, /no rule .*by-hnd/i, ['run', 'by-hnd', 'matter/1']],
      [1, /"?asking"? .*(manual|by hand)/, ['run', 'asking', 'matter/1']],
      [2, /matter\/123/, ['run', 'by-hand', 'matter']],
      [2, /missing required argument 'record'/, ['run', 'by-hand']],
      [2, /unknown option '--key'/, ['run', 'by-hand', 'matter/1', '--key', 'x']],
    ])('end with %i and %s', async (code, words, args) => {
      expect(await say('rules', ...args)).toMatchObject({ code, out: '', err: expect.stringMatching(words) });
    });
  });

  it('without a server, what only it can do is not done, and says so', async () => {
    await firm.stopEngine();
    for (const args of [
      ['approvals', 'approve', 'x', '--by', 'Ada'],
      ['rules', 'run', 'by-hand', 'matter/1'],
    ])
      expect(await say(...args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('No server answers at'),
      });
    expect(await say('rules', 'pause', 'asking', '--reason', 'x')).toMatchObject({ code: 0 });
    expect(await say('rules', 'resume', 'asking')).toMatchObject({ code: 0 });
    await firm.startEngine();
  });

  describe('versions', () => {
    const RULE = `version: 1
id: of-the-api
name: Of the API
triggers: [{ event: matter.created }]
conditions: [{ field: matter.status, is: Open }]
actions: [{ id: told, action: log.write, with: { text: 'one {{matter.id}}' } }]
`;
    const ask = async (method: string, path: string, body: object, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${firm.url}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return {
        status: answer.status,
        body: (await answer.json()) as Record<string, unknown>,
        tag: answer.headers.get('etag') ?? '',
      };
    };
    const modeOf = async (id: string) =>
      (await adminOf(firm.url).get('rules', rulesPage)).data.find((one) => one.id === id);

    it('let a rule only watch, and act again', async () => {
      expect(await say('rules', 'shadow', 'asking')).toMatchObject({
        code: 0,
        out: 'The rule asking only watches: it decides, and nothing is sent.\n',
      });
      expect(await modeOf('asking')).toMatchObject({ shadowed: true });
      expect(await say('rules', 'shadow', 'asking', '--off')).toMatchObject({
        code: 0,
        out: 'The rule asking acts as its text says.\n',
      });
      expect(await modeOf('asking')).toMatchObject({ shadowed: false });
      const unknown = await say('rules', 'shadow', 'askng');
      expect(unknown).toMatchObject({ code: 1, out: '' });
      expect(unknown.err).toContain('askng');
    });

    it('take a rule of the API back to an older text, and no other', async () => {
      const made = await ask('POST', 'rules', { text: RULE });
      expect(made.status).toBe(201);
      await ask('PUT', 'rules/of-the-api', { text: RULE.replace('one', 'two') }, { 'if-match': made.tag });
      expect(
        await say('rules', 'rollback', 'of-the-api', '--to', '1', '--note', 'one was right'),
      ).toMatchObject({
        code: 0,
        out: 'The text of version 1 of of-the-api is in force again.\n',
      });
      const evaluated = await ask('POST', 'rules/evaluate', {
        id: 'of-the-api',
        record: { id: 7, status: 'Open' },
      });
      expect(evaluated.body['actions']).toEqual([
        { id: 'told', action: 'log.write', with: { text: 'one 7' }, error: null },
      ]);
      const refused = [
        [['of-the-api', '--to', '9'], 1, /version/],
        [['asking', '--to', '1'], 1, /file/],
        [['of-the-api', '--to', 'first'], 2, /number of a version/],
        [['of-the-api'], 2, /--to <number>/],
      ] as const;
      for (const [args, code, message] of refused) {
        const told = await say('rules', 'rollback', ...args);
        expect(told).toMatchObject({ code, out: '' });
        expect(told.err).toMatch(message);
      }
    });

    it.each([
      ['a text', { text: RULE, record: { id: 7, status: 'Open' } }, 'matched', 'condition_true'],
      [
        'another record',
        { text: RULE, record: { id: 7, status: 'Closed' } },
        'not_matched',
        'condition_false',
      ],
      ['a record without the field', { text: RULE, record: { id: 7 } }, 'unknown', 'missing_value'],
    ])('are tried on an event that is written down: %s', async (_, body, outcome, reason) => {
      const { status, body: told } = await ask('POST', 'rules/evaluate', body);
      expect(status).toBe(200);
      expect(told).toMatchObject({
        rule_id: 'of-the-api',
        outcome,
        reason,
        hints: [],
        explanation: { node: 'all' },
      });
    });

    it.each([
      [{ record: {} }, 400, 'Give the rule as'],
      [{ id: 'askng', record: {} }, 404, 'askng'],
      [{ text: 'version: 1', record: {} }, 422, 'id'],
      [
        { text: `${RULE}---\n${RULE.replace('of-the-api', 'other')}`, record: {} },
        400,
        'The text holds of-the-api, other',
      ],
      [{ text: RULE }, 400, 'record'],
    ])('are refused with words for %j', async (body, status, words) => {
      const { status: got, body: told } = await ask('POST', 'rules/evaluate', body);
      expect([got, told['detail']]).toEqual([status, expect.stringContaining(words)]);
    });
  });
});

describe('the folder of rules', () => {
  const rules = rulesFolder({ 'by-hand.yaml': BY_HAND });
  const home = mkdtempSync(join(tmpdir(), 'praetor-home-'));
  const lint = (environment: Record<string, string>, ...args: string[]) =>
    praetor(['rules', 'lint', ...args], { environment, cwd: home });

  beforeAll(() => writeFileSync(join(home, '.env'), `RULES_DIR=${rules.folder}\nROLE=boss\n`));
  afterAll(() => {
    rules.remove();
    rmSync(home, { recursive: true });
  });

  it('is the one of .env, whatever else is wrong there', async () => {
    expect(await lint({})).toMatchObject({ code: 0, out: expect.stringContaining('1 rule is fine') });
  });

  it('is the one of the process or of --dir before that', async () => {
    const nowhere = join(home, 'nowhere');
    expect(await lint({ RULES_DIR: nowhere })).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere'),
    });
    expect(await lint({ RULES_DIR: nowhere }, '--dir', rules.folder)).toMatchObject({ code: 0 });
  });
});
