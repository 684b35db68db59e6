import { table } from '../cli/table.js';
import { checkDay, type Check, type ClioAtNight } from './check-day.js';
import { dayTable } from './day-table.js';
import { playDay, type PlayedScene } from './play-day.js';
import type { Demo } from './start-demo.js';

export interface DemoReport {
  ok: boolean;
  scenes: PlayedScene[];
  checks: Check[];
}

/** Plays the day on a demo that has started, and looks at what came of it. */
export async function runDemo({ sandbox: { control }, api }: Demo): Promise<DemoReport> {
  const before = control.ledger().length;
  const scenes = await playDay({ control, api });
  const clio: ClioAtNight = {
    tasks: control.records('task'),
    notes: control.records('note'),
    matters: control.records('matter'),
    ledger: control.ledger().slice(before),
    warnings: control.warnings(),
  };
  const checks = checkDay(scenes, clio);
  return { ok: checks.every(({ ok }) => ok), scenes, checks };
}

export function demoReport({ ok, scenes, checks }: DemoReport): string {
  const list = table<Check>(
    [
      { title: '', value: (check) => (check.ok ? 'ok' : 'FAIL') },
      { title: 'EXPECTED', value: ({ what }) => what },
      { title: '', value: ({ instead }) => instead },
    ],
    checks,
  );
  const verdict = ok
    ? 'Everything expected happened, and nothing else.'
    : 'Something else happened than expected.';
  return `\n${dayTable(scenes)}\n${list}\n${verdict}\n`;
}

/** How to look further while the demo keeps running. */
export function lookFurther({ sandbox, api, databaseUrl, adminToken }: Demo): string {
  return [
    '',
    `Clio sandbox  ${sandbox.origin}`,
    `Engine        ${api.url}`,
    `API           curl -H "Authorization: Bearer ${adminToken}" ${api.url}/api/v1/runs`,
    `Commands      DATABASE_URL=${databaseUrl} npx praetor runs list`,
    '',
    'Press Ctrl-C to stop; the database goes with it.',
    '',
  ].join('\n');
}
