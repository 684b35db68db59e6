// Measures a backtest: `node scripts/bench-backtest.mjs [events] [rules]`. Says how long it took and how the memory grew.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

register('./typescript-hooks.mjs', import.meta.url);
const { backtestRules, draftsOf } = await import('../src/cli/backtest-rules.ts');
const { newId } = await import('../src/lib/ids.ts');
const { openDatabase } = await import('../src/store/database.ts');
const { InboundEvent } = await import('../src/store/inbound-event.entity.ts');

const [events = 100_000, rules = 50] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'praetor-bench-'));
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

function eventRow(index) {
  const [model, what, field, value] = KINDS[index % KINDS.length];
  const [, ...path] = field.split('.');
  const last = path.pop();
  const state = (text) => path.reduceRight((inner, key) => ({ [key]: inner }), { [last]: text });
  const id = index % 1_000;
  const about = { id, etag: `"${index}"`, created_at: '2026-01-01T00:00:00Z', description: 'x'.repeat(300) };
  const isNew = index % 7 === 0;
  const type = `${model}.${what}`;
  return {
    id: newId(), connectionId: 'none', subscriptionId: null, source: 'webhook', model, recordId: String(id), type,
    types: [type], etag: null, dedupeKey: String(index), payload: { id },
    receivedAt: NOW.getTime() - SPAN_MS + Math.floor((index / events) * SPAN_MS), webhookAt: null,
    status: 'matched', reason: null, attempts: 1, dueAt: 0, record: { ...about, ...state(isNew ? value : 'other') },
    previous: what === 'created' ? null : { ...about, ...state('other') }, changed: [field], causedByRunId: null, depth: 0,
  }; // prettier-ignore
}

const database = await openDatabase({ databaseUrl: `sqlite:${join(folder, 'bench.sqlite')}` });
try {
  // The archive alone is wanted, not the connection that it came through.
  await database.dataSource.query('pragma foreign_keys = off');
  for (let from = 0; from < events; from += 500) {
    const rows = Array.from({ length: Math.min(500, events - from) }, (_, index) => eventRow(from + index));
    await database.write((tx) => tx.insert(InboundEvent, rows));
  }
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, Array.from({ length: rules }, (_, index) => ruleText(index)).join('---\n'));
  const drafts = await draftsOf(file, undefined);
  const before = process.resourceUsage().maxRSS;
  const busy = process.cpuUsage();
  const started = performance.now();
  const report = await backtestRules(database, drafts, 90, NOW);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(busy);
  const fires = report.rules.reduce((sum, rule) => sum + rule.fires, 0);
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(
    `${report.events} events, ${drafts.length} rules: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of work), ${fires} fires, memory +${grown.toFixed(0)} MB`,
  );
} finally {
  await database.close();
  rmSync(folder, { recursive: true });
}
