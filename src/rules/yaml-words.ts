/** What YAML's own messages mean for somebody who writes a rule, by the parser's code. */
const WORDS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    'A text with a colon and a blank in it needs quotes around it: "Family matters: intake call".',
  TAB_AS_INDENT: 'A tab stands at the start of this line; indent with blanks.',
  BAD_ALIAS: 'A text that starts with * or & needs quotes around it.',
  BLOCK_IN_FLOW:
    'Between { and } a comma is missing before this, or a text with a colon and a blank in it needs quotes around it.',
  BAD_INDENT:
    'This line is not indented as the ones around it are; put as many blanks before it as before the others of its list or map.',
  BAD_SCALAR_START: 'A text that starts with this character needs quotes around it.',
  MULTILINE_IMPLICIT_KEY:
    'Here a key is not followed by a colon and a blank, or a text over several lines has no quotes; write key: value.',
};

/** One finding for the first thing that keeps a text from being read: what follows it in the file is its echo. */
export function yamlProblem(code: string, message: string): string {
  const first = (message.split('\n')[0] ?? message).replace(/ at line \d+.*$/, '').replace(/[.:]+$/, '');
  if (/^Flow|at node end$|^Unexpected flow-/.test(first))
    return 'Here a value ends, and something follows: a bracket or brace is missing or one too many, or the whole text needs quotes around it, of the other kind where quotes stand in it.';
  if (/^Implicit map keys need/.test(first))
    return 'A key stands here without a colon and a value behind it.';
  if (first.startsWith('Missing closing'))
    return 'A quote is opened here, or before, and not closed; or one stands in the middle of a text.';
  return WORDS[code] ?? `This cannot be read: ${first}.`;
}

/**
 * A dash without its blank, or a dash or blank of a word processor at the start of a line, which YAML takes for text; null when there
 * is none. `error` is where the parser stumbled.
 */
export function oddSign(text: string, error: number): { offset: number; message: string } | null {
  const found = /^([ \t]*)([\u00a0\u2000-\u200b\u202f\u3000]|[\u2010-\u2015](?=[ \u00a0]))/mu.exec(text);
  const [, before = '', sign = ''] = found ?? [];
  if (found === null) return bareDash(text, error);
  const message = /[\u2010-\u2015]/u.test(sign)
    ? `The "${sign}" at the start of this line is no hyphen; write "- ".`
    : 'This line starts with a special blank, as copied from a letter or a web page; write plain blanks.';
  return { offset: found.index + before.length, message };
}

/** `-id: call`, which is a key like another to YAML: on the line of the error, or before it and nothing less indented between. */
function bareDash(text: string, error: number): { offset: number; message: string } | null {
  const feed = text.indexOf('\n', error);
  let end = feed === -1 ? text.length : feed;
  let least = Infinity;
  for (const line of text.slice(0, end).split('\n').reverse()) {
    const start = end - line.length;
    const indent = line.search(/\S/);
    if (indent !== -1) least = Math.min(least, indent);
    const key = indent === least ? /^ *-([a-z_]+):(?=\s|$)/.exec(line)?.[1] : undefined;
    if (key !== undefined)
      return {
        offset: start + indent,
        message: `Behind the "-" at the start of this line a blank is missing; write "- ${key}:".`,
      };
    end = start - 1;
  }
  return null;
}

/** Where JSON has what only other formats have, and what that is; null when there is nothing of it. */
export function notJson(text: string): { offset: number; message: string } | null {
  // A text that nothing closes goes on to the end, or each of its quotes would be tried.
  const pattern = /"(?:[^"\\]|\\[^])*(?:"|\\?$)|(\/\/|\/\*)|(,)\s*(?=[}\]])|([{[])|[}\]]/g;
  const isBraced = /^\s*[{[]/.test(text);
  let [depth, values] = [0, 0];
  for (const found of text.matchAll(pattern)) {
    const [sign, comment, comma, opens] = found;
    const offset = found.index;
    if (comment !== undefined)
      return { offset, message: 'JSON has no comments: take it out, or write the rule in a .yaml file.' };
    if (comma !== undefined)
      return { offset, message: 'JSON has no comma before a closing } or ]: take it out.' };
    if (isBraced && depth === 0 && opens !== undefined && ++values > 1)
      return {
        offset,
        message:
          'A JSON file has one pair of outermost brackets: give what follows a file of its own; rules may stand in one .yaml file, with a line "---" between them.',
      };
    depth += opens !== undefined ? 1 : /^[}\]]$/.test(sign) ? -1 : 0;
  }
  return null;
}
