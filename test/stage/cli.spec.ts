import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { rulesPage } from '../../src/admin/rule-views.js';
import { until } from '../../src/demo/poll.js';
import { systemClock } from '../../src/lib/clock.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, adminOf, LawFirm, rulesFolder, settingsFor } from '../support/law-firm.js';
import { launch, praetor, run } from '../support/praetor.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
conditions:
  - { field: matter.status, is: Open }
actions:
  - id: check
    action: clio.task.create
    with: { name: 'Check', description: 'Now.', matter: '{{matter.id}}', assignee: { role: responsible_attorney } }
tests:
  - name: an open matter
    event: matter.created
    record: { id: 7, status: Open, responsible_attorney: { id: 1 } }
    previous: null
    expect: { outcome: matched, actions: [{ id: check, with: { name: Check } }] }
owner: office@firm.example
`;
const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown> & { data: { id: string }[] };

describe('the command line', () => {
  it.each([
    [
      ['--help'],
      0,
      'out',
      'Exit codes: 0 fine, 1 the answer is no or it cannot be done now, 2 wrong usage or settings.',
    ],
    [['rules', '--help'], 0, 'out', 'eval'],
    [['rule'], 2, 'err', 'Did you mean rules?'],
    [['runs', 'list', '--statsu', 'done'], 2, 'err', 'Did you mean --status?'],
    [['runs', 'list', '--limit', '0'], 2, 'err', 'whole number from 1 to 200'],
    [
      ['runs', 'list', '--status', 'faild'],
      2,
      'err',
      '--status: "faild" is not possible. Did you mean "failed"?',
    ],
    [['runs', 'list', '--since', 'monday'], 2, 'err', '--since: it must be a time like'],
    [['runs', 'list', '--help'], 0, 'out', '--search <text>'],
    [['runs', 'show'], 2, 'err', "missing required argument 'id'"],
    [['rules', 'eval', '--rule', 'x.yaml'], 2, 'err', "required option '--event <file>' not specified"],
    [['sandbox', '--port', 'http'], 2, 'err', 'a port from 0 to 65535'],
    [['sandbox', '--rate-limit', '0'], 2, 'err', 'a whole number of calls'],
    [['connections', 'add'], 2, 'err', "required option '--access-token <token>' not specified"],
    [
      ['connections', 'add', '--access-token', 'a', '--expires-in', 'soon'],
      2,
      'err',
      'whole number of seconds',
    ],
    [['connections', 'add', '--access-token', 'a', '--base-url', 'clio'], 2, 'err', 'base_url'],
  ] as const)('praetor %j ends with %d and says so', async (args, code, stream, message) => {
    const ended = await praetor([...args]);
    expect(ended.code).toBe(code);
    expect(ended[stream]).toContain(message);
  });

  it('is built to say so as a program of its own', async () => {
    const ended = await run('cli.js', ['rule']);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('Did you mean rules?');
    expect((await run('cli.js', ['rules', 'lint', resolve('rules')])).code).toBe(0);
  });

  it('names every setting that is wrong', async () => {
    const ended = await praetor(['runs', 'list'], { environment: { PORT: 'x', ROLE: 'boss' } });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(/2 settings are invalid:\n {2}- PORT .*\n {2}- ROLE .*/);
  });

  it.each([
    ['events list', /There is no database .*none\.sqlite yet: start the server first \(npm start\)/],
    ['runs cancel x --reason y', /There is no database .*none\.sqlite yet: start the server first/],
    ['rules pause opening --reason x', /There is no database .*none\.sqlite yet: start the server first/],
    ['token revoke x', /There is no database .*none\.sqlite yet: start the server first/],
    ['rules run opening matter/1', /No server answers at/],
    ['rules shadow opening', /No server answers at/],
    ['rules rollback opening --to 1', /No server answers at/],
    ['approvals approve x --by Ada', /No server answers at/],
  ])('%s makes neither database nor key where there is no server', async (words, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'praetor-none-'));
    // Nobody listens on port 1.
    const environment = { DATABASE_URL: `sqlite:${join(folder, 'data', 'none.sqlite')}`, PORT: '1' };
    const ended = await praetor(words.split(' '), { environment });
    expect(ended).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe('praetor rules', () => {
  let folder: string;
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'praetor-cli-'));
    mkdirSync(join(folder, 'good'));
    mkdirSync(join(folder, 'none'));
    file('good/opening.yaml', RULE);
    file('broken.yaml', RULE.replace('clio.task.create', 'clio.task.creat'));
    file(
      'slip.yaml',
      RULE.replace('name: Opening', 'name: off').replace('clio.task.create', 'clio.task.creat'),
    );
    file(
      'nameless.yaml',
      RULE.replace("name: 'Check', description", "name: '{{matter.client.name}}', description"),
    );
    file('list.json', '[]');
    file('red.yaml', RULE.replace('outcome: matched', 'outcome: not_matched'));
    file('untested.yaml', RULE.slice(0, RULE.indexOf('tests:')));
    file('two.yaml', `${RULE}---\n${RULE.replace('id: opening', 'id: second')}`);
    file('event.json', JSON.stringify({ event: 'matter.created', record: { id: 9, status: 'Open' } }));
    file('closed.json', JSON.stringify({ event: 'matter.created', record: { id: 9, status: 'Closed' } }));
    const marked = `\ufeff${readFileSync(join(folder, 'event.json'), 'utf8')}`;
    file('marked.json', marked);
    writeFileSync(join(folder, 'utf16.json'), marked, 'utf16le');
    file('nothing.json', '{"event": "matter.created"}');
    file('cut.json', '{"event": "matter.cre');
    file('empty.json', '');
    file('comma.json', '{\n  "event": "matter.created",\n  "record": { "id": 9 },\n}');
    file('single.json', "{\n  'event': 'matter.created'\n}");
    file('misspelt.json', '{"event": "matter.created", "recrod": {}, "record": {}}');
    file('local.json', '{"event": "matter.created", "record": {}, "now": "3/9/2026"}');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const rules = (...args: string[]) =>
    praetor(['rules', ...args.map((arg) => arg.replace(/^@/, `${folder}/`))]);

  it('list shows each rule with its state and version', async () => {
    const { code, out } = await rules('list', '--dir', '@good');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ID +STATE +MODE +VERSION +FILE +NAME\nopening +active +\S+ +[0-9a-f]{8} .*Opening\n$/,
    );
    const json = parsed((await rules('--json', 'list', '--dir', '@good')).out);
    expect(json.data).toMatchObject([{ id: 'opening', state: 'active' }]);
  });

  it('lint is 0 for good rules, 1 with file, line, column and remedy for a broken one', async () => {
    expect(await rules('lint', '@good')).toMatchObject({
      code: 0,
      out: 'Calls to Clio of one run at most: opening 2.\n1 rule is fine, 0 broken.\n',
    });
    const { code, out } = await rules('lint', '@broken.yaml');
    expect(code).toBe(1);
    expect(out).toMatch(/broken\.yaml:9:5 .*clio\.task\.creat.*clio\.task\.create/);
    expect(out).toContain('0 rules are fine, 1 broken.');
    const json = parsed((await rules('--json', 'lint', '@broken.yaml')).out);
    expect(json).toMatchObject({ ok: false, diagnostics: [{ line: 9, column: 5, severity: 'error' }] });
  });

  it('lint warns of files that are named almost as rules are, and read by nobody', async () => {
    mkdirSync(join(folder, 'hidden'));
    file('hidden/opening.yaml', RULE);
    for (const name of ['call.yaml.txt', 'CALL.YML', 'rule.schema.json', '.call.yaml', 'notes.txt'])
      file(`hidden/${name}`, 'x');
    const { code, out } = await rules('lint', '@hidden');
    expect(code).toBe(0);
    expect(out.match(/[^/]+ warning R000 This file is not read: .* Rename it\.\n/g)).toEqual([
      expect.stringMatching(/^call\.yaml\.txt:1:1 /),
      expect.stringMatching(/^CALL\.YML:1:1 /),
    ]);
  });

  it('lint warns of rules in folders below, which nobody reads, and not of what else lies there', async () => {
    for (const name of ['', '/family', '/blueprints', '/calendars', '/fixtures', '/.git'])
      mkdirSync(join(folder, `above${name}`));
    for (const name of ['', 'family/', 'blueprints/', '.git/']) file(`above/${name}opening.yaml`, RULE);
    file('above/calendars/office.yaml', 'description: Office');
    file('above/fixtures/event.json', '{ "event": "matter.created" }');
    const { code, out } = await rules('lint', '@above');
    expect(code).toBe(0);
    const warnings = out.split('\n').filter((line) => line.includes(' R000 '));
    expect(warnings).toEqual([
      expect.stringMatching(
        /above\/family\/opening\.yaml:1:1 warning R000 This file is not read: .* Move it to .*above\.$/,
      ),
    ]);
  });

  it('test is 0 when all pass, 1 for a failing, a missing and a broken one', async () => {
    expect(await rules('test', '@good')).toMatchObject({ code: 0, out: 'ok   opening: 1 passed\n' });
    const red = await rules('test', '@red.yaml');
    expect(red.code).toBe(1);
    expect(red.out).toMatch(/^FAIL opening: an open matter: .*not_matched/);
    expect(await rules('test', '@untested.yaml')).toMatchObject({
      code: 1,
      out: expect.stringContaining('FAIL opening: it has no tests; add "tests"') as unknown as string,
    });
    expect((await rules('test', '@broken.yaml')).code).toBe(1);
    const slip = await rules('test', '@slip.yaml');
    expect(slip.out).toMatch(/^FAIL .*slip\.yaml:9:5 error R020 [^\n]*\n$/);
    expect(parsed((await rules('--json', 'test', '@good')).out)).toMatchObject({ ok: true, broken: [] });
  });

  it('says which path is wrong, or holds no rule', async () => {
    const missing = await rules('lint', '@nowhere');
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toMatch(/nowhere" cannot be read .*; name a rule file or a folder of them\.\n$/);
    const empty = await rules('test', '@none');
    expect(empty.code).toBe(2);
    expect(empty.err).toContain('There is no rule in');
  });

  it('eval tells outcome, reason, tree and actions; 1 when the rule does not match', async () => {
    const matched = await rules('eval', '--rule', '@good/opening.yaml', '--event', '@event.json');
    expect(matched.code).toBe(0);
    expect(matched.out).toMatch(/^Rule opening \(version [0-9a-f]{8}\): matched, /);
    expect(matched.out).toContain('check  clio.task.create');
    const marked = await rules('eval', '--rule', '@good/opening.yaml', '--event', '@marked.json');
    expect(marked).toEqual(matched);
    const not = await rules('--json', 'eval', '--rule', '@good/opening.yaml', '--event', '@closed.json');
    expect(not.code).toBe(1);
    expect(parsed(not.out)).toMatchObject({ outcome: 'not_matched', actions: [] });
  });

  it('eval tells the tree, and which step would fail', async () => {
    const failing = await rules('eval', '--rule', '@nameless.yaml', '--event', '@event.json');
    expect(failing).toMatchObject({ code: 1, err: '' });
    expect(failing.out).toContain('matched, condition_true\n');
    expect(failing.out).toContain('✓ matter.status is Open');
    expect(failing.out).toContain('\ncheck  clio.task.create\nwould fail: with/name: matter.client.name is');
    const json = await rules('--json', 'eval', '--rule', '@nameless.yaml', '--event', '@event.json');
    expect(parsed(json.out)).toMatchObject({
      actions: [{ id: 'check', with: null, error: { code: 'rule.template_failed' } }],
    });
  });

  it.each([
    ['@two.yaml', '@event.json', /holds opening, second; name one of them with --id/],
    ['@broken.yaml', '@event.json', /The rule is broken: .*broken\.yaml:9:5/],
    ['@slip.yaml', '@event.json', /The rule is broken: .*slip\.yaml:9:5 error/],
    [
      '@good/opening.yaml',
      '@list.json',
      /list\.json cannot be used: it must be an object, not \[\]\. It holds/,
    ],
    ['@good/opening.yaml', '@nothing.json', /nothing\.json cannot be used: record: it is missing\. It holds/],
    ['@good/opening.yaml', '@utf16.json', /utf16\.json cannot be used: it is not UTF-8; save it with that/],
    ['@good/opening.yaml', '@cut.json', /cut\.json cannot be used: .*JSON/],
    ['@good/opening.yaml', '@empty.json', /empty\.json cannot be used: it is empty\. It holds/],
    [
      '@good/opening.yaml',
      '@comma.json',
      /at 3:24 JSON has no comma before a closing } or ]: take it out\. It/,
    ],
    ['@good/opening.yaml', '@single.json', /at 2:3 it is no JSON .*write keys and texts in double quotes/],
    ['@good/opening.yaml', '@misspelt.json', /"recrod"\. Did you mean "record"\?/],
    ['@good/opening.yaml', '@local.json', /now: it must be a time like 2026-03-06T15:50:00Z\. It/],
    ['@good/opening.yaml', '@gone.json', /gone\.json cannot be used: .*ENOENT/],
  ])('eval of %s on %s says what is wrong', async (rule, event, message) => {
    const { code, out, err } = await rules('eval', '--rule', rule, '--event', event);
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('takes one of several rules by --id', async () => {
    const { code, out } = await rules(
      'eval',
      '--rule',
      '@two.yaml',
      '--event',
      '@event.json',
      '--id',
      'second',
    );
    expect(code).toBe(0);
    expect(out).toContain('Rule second');
  });

  it.each([
    ['eval', '--rule', '@two.yaml', '--event', '@event.json', '--id', 'secnd'],
    ['backtest', '@two.yaml', '--rule', 'secnd'],
  ])('%s ends with 1 for a rule that is not there', async (...args) => {
    expect(await rules(...args)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('no rule "secnd"') as unknown,
    });
  });

  it('lints and tests the rules that are shipped', async () => {
    expect((await praetor(['rules', 'lint', resolve('rules')])).code).toBe(0);
    expect((await praetor(['rules', 'test', resolve('rules')])).code).toBe(0);
  });
});

describe.each(databases)('commands that look into $name', ({ name, url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;
  const ask = (...args: string[]) => praetor(args, { environment: firm.settings });

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, { 'opening.yaml': RULE });
    await firm.play((control) => control.create('matter', opened));
    await firm.play((control) => control.create('matter', { ...opened, status: 'pending' }));
  }, 60_000);
  afterAll(async () => {
    await firm.close();
    await remove();
  });

  it('runs list and show tell the whole story, while the engine runs', async () => {
    const list = await ask('runs', 'list');
    expect(list.code).toBe(0);
    expect(list.out).toMatch(
      /^ID +STARTED +RULE +RECORD +STATUS\n\S+ +2026-\S+ \S+Z +opening +matter\/\d+ +done\n$/,
    );
    const [run] = parsed((await ask('--json', 'runs', 'list', '--rule', 'opening')).out).data;
    const { code, out } = await ask('runs', 'show', run?.id ?? '');
    expect(code).toBe(0);
    for (const part of [
      /^Run \S+ {2}matter\/\d+ {2}done$/m,
      /^Event \S+ {2}matter\.created \d+ /m,
      /^Rule opening \(version [0-9a-f]{8}\): matched, /m,
      /^Step check {2}clio\.task\.create {2}done {2}\(Automation \S+\)$/m,
      /^ {2}input {2}\{"name":"Check"/m,
      /^ {2}attempt 1 .*, done, \d+ ms, wrote task\/\d+$/m,
    ])
      expect(out).toMatch(part);
    expect(parsed((await ask('--json', 'runs', 'show', run?.id ?? '')).out)).toMatchObject({
      status: 'done',
      steps: [{ key: 'check', attempts: [{ result: 'done', writes: [{ model: 'task' }] }] }],
    });
    expect(parsed((await ask('--json', 'runs', 'list', '--rule', 'other')).out).data).toEqual([]);
  });

  it('events list and show explain also why nothing was done', async () => {
    const events = parsed((await ask('--json', 'events', 'list', '--type', 'matter.created')).out).data;
    expect(events).toHaveLength(2);
    const { code, out } = await ask('events', 'show', events[0]?.id ?? '');
    expect(code).toBe(0);
    expect(out).toMatch(/Rule opening \(version [0-9a-f]{8}\): not_matched, /);
    expect(out).toContain('matter.status');
  });

  it('tries and explains a rule of the API as the API does, and says what else was meant', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    const text = RULE.replace('id: opening', 'id: of-the-api');
    const made = await fetch(`${firm.url}/api/v1/rules`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ text }),
    });
    expect(made.status).toBe(201);
    const listed = parsed((await ask('--json', 'rules', 'list')).out);
    expect(listed.data).toMatchObject([
      { id: 'of-the-api', file: 'api:of-the-api', authoring: 'api' },
      { id: 'opening', authoring: 'files' },
    ]);
    const matter = await firm.play((control) => control.create('matter', opened));
    const record = `matter/${Number(matter['id'])}`;
    const path = `/api/v1/rules/of-the-api/explain?record=${record}&since=7d`;
    const told = (await (await fetch(`${firm.url}${path}`, { headers })).json()) as object;
    const explained = await ask('--json', 'rules', 'explain', 'of-the-api', record, '--since', '2w');
    expect(explained).toMatchObject({ code: 0, err: '' });
    expect(told).toMatchObject({ timeline: [{ outcome: 'matched' }] });
    expect(parsed(explained.out)).toMatchObject({ ...told, since: expect.any(String) as unknown });
    const replayed = await ask('--json', 'rules', 'backtest', 'of-the-api', '--days', '3650');
    expect(replayed).toMatchObject({ code: 0, err: '' });
    expect(parsed(replayed.out)).toMatchObject({ rules: [{ rule_id: 'of-the-api' }] });
    const wrong = await ask('rules', 'explain', 'of-teh-api', record);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('no rule "of-teh-api". Did you mean "of-the-api"? List the rules');
    expect((await ask('rules', 'backtest', 'of-teh-api')).code).toBe(1);
    expect((await ask('rules', 'pause', 'of-teh-api', '--reason', 'x')).code).toBe(1);
    expect((await ask('rules', 'run', 'of-teh-api', record)).code).toBe(1);
    expect((await ask('rules', 'rollback', 'of-teh-api', '--to', '1')).code).toBe(1);
    const unread = await ask('rules', 'backtest', 'of-the-api', '--connection', 'x');
    expect(unread).toMatchObject({ code: 2, out: '' });
    expect(unread.err).toContain('--connection goes with --from-clio only');
    const soon = await ask('rules', 'explain', 'of-the-api', record, '--since', 'soon');
    expect(soon).toMatchObject({ code: 2, out: '' });
    expect(soon.err).toContain('--since: it must be a time like 2026-03-01T09:00:00Z, a day like');
    const gone = await fetch(`${firm.url}/api/v1/rules/of-the-api?waiting=finish`, {
      method: 'DELETE',
      headers: { authorization: headers.authorization, 'if-match': made.headers.get('etag') ?? '' },
    });
    expect(gone.status).toBeLessThan(300);
  });

  it('events export writes what rules eval reads', async () => {
    const [event] = parsed((await ask('--json', 'events', 'list', '--sort', 'received_at')).out).data;
    const exported = await ask('events', 'export', event?.id ?? '', '--redact');
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(parsed(exported.out)).toMatchObject({ event: 'matter.created', record: { status: 'Open' } });
    const folder = rulesFolder({ 'opening.yaml': RULE, 'event.txt': exported.out });
    const [rule, file] = [join(folder.folder, 'opening.yaml'), join(folder.folder, 'event.txt')];
    const evaluated = await ask('rules', 'eval', '--rule', rule, '--event', file);
    expect(evaluated.out).toMatch(/^Rule opening \(version [0-9a-f]{8}\): matched, /);
    folder.remove();
    expect((await ask('events', 'export', '01NONE')).err).toContain('There is no event "01NONE"');
  });

  it('lists go on where they ended', async () => {
    const first = parsed((await ask('--json', 'events', 'list', '--limit', '1')).out);
    const cursor = String(first['next_cursor']);
    const second = parsed((await ask('--json', 'events', 'list', '--limit', '1', '--cursor', cursor)).out);
    expect(second.data).toHaveLength(1);
    expect(second.data).not.toEqual(first.data);
    const refused = await ask('runs', 'list', '--cursor', cursor);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('cursor');
  });

  it('lists take the filters and the sort of the API', async () => {
    const both = parsed((await ask('--json', 'events', 'list', '--sort', 'received_at')).out).data;
    const [first, second] = both as unknown as { id: string; record_id: string; model: string }[];
    expect(String(first?.id) < String(second?.id)).toBe(true);
    const list = (...args: string[]) => ask('--json', 'events', 'list', ...args);
    const record = `${first?.model}/${first?.record_id}`;
    expect(parsed((await list('--record', record)).out).data).toMatchObject([{ id: first?.id }]);
    expect(parsed((await list('--search', String(second?.id).toLowerCase())).out).data).toMatchObject([
      { id: second?.id },
    ]);
    expect(parsed((await list('--status', 'failed,gone', '--since', '7d')).out).data).toEqual([]);
    const wrong = await list('--record', '77');
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('--record: it must be model and id, like matter/123');
  });

  it('what is not there is a no, in one line', async () => {
    for (const what of ['run', 'event']) {
      const ended = await ask(`${what}s`, 'show', '01NONE');
      expect(ended).toMatchObject({ code: 1, out: '' });
      expect(ended.err).toMatch(new RegExp(`^praetor: .*${what}.*01NONE.*\n$`));
    }
  });

  it('connections list shows who is connected, and no secret', async () => {
    const { code, out } = await ask('connections', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(/active +0 +matter enabled until \d{4}-\d\d-\d\d\n$/);
    const json = (await ask('--json', 'connections', 'list')).out;
    expect(json).not.toMatch(/secret|key|access_token|refresh_token/);
  });

  it('alerts list shows what a person has to look at, and that there is nothing', async () => {
    expect(await ask('alerts', 'list')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^RAISED.*\n$/),
    });
    const about = { connectionId: null, kind: 'scope_missing', subject: 'bill' } as const;
    await firm.app.get(AlertStore).raise(about, 'Clio forbids it.');
    expect((await ask('alerts', 'list')).out).toMatch(/open +scope_missing +bill +Clio forbids it\.\n$/);
    await firm.app.get(AlertStore).close(about);
    const json = parsed((await ask('--json', 'alerts', 'list', '--status', 'closed')).out);
    expect(json.data).toMatchObject([{ kind: 'scope_missing', status: 'closed' }]);
    expect(await ask('alerts', 'list', '--status', 'new')).toMatchObject({ code: 2, out: '' });
  });

  it('connections gaps shows what webhooks told of, by model, and whether it is processed', async () => {
    const since = ['--since', '2026-01-01T00:00:00Z'];
    const { code, out } = await ask('connections', 'gaps', ...since);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^.+ \(\S+\) since 2026-01-01 00:00:00Z: \d+ changes \(webhooks delivered 100\.0 %\), 0 late, 0 never came, all processed\.\n/,
    );
    expect(out).toMatch(
      /\nMODEL +DELIVERED +LATE +NEVER CAME +POLLED +PROCESSED +OPEN +LAST READ\nmatter +\d+ +0 +0 +0 /,
    );
    const { data } = parsed((await ask('--json', 'connections', 'gaps', ...since)).out);
    expect(data).toMatchObject([{ models: [{ model: 'matter', late: 0, never_came: 0, open: 0 }] }]);
    expect(await ask('connections', 'gaps', '01NONE')).toMatchObject({ code: 1, out: '' });
    expect(await ask('connections', 'gaps', '--since', 'yesterday')).toMatchObject({ code: 2, out: '' });
  });

  it('connections add goes through the running server', async () => {
    const token = firm.control.token();
    const add = (input: string) =>
      praetor(['connections', 'add', '--base-url', firm.sandbox.origin, '--access-token', '-'], {
        environment: firm.settings,
        input,
      });
    // The sandbox waits on the firm's clock when the budget is spent.
    const added = await add(`${token}\n`);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toMatch(/^Connected .+: connection \S+\n$/);
    expect(added.out).not.toContain(token);
    const refused = await add('not-a-token');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('refused');
    const unknown = await praetor(['connections', 'add', '--access-token', token], {
      environment: { ...firm.settings, ADMIN_TOKEN: '' },
    });
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('set ADMIN_TOKEN');
  });

  it('connections add stores by itself while no server runs', async () => {
    const database = await databases.find((one) => one.name === name)!.url();
    const environment = { ...firm.settings, DATABASE_URL: database.url, PORT: '1' };
    const options = ['--base-url', firm.sandbox.origin, '--name', 'Later', '--expires-in', '3600'];
    const added = await praetor(
      ['--json', 'connections', 'add', ...options, '--access-token', firm.control.token()],
      { environment },
    );
    expect(added).toMatchObject({ code: 0, err: '' });
    const list = await praetor(['--json', 'connections', 'list'], { environment });
    expect(parsed(list.out).data).toMatchObject([{ id: parsed(added.out)['id'], name: 'Later' }]);
    await database.remove();
  });
});

describe('praetor serve', () => {
  let sandbox: Sandbox;
  let environment: Record<string, string>;
  let rules: ReturnType<typeof rulesFolder>;
  const data = mkdtempSync(join(tmpdir(), 'praetor-serve-'));

  beforeAll(async () => {
    rules = rulesFolder({ 'opening.yaml': RULE });
    sandbox = await startSandbox({ clock: systemClock });
    environment = await settingsFor(sandbox, `sqlite:${join(data, 'p.sqlite')}`, rules.folder);
  });
  afterAll(async () => {
    await sandbox.stop();
    rules.remove();
    rmSync(data, { recursive: true });
  });

  it('serves until it is stopped politely', async () => {
    const child = launch('cli.js', ['serve'], { environment });
    const ready = () =>
      fetch(`${environment['PUBLIC_URL']}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the engine does not start', ready);
    const { data: known } = await adminOf(environment['PUBLIC_URL'] ?? '').get('rules', rulesPage);
    expect(known).toMatchObject([{ id: 'opening', state: 'active' }]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await ready()).toBe(false);
  });

  it('ends as npm start does when the database cannot be opened (1) and when the settings are wrong (2)', async () => {
    const unusable = { ...environment, DATABASE_URL: `sqlite:${join(data, 'taken', 'p.sqlite')}` };
    writeFileSync(join(data, 'taken'), 'a file in the way');
    const wrong = { ...environment, ROLE: 'boss' };
    for (const [settings, code] of [
      [unusable, 1],
      [wrong, 2],
    ] as const) {
      const ended = await praetor(['serve'], { environment: settings });
      expect(ended).toMatchObject({ code, out: '' });
      const started = await run('main.js', [], { environment: settings });
      expect(started.code).toBe(code);
      expect(ended.err).toBe(`praetor: ${started.err}`);
    }
  });
});

describe('praetor sandbox', () => {
  async function startedWith(options: string[], end: string) {
    const child = launch('cli.js', [...options, 'sandbox', '--port', '0', '--rate-limit', '7']);
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await until('the sandbox does not start', async () => out.endsWith(end));
    return { child, out };
  }

  it('says where it listens and what opens it, and stops politely', async () => {
    const { child, out } = await startedWith(['--json'], '}\n');
    const { url, access_token, ...app } = JSON.parse(out) as Record<string, string>;
    expect(app).toEqual({ client_id: 'sandbox-client', client_secret: 'sandbox-secret' });
    const answer = await fetch(`${url}/api/v4/users/who_am_i.json`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ratelimit-limit')).toBe('7');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says the same to people', async () => {
    const { child, out } = await startedWith([], 'stop.\n');
    expect(out).toMatch(
      /^A Clio sandbox listens on http:.*\nAccess token: +\S+\nClient id: +sandbox-client\nClient secret: +sandbox-secret\n/,
    );
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('refuses a port that is taken in one line', async () => {
    const { child, out } = await startedWith(['--json'], '}\n');
    const { port } = new URL((JSON.parse(out) as { url: string }).url);
    const second = await praetor(['sandbox', '--port', port]);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(/^praetor: .*EADDRINUSE.*\n$/);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});

it('package.json offers the program as praetor', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  expect(bin).toEqual({ praetor: 'dist/cli.js' });
  // npx marks it once only, and every build writes it anew.
  expect(statSync('dist/cli.js').mode & 0o111).toBe(0o111);
});
