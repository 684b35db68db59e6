// A backtest of 50 rules over 100,000 archived events: DESIGN's bar is 10 s, flat memory and no call to anybody.
import { Session } from 'node:inspector/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const { draftsOf } = await import('../src/cli/backtest-rules.ts');
const { backtestArchive } = await import('../src/match/backtest-archive.ts');
const { vocabulary } = await import('../src/vocabulary.ts');
const { systemClock } = await import('../src/lib/clock.ts');
const { newId } = await import('../src/lib/ids.ts');
const { startSandbox } = await import('../src/sandbox/sandbox.ts');
const { openDatabase } = await import('../src/store/database.ts');
const { archivedEvents } = await import('../src/store/event-archive.ts');
const { Connection } = await import('../src/store/connection.entity.ts');
const { InboundEvent } = await import('../src/store/inbound-event.entity.ts');

const NOW = new Date('2026-03-30T12:00:00Z');
const SPAN_MS = 80 * 86_400_000;

const KINDS = [
  ['matter', 'updated', 'matter.status', 'Open'],
  ['matter', 'updated', 'matter.matter_stage.name', 'Trial'],
  ['matter', 'created', 'matter.practice_area.name', 'Family'],
  ['task', 'updated', 'task.status', 'complete'],
  ['bill', 'updated', 'bill.state', 'paid'],
];

function ruleText(index) {
  const [model, what, field, value] = KINDS[index % KINDS.length];
  return `version: 1
id: rule-${index}
name: Rule ${index}
triggers: [{ event: ${model}.${what} }]
conditions:
  - { field: ${field}, is: ${value} }
  - any:
      - { field: ${model}.id, gt: ${(index * 37) % 900} }
      - { field: ${model}.created_at, exists: false }
idempotency_key: '{{rule.id}}:{{${model}.id}}'
actions:
  - { action: log.write, with: { text: 'Seen {{${model}.id}}' } }
`;
}

function eventRow(index, events) {
  const [model, what, field, value] = KINDS[index % KINDS.length];
  const [, ...path] = field.split('.');
  const last = path.pop();
  const state = (text) => path.reduceRight((inner, key) => ({ [key]: inner }), { [last]: text });
  const id = index % 1_000;
  const about = { id, etag: `"${index}"`, created_at: '2026-01-01T00:00:00Z', description: 'x'.repeat(300) };
  const isNew = index % 7 === 0;
  const type = `${model}.${what}`;
  return {
    id: newId(), connectionId: 'one', subscriptionId: null, source: 'webhook', model, recordId: String(id), type,
    types: [type], etag: null, dedupeKey: String(index), payload: { id },
    receivedAt: NOW.getTime() - SPAN_MS + Math.floor((index / events) * SPAN_MS), webhookAt: null,
    status: 'matched', reason: null, attempts: 1, dueAt: 0, record: { ...about, ...state(isNew ? value : 'other') },
    previous: what === 'created' ? null : { ...about, ...state('other') }, changed: [field], causedByRunId: null, depth: 0,
  }; // prettier-ignore
}

async function fill(database, events, baseUrl) {
  const connection = {
    id: 'one', name: 'Bench', region: null, baseUrl, userId: '1', userName: 'Ann', accountId: null, accountName: null, status: 'active',
    accessToken: 'none', refreshToken: null, tokenExpiresAt: null, authorisedAt: 0, createdAt: 0, updatedAt: 0,
  }; // prettier-ignore
  await database.write((tx) => tx.insert(Connection, connection));
  for (let from = 0; from < events; from += 500) {
    const rows = Array.from({ length: Math.min(500, events - from) }, (_, index) =>
      eventRow(from + index, events),
    );
    await database.write((tx) => tx.insert(InboundEvent, rows));
  }
}

async function measured(work) {
  const before = process.resourceUsage().maxRSS;
  const busy = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(busy);
  return {
    result,
    seconds,
    work: (user + system) / 1e6,
    grown: (process.resourceUsage().maxRSS - before) / 1024,
  };
}

/** With PROFILE=file the backtest alone is profiled. */
async function profiled(work) {
  if (process.env.PROFILE === undefined) return work();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(process.env.PROFILE, JSON.stringify(profile));
  return result;
}

export async function bench(events = 100_000, rules = 50) {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-bench-'));
  const sandbox = await startSandbox({ clock: systemClock });
  const database = await openDatabase({ databaseUrl: `sqlite:${join(folder, 'bench.sqlite')}` });
  try {
    await fill(database, events, sandbox.origin);
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, Array.from({ length: rules }, (_, index) => ruleText(index)).join('---\n'));
    const drafts = await draftsOf(file, undefined);
    const models = new Set(['matter', 'task', 'bill']);
    const read = await measured(async () => {
      for await (const event of archivedEvents(database, 0, models)) if (event.id === '') return;
    });
    sandbox.control.clearCalls();
    const { result, seconds, work, grown } = await measured(() =>
      profiled(() => backtestArchive(database, vocabulary(), { drafts, days: 90, now: NOW })),
    );
    const calls = sandbox.control.calls().length;
    const asked = result.rules.reduce(
      (sum, { decisions }) => sum + Object.values(decisions).reduce((all, count) => all + count, 0),
      0,
    );
    return [
      { what: 'events, rules, decisions', value: `${result.events}, ${drafts.length}, ${asked}` },
      { what: 'time', value: `${seconds.toFixed(1)} s`, bar: 'under 10 s', ok: seconds < 10 },
      {
        what: 'work of the processor',
        value: `${work.toFixed(1)} s, ${((work / asked) * 1e6).toFixed(1)} us a decision`,
      },
      {
        what: 'against reading the archive alone',
        value: `${(work / read.work).toFixed(1)} x (${read.work.toFixed(1)} s)`,
      },
      { what: 'memory', value: `+${grown.toFixed(0)} MB`, bar: 'under 150 MB', ok: grown < 150 },
      { what: 'calls to Clio', value: String(calls), bar: 'none', ok: calls === 0 },
    ];
  } finally {
    await database.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  }
}
