import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '../../src/lib/json.js';

const page = readFileSync('docs/rules.md', 'utf8');

/** A row of a table in docs/rules.md; `gives` is empty where a field test only has to hold. */
export interface DocumentedExample {
  name: string;
  example: string;
  gives: string;
}

/** The matter that the examples are about, with what it was before, and the time. */
export const examined = parse(/```yaml\n(now: [^]*?)```/.exec(page)?.[1] ?? '') as {
  now: string;
  record: JsonObject;
  previous: JsonObject;
};

/** The rows of the table whose heads are these; the first cell names what the row is about. */
function rowsOf(...heads: string[]): string[][] {
  const start = page.indexOf(`| ${heads.join(' | ')} |`);
  if (start === -1) throw new RangeError(`docs/rules.md has no table of ${heads.join(', ')}.`);
  const [, , ...rows] = page.slice(start, page.indexOf('\n\n', start)).split('\n');
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

const plain = (cell = '') => cell.replace(/^`|`$/g, '');
const textRows = (what: string) =>
  rowsOf(what, 'Gives', 'Example', 'Text').map(([name, , example, gives]) => ({
    name: plain(name),
    example: plain(example),
    gives: plain(gives),
  }));

export const fieldTestExamples: DocumentedExample[] = rowsOf(
  'Operator',
  'Holds when the field',
  'Example',
).map(([name, , example]) => ({ name: plain(name), example: plain(example), gives: '' }));
export const logicExamples: DocumentedExample[] = rowsOf('Operator', 'Example', 'Gives').map(
  ([name, example, gives]) => ({ name: plain(name), example: plain(example), gives: plain(gives) }),
);
export const helperExamples: DocumentedExample[] = textRows('Helper');
export const blockExamples: DocumentedExample[] = textRows('Block');

const head = {
  version: 1,
  id: 'example',
  name: 'An example',
  timezone: 'UTC',
  triggers: [{ event: 'matter.updated' }],
  evaluation: 'level',
  idempotency_key: '{{matter.id}}',
};
const logged = (text: string) => [{ id: 'it', action: 'log.write', with: { text } }];
const tested = (expect: object) => [
  { ...examined, name: 'as the page says', event: 'matter.updated', expect },
];

/** Rules made of the examples, each with a test that the page is right. */
export const ruleOfFieldTest = ({ example }: DocumentedExample): string =>
  JSON.stringify({
    ...head,
    conditions: parse(example) as JsonValue,
    actions: logged('x'),
    tests: tested({ outcome: 'matched' }),
  });
export const ruleOfText = ({ example, gives }: DocumentedExample): string =>
  JSON.stringify({
    ...head,
    // They may be empty, which the lint minds.
    conditions: ['open_date', 'custom_fields.Retainer'].map((field) => ({
      field: `matter.${field}`,
      exists: true,
    })),
    actions: logged(example),
    tests: tested({ outcome: 'matched', actions: [{ id: 'it', with: { text: gives } }] }),
  });
/** What logic gives is compared as JSON by whoever runs it: a list has no place in a text. */
export const ruleOfLogic = ({ example }: DocumentedExample): string =>
  JSON.stringify({
    ...head,
    vars: { it: { logic: parse(example) as JsonValue } },
    conditions: { field: 'vars.it', exists: true },
    actions: logged('x'),
    tests: tested({ outcome: 'matched' }),
  });
