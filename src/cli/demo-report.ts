import type { Check } from '../demo/check-day.js';
import type { DemoReport } from '../demo/demo.js';
import type { Demo } from '../demo/start-demo.js';
import { dayTable } from './day-table.js';
import { table } from './table.js';

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
