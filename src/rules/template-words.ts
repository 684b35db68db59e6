/** What the template parser says, for people: the message, and the line of the text (from 1) where it went wrong. */
export function templateWords(text: string, message: string): { message: string; line: number } {
  const [, told] = /line (\d+)/.exec(message) ?? / - (\d+):\d+$/.exec(message) ?? [];
  const line = Number(told ?? 1);
  const [, opened, closed] = /^(\S+) doesn't match (\S+) -/.exec(message) ?? [];
  if (opened !== undefined)
    return { message: `{{#${opened}}} is closed with {{/${String(closed)}}}; write {{/${opened}}}.`, line };
  const open = unclosedBraces(text);
  if (open !== null) return { message: 'a {{ is not closed with }}.', line: open };
  const got = /got '(\w+)'/.exec(message)?.[1];
  const block = got === 'EOF' ? unclosedBlock(text) : null;
  if (block !== null)
    return { message: `{{#${block.name}}} is not closed with {{/${block.name}}}.`, line: block.line };
  switch (got) {
    case 'OPEN_ENDBLOCK':
      return { message: 'a {{/…}} closes a block that was never opened with {{#…}}.', line };
    case 'INVERSE':
      return {
        message: '{{else}} stands outside of a block; it belongs between {{#if …}} and {{/if}}.',
        line,
      };
    case 'CLOSE':
      return { message: 'a {{ }} is empty or stops too early; name what is to be written.', line };
    default:
      return { message: `what stands between {{ and }} cannot be read; ${remedyFor(text)}`, line };
  }
}

/** Signs that other tools have between braces, each with what is written here. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [
    /[=!]=|[<>]|&&|\|\|/,
    "compare with {{#if (eq matter.status 'Open')}}, (ne …), (gt …) or (lt …), and join tests with (and …) or (or …).",
  ],
  [/\|/, 'nothing is piped here: a helper stands first, and what it works on behind it.'],
  [/\w\[\d+\]/, 'an entry of a list is written with a dot: matter.relationships.0.description.'],
  [/,/, 'write blanks and no commas between the arguments of a helper.'],
];

/** The parser takes such a number for one by itself. Only where a path starts, or long words take their length squared. */
const ENDS_IN_NUMBER = /(?<![\w.])([a-z_][\w.]*)\.(\d+)(?=[\s)]|$)/;

function remedyFor(text: string): string {
  const between = [...text.matchAll(/\{\{(?!>)([^{}]*)\}\}/g)].map(([, inner = '']) =>
    inner.replaceAll(/'[^']*'|"[^"]*"/g, ''),
  );
  const [, list, index] = between.map((inner) => ENDS_IN_NUMBER.exec(inner)).find((found) => found) ?? [];
  if (list !== undefined) return `a number that ends a path stands in brackets: ${list}.[${String(index)}].`;
  const sign = SIGNS.find(([pattern]) => between.some((inner) => pattern.test(inner)));
  return sign?.[1] ?? 'write a path, or a helper and its arguments.';
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length;

/** The line of the first {{ that has no }} before the next {{ or the end; null when all have. */
function unclosedBraces(text: string): number | null {
  for (const { index } of text.matchAll(/\{\{/g)) {
    const rest = text.slice(index + 2);
    const [end, next] = [rest.indexOf('}}'), rest.indexOf('{{')];
    if (end === -1 || (next !== -1 && next < end)) return lineAt(text, index);
  }
  return null;
}

/** The innermost block that is still open at the end. */
function unclosedBlock(text: string): { name: string; line: number } | null {
  const open: { name: string; index: number }[] = [];
  for (const { 1: kind, 2: name = '', index } of text.matchAll(/\{\{~?([#/])\s*([\w-]+)/g))
    if (kind === '#') open.push({ name, index });
    else open.pop();
  const last = open.at(-1);
  return last === undefined ? null : { name: last.name, line: lineAt(text, last.index) };
}
