import type { Diagnostic } from './diagnostic.js';
import type { Rule } from './rule.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import { valueOfInput, type RuleInput } from './rule-inputs.js';

/** R005 and R011: inputs that nobody gave a value, or one that is not among their choices; R022: their bare use in a text. */
export function lintInputs({ inputs }: Rule, paths: readonly PathUse[], report: Report): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (input.required && valueOfInput(input) === undefined)
      report(
        'R005',
        `The input "${name}" has no value; write "value: …" in it, a "default", or "required: false" if it may be empty.`,
        ['inputs', name],
      );
    for (const key of ['value', 'default'] as const) {
      const strange = strangeIn(input, key);
      if (strange !== undefined)
        report(
          'R011',
          `${JSON.stringify(strange)} is no choice of the input "${name}"; write one of ${choicesOf(input).join(', ')}.`,
          ['inputs', name, key],
        );
    }
  }
  for (const { path, place, source, guarded } of paths) {
    const input = inputs[inputIn(path) ?? ''];
    if (input === undefined || input.required || source !== 'template' || guarded === true) continue;
    if (valueOfInput(input) === undefined)
      report(
        'R022',
        `"${path}" has no value here; give the input one, or write {{default ${path} '…'}}.`,
        place,
      );
  }
}

/** R050: inputs that nothing in the rule reads. */
export function unusedInputs(
  { inputs }: Rule,
  paths: readonly PathUse[],
  written: ReadonlySet<string>,
): Omit<Diagnostic, 'file' | 'line' | 'column'>[] {
  const read = new Set([...written, ...paths.map(({ path }) => inputIn(path) ?? '')]);
  // Who reads all of them at once reads each.
  if (paths.some(({ path }) => path === 'inputs')) return [];
  return Object.keys(inputs)
    .filter((name) => !read.has(name))
    .map((name) => ({
      code: 'R050',
      severity: 'warning' as const,
      message: `Nothing reads the input "${name}"; use it as {{inputs.${name}}} or { input: ${name} }, or take it out.`,
      path: `inputs/${name}`,
    }));
}

function inputIn(path: string): string | undefined {
  const [root, name] = path.split('.');
  return root === 'inputs' ? name : undefined;
}

function choicesOf(input: RuleInput): readonly (string | number)[] {
  return ('choices' in input && input.choices) || [];
}

/** What is given and cannot be chosen. */
function strangeIn(input: RuleInput, key: 'value' | 'default'): string | number | undefined {
  const choices = choicesOf(input);
  const given = input[key];
  if (choices.length === 0 || given === undefined) return undefined;
  const all = (Array.isArray(given) ? given : [given]) as (string | number)[];
  return all.find((each) => !choices.includes(each));
}
