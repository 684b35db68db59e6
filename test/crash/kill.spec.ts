import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { runsPage } from '../../src/admin/run-views.js';
import { connectionsPage } from '../../src/admin/connection-views.js';
import { decisionsPage } from '../../src/admin/decision-views.js';
import { until } from '../../src/demo/poll.js';
import { connect } from '../../src/demo/start-demo.js';
import { systemClock } from '../../src/lib/clock.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { databases } from '../support/databases.js';
import { adminOf, rulesFolder, settingsFor } from '../support/law-firm.js';

const RULE = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - id: check
    action: clio.task.create
    with: { name: 'Check', description: 'Now.', matter: '{{matter.id}}', assignee: { role: responsible_attorney } }
  - id: note
    action: clio.note.create
    with: { type: Matter, matter: '{{matter.id}}', subject: 'Opened', detail: 'By the rules.', date: '2026-11-24' }
`;
/** Listens to what the other rule writes. */
const ON_TASK = `
version: 1
id: on-task
name: A task was made
triggers: [{ event: task.created }]
conditions: { field: task.matter.id, exists: true }
actions:
  - id: note
    action: clio.note.create
    with: { type: Matter, matter: '{{task.matter.id}}', subject: 'Task {{task.name}}', detail: 'Made.' }
`;
const opened = {
  client: { id: 1 },
  description: 'Dissolution',
  status: 'open',
  responsible_attorney: { id: 1 },
};

const asked = (control: SandboxControl, method: string, what: string) =>
  control.calls().filter((call) => call.method === method && call.path.includes(what));

describe.each(databases)('kill -9 and a new start on $name', ({ url }) => {
  let sandbox: Sandbox;
  let settings: Record<string, string>;
  let engine: ChildProcess;
  let cleanUp: (() => unknown)[];

  const start = async () => {
    engine = spawn(process.execPath, ['dist/main.js'], {
      env: { ...process.env, ...settings },
      stdio: 'ignore',
    });
    const ready = () =>
      fetch(`${settings['PUBLIC_URL']}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the engine does not start', ready);
  };
  const kill = async () => {
    engine.kill('SIGKILL');
    await once(engine, 'exit');
  };
  const api = () => adminOf(settings['PUBLIC_URL'] ?? '');

  beforeEach(async () => {
    const database = await url();
    const rules = rulesFolder({ 'on-task.yaml': ON_TASK, 'opening.yaml': RULE });
    // What reached nobody comes again soon: Clio's first two minutes are longer than this test.
    sandbox = await startSandbox({
      clock: systemClock,
      retryDelaysMs: Array.from({ length: 90 }, () => 1_000),
    });
    settings = await settingsFor(sandbox, database.url, rules.folder);
    cleanUp = [() => sandbox.stop(), () => rules.remove(), () => database.remove()];
    await start();
    await connect(settings['PUBLIC_URL'] ?? '');
    await until('the webhooks are not enabled', async () => {
      const { data } = await api().get('connections', connectionsPage);
      return data[0]?.subscriptions.filter(({ status }) => status === 'enabled').length === 2;
    });
  });

  afterEach(async () => {
    await kill();
    for (const remove of cleanUp) await remove();
  });

  it.each<[string, (control: SandboxControl) => boolean]>([
    ['the delivery is answered', (control) => control.deliveries().some(({ status }) => status === 200)],
    ['Clio has made the task and its answer is under way', (control) => control.records('task').length === 1],
    ['the second step is under way', (control) => asked(control, 'POST', '/notes').length === 1],
  ])('as soon as %s: exactly one task and one note, and the task is known as our own', async (_, isTime) => {
    const { control } = sandbox;
    control.fault({ on: 'request', method: 'POST', path: '/tasks', kind: 'slow', delayMs: 1_000 });
    control.fault({ on: 'request', method: 'POST', path: '/notes', kind: 'slow', delayMs: 1_000 });
    control.create('matter', opened);
    await until('the moment to kill does not come', async () => isTime(control));
    await kill();
    await control.clearFaults();
    await start();
    await until('the run does not end', async () => {
      const { data } = await api().get('runs', runsPage);
      return data.some(({ rule_id, status }) => rule_id === 'opening' && status === 'done');
    });
    await until('the task does not come back', async () => {
      const { data } = await api().get('decisions?rule_id=on-task', decisionsPage);
      return data.length > 0;
    });
    const { data } = await api().get('decisions', decisionsPage);
    expect(data.map(({ rule_id, outcome, reason }) => `${rule_id} ${outcome} ${reason}`).sort()).toEqual([
      'on-task suppressed own_echo',
      'opening matched condition_true',
    ]);
    expect(control.records('task')).toHaveLength(1);
    expect(control.records('note')).toHaveLength(1);
  });
});
