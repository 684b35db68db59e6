import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { vocabulary } from '../../src/vocabulary.js';

const words = vocabulary();

/** A small rule without a mistake, to put one in. */
export const GOOD = `version: 1
id: a-rule
name: A rule
triggers:
  - { id: created, event: matter.created }
conditions:
  - { field: matter.status, is: Open }
actions:
  - id: first
    action: log.write
    with: { text: "{{matter.display_number}}" }
`;

/** The file as the engine reads it. */
export const check = (text: string) => parseRuleFile('r.yaml', text, words);
/** `R010 7:7` for each finding. */
export const findings = (text: string) =>
  check(text).diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`);
/** What the findings say, a line each. */
export const message = (text: string) =>
  check(text)
    .diagnostics.map((diagnostic) => diagnostic.message)
    .join('\n');

/** The good rule with one line in place of another. */
export const instead = (line: string, other: string) => {
  if (!GOOD.includes(line)) throw new RangeError(`The good rule has no ${line}.`);
  return GOOD.replace(line, other);
};
export const condition = (text: string) => instead('{ field: matter.status, is: Open }', text);
export const logic = (text: string) => condition(`{ logic: ${text} }`);
export const text = (value: string) => instead('"{{matter.display_number}}"', value);
