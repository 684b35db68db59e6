// What an editor waits for while a rule is written: a check of a usual text beside 200 rules in force. The bar is 20 ms
// of processor time, as others use the machine too.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const { validate } = await import('../src/admin/rule-text.ts');
const { CurrentRules } = await import('../src/rules/current-rules.ts');
const { parseRuleFile } = await import('../src/rules/parse-rules.ts');
const { RuleBook } = await import('../src/rules/rule-book.ts');
const { vocabulary } = await import('../src/vocabulary.ts');

const TEXT = readFileSync(new URL('../rules/matter-opening-tasks.yaml', import.meta.url), 'utf8');
const WARM = 20;
const TIMES = 200;

export async function bench(beside = 200) {
  const words = vocabulary();
  const others = Array.from({ length: beside }, (_, index) =>
    parseRuleFile(`r${index}.yaml`, TEXT.replace(/^id: .*$/m, `id: rule-${index}`), words),
  );
  const rules = new CurrentRules(RuleBook.of(others));
  const took = [];
  const check = (index) =>
    validate({ text: `${TEXT}# ${index}\n`, format: 'yaml' }, { vocabulary: words, rules });
  for (let index = 0; index < WARM; index++) check(index);
  const begun = process.cpuUsage();
  for (let index = 0; index < TIMES; index++) {
    const before = performance.now();
    check(WARM + index);
    took.push(performance.now() - before);
  }
  const { user, system } = process.cpuUsage(begun);
  const processor = (user + system) / 1000 / TIMES;
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.floor(share * TIMES)];
  const figure = (ms) => `${ms.toFixed(1)} ms`;
  return [
    { what: `a rule of ${TEXT.length} characters beside ${beside}, processor time`, value: figure(processor), bar: '20 ms', ok: processor < 20 },
    { what: 'on the clock, p50 and p99', value: `${figure(at(0.5))}, ${figure(at(0.99))}` },
  ]; // prettier-ignore
}
