// `npm run bench`, or one by name: `npm run bench -- backtest`. Each measures itself against something in the same run,
// because seconds alone say more about the machine than about the engine.
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { register } from 'node:module';

register('../scripts/typescript-hooks.mjs', import.meta.url);
const here = new URL('.', import.meta.url);
const all = readdirSync(here).filter((name) => name.endsWith('.mjs') && name !== 'run.mjs');
const [wanted, ...args] = process.argv.slice(2);
const chosen = all.filter((name) => wanted === undefined || name === `${wanted}.mjs`);
if (chosen.length === 0) {
  console.error(
    `There is no bench "${wanted}"; there are ${all.map((name) => name.slice(0, -4)).join(', ')}.`,
  );
  process.exit(2);
}
const load = () =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model}), load ${load()}`);
let isWithinBars = true;
for (const name of chosen) {
  console.log(`\n${name.slice(0, -4)}`);
  const { bench } = await import(new URL(name, here));
  for (const { what, value, bar, ok } of await bench(...args.map(Number))) {
    isWithinBars &&= ok ?? true;
    console.log(`  ${what}: ${value}${bar === undefined ? '' : ` (bar: ${bar}${ok ? '' : '; MISSED'})`}`);
  }
}
console.log(`\nload at the end ${load()}`);
process.exit(isWithinBars ? 0 : 1);
