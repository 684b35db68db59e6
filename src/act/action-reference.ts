import { stringify } from 'yaml';
import { z } from 'zod';
import type { Action, OutputKind, Safety } from './action.js';

/** The part of JSON Schema that zod writes and the reference shows. */
interface Schema {
  type?: string;
  description?: string;
  format?: string;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

/** An input of a step, as a case of the tests gives it. */
export interface ActionExample {
  action: string;
  input: Readonly<Record<string, unknown>>;
}

const INTRODUCTION = `# Actions

Written from the code by \`npm run docs:actions\`; a test fails when it is stale. How steps, texts and dates are written is in
[rules.md](rules.md). Where a record of the firm is asked for, its name does as well as its id: \`{ name: Filing }\`, a user
by \`{ user: e-mail }\` or \`{ role: responsible_attorney }\`, a contact by \`{ email: ... }\` or \`{ name: ... }\`. A name that
nothing has, or that several have, fails the step with the candidates and sends nothing. Matters, tasks, bills, notes and
documents go by id, and so does the contact that a note, a document or a folder is for.
`;

/** What happens when the answer to a call was lost, so that nobody knows whether it took effect. */
const SAFETY: Readonly<Record<Safety, string>> = {
  repeatable: 'it is done again, which changes nothing that is done already.',
  'check-first':
    'the next try first looks whether the earlier one took effect, and sends nothing if so. What cannot be told is left to a person.',
  once: 'it is not sent again; the step becomes `unknown` and waits for a person.',
};

/** The page on all actions, in Markdown. `examples` are real ones; the first of an action is shown. */
export function actionReference(
  actions: ReadonlyMap<string, Action>,
  examples: readonly ActionExample[],
): string {
  const sorted = [...actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const contents = table(
    ['Action', 'What it does'],
    sorted.map(({ name, summary }) => [`[\`${name}\`](#${name.replaceAll('.', '')})`, summary]),
  );
  const chapters = sorted.map((action) =>
    chapter(
      action,
      examples.find((example) => example.action === action.name),
    ),
  );
  return [INTRODUCTION, contents, ...chapters].join('\n');
}

function chapter(action: Action, example: ActionExample | undefined): string {
  const { name, summary, safety, safetyOf, undo, output } = action;
  const exception =
    safetyOf === undefined ? '' : ' Where the inputs make a second time harmless, it is done again.';
  const lines = [
    `## ${name}`,
    '',
    summary,
    '',
    `- When an answer is lost, ${SAFETY[safety]}${exception}`,
    `- ${undo === undefined ? 'Cannot be undone.' : 'Can be undone while nobody has changed what it left.'}`,
    '',
    table(['Input', 'Type', 'Required', 'What it is'], inputRows(action)),
    `Outputs: ${[...output].map(outputText).join(', ')}.`,
    '',
  ];
  if (example !== undefined) lines.push('```yaml', exampleText(example), '```', '');
  return lines.join('\n');
}

function inputRows({ input }: Action): string[][] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  return Object.entries(schema.properties ?? {}).map(([name, field]) => [
    `\`${name}\``,
    typeText(field),
    schema.required?.includes(name) === true ? 'yes' : '',
    field.description ?? '',
  ]);
}

const WORDS: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  string: 'text',
  boolean: 'true or false',
  null: 'null',
  date: 'date',
  email: 'e-mail address',
  uri: 'web address',
};

function typeText(schema: Schema): string {
  const { type = '', format = '', anyOf, items, properties } = schema;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeText))].join(' or ');
  if (type === 'array') return `list of ${typeText(items ?? {})}`;
  if (properties !== undefined) return `\`{ ${Object.keys(properties).join(', ')} }\``;
  if (type === 'object') return 'names and values';
  return WORDS[format] ?? WORDS[type] ?? 'anything';
}

function outputText([name, kind]: [string, OutputKind]): string {
  const fields = kind.fields === undefined ? '' : ` (${[...kind.fields().keys()].join(', ')})`;
  return `\`${name}\`${fields}`;
}

function exampleText({ action, input }: ActionExample): string {
  return stringify([{ action, with: input }], { lineWidth: 110 }).trimEnd();
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
