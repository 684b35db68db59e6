import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunStory } from '../../src/admin/run-story.js';
import { runReport } from '../../src/cli/run-report.js';
import { databases } from '../support/databases.js';
import { LawFirm } from '../support/law-firm.js';

const rule = (id: string, trigger: string, action: string, rest = '') => `
version: 1
id: ${id}
name: ${id}
triggers: [{ event: ${trigger} }]
${rest}
actions:
  - id: act
${action}
`;
const task = (name = 'Look at {{matter.display_number}}') => `    action: clio.task.create
    with: { name: '${name}', description: 'Now.', matter: '{{matter.id}}', assignee: { role: responsible_attorney } }`;

const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

describe.each(databases)('what the engine decides, on $name', ({ url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  const start = async (rules: Record<string, string>) => {
    const database = await url();
    remove = database.remove;
    firm = await LawFirm.open(database.url, rules);
  };
  const open = () => firm.play((control) => Number(control.create('matter', opened)['id']));
  const tasks = () => firm.control.records('task').map(({ name }) => name);

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  it('a broken rule stops nobody else', async () => {
    await start({
      'good.yaml': rule('good', 'matter.created', task('Good')),
      'broken.yaml': rule('broken', 'matter.created', '    action: clio.task.destroy'),
      'torn.yaml': 'id: [',
    });
    await open();
    expect(tasks()).toEqual(['Good']);
    expect(await firm.decisions()).toEqual(['matter.created good matched']);
  });

  it('a template without its value at run time fails its own run and says which', async () => {
    await start({
      'a.yaml': rule('absent', 'matter.created', task('Stage {{matter.matter_stage.name}}')),
      'b.yaml': rule('present', 'matter.created', task('Present')),
    });
    await open();
    expect(tasks()).toEqual(['Present']);
    const failed = (await firm.runs()).find((run) => run.rule_id === 'absent');
    expect(failed?.status).toBe('failed');
    expect(JSON.stringify(failed?.steps[0]?.error)).toContain('matter.matter_stage.name');
  });

  it('a run that failed before it did anything is made up for by the next event', async () => {
    const once = `idempotency_key: '{{matter.id}}'\nevaluation: level\nconditions: { field: matter.status, is: Open }`;
    await start({ 'a.yaml': rule('call', 'matter.updated', task(), once) });
    const matter = await firm.play((control) =>
      Number(control.create('matter', { client: { id: 1 }, description: 'Call', status: 'open' })['id']),
    );
    const change = (change: Record<string, unknown>) =>
      firm.play((control) => control.update('matter', matter, change));
    await change({ description: 'First' });
    expect(tasks()).toEqual([]);
    await change({ responsible_attorney: { id: 1 } });
    await change({ description: 'Second' });
    expect(tasks()).toHaveLength(1);
    const runs = await firm.runs();
    expect(runs.at(-1)?.status).toBe('done');
    expect(new Set(runs.slice(0, -1).map(({ status }) => status))).toEqual(new Set(['failed']));
    expect(runs[0]?.error).toMatchObject({ code: 'clio.no_match' });
    expect((await firm.decisions()).at(-1)).toBe('matter.updated call suppressed');
  });

  it('a step that was skipped says why, in words', async () => {
    const note = (id: string, rest: string) => `
  - { id: ${id}, action: log.write, with: { text: '{{matter.client.name}}' }${rest} }`;
    const skipped = `${task('Stage {{matter.matter_stage.name}}')}${note('after', '')}`;
    const doubted = note('unsure', `, if: { field: matter.matter_stage.name, is: New }`).slice(1);
    await start({
      'a.yaml': rule('failing', 'matter.created', skipped),
      'b.yaml': `${rule(
        'picky',
        'matter.created',
        note('closed', `, if: { field: matter.status, is: Closed }`),
      )
        .replace('  - id: act\n', '')
        .trimEnd()}
${doubted}`,
    });
    await open();
    const report = (await firm.runs()).map(runReport).join('');
    expect(report).toContain('because the step act failed\n');
    expect(report).toContain('because its condition (if) does not hold\n');
    expect(report).toContain('because of its condition (if): a value is empty\n');
  });

  it('its own writes start no rule', async () => {
    const rename = `    action: clio.matter.update
    with: { matter: '{{matter.id}}', status: Pending }`;
    await start({ 'a.yaml': rule('self', 'matter.updated', rename, "idempotency_key: '{{event.id}}'") });
    const matter = await open();
    await firm.play((control) => control.update('matter', matter, { description: 'Divorce' }));
    expect(firm.writes()).toEqual([`PATCH /api/v4/matters/${matter}.json 200`]);
    const decided = await firm.decisions();
    expect(decided.filter((line) => line.endsWith(' matched'))).toHaveLength(1);
    expect(decided).toContain('matter.updated self suppressed');
  });

  it('a shadow rule decides and sends nothing', async () => {
    await start({ 'a.yaml': rule('quiet', 'matter.created', task(), 'mode: shadow') });
    await open();
    expect(firm.writes()).toEqual([]);
    expect(await firm.decisions()).toEqual(['matter.created quiet matched']);
    const [run] = await firm.runs();
    expect(run).toMatchObject({ mode: 'shadow', status: 'done' });
    expect(runReport(run as RunStory)).toMatch(/^ {2}input {2}\{"name":"Look at 00001-Doe",.*"matter":1,/m);
  });

  it('events that arrive in the wrong order leave one task each', async () => {
    await start({ 'a.yaml': rule('opening', 'matter.created', task()) });
    await firm.play((control) => {
      control.fault({ on: 'delivery', kind: 'reorder' });
      control.create('matter', opened);
      control.create('matter', opened);
    });
    expect(tasks()).toHaveLength(2);
    expect(new Set(tasks()).size).toBe(2);
  });

  it('a model that no rule uses is never asked for', async () => {
    await start({ 'a.yaml': rule('opening', 'matter.created', task()) });
    expect(firm.control.records('webhook').map(({ model }) => model)).toEqual(['matter']);
    await firm.play((control) => control.update('contact', 1, { last_name: 'Smith' }));
    expect(await firm.events()).toEqual([]);
  });

  it('a forged delivery and one for nobody are refused and leave nothing', async () => {
    await start({ 'a.yaml': rule('opening', 'matter.created', task()) });
    const [webhook] = firm.control.records('webhook');
    const id = webhook?.['id'] as number;
    const body = { data: { id: 1, etag: '"x"' }, meta: { event: 'created', webhook_id: id } };
    expect(await firm.play((control) => control.forge(String(id), body, '0'.repeat(64)))).toBe(401);
    const nobody = `${firm.url}/webhooks/clio/${'a'.repeat(43)}`;
    expect(await firm.play((control) => control.forge(nobody, body, '0'.repeat(64)))).toBe(404);
    expect(await firm.events()).toEqual([]);
    expect(firm.writes()).toEqual([]);
  });

  it('a record deleted before it could be read ends as gone', async () => {
    const detail = `${task('{{matter.custom_number}} {{matter.responsible_attorney.email}}')}`;
    await start({ 'a.yaml': rule('opening', 'matter.created', detail) });
    firm.control.fault({ on: 'request', method: 'GET', path: '/matters', kind: 'slow', delayMs: 1_000 });
    await firm.play((control) => {
      const { id } = control.create('matter', opened);
      control.remove('matter', Number(id));
    });
    expect(tasks()).toEqual([]);
  });
});
