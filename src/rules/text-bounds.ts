/** A rule file is read by people; larger ones are data in disguise. In characters. */
const MOST_TEXT = 262_144;
const DEEPEST = 200;

/**
 * Why a text is too large or too deeply nested to be given to the YAML parser, which works recursively and takes the
 * process with it when the stack ends. Null when it may be parsed.
 */
export function textBoundsProblem(text: string): { line: number; message: string } | null {
  if (text.length > MOST_TEXT) {
    return {
      line: 1,
      message: `The file has ${text.length} characters, and ${MOST_TEXT} is the most. Split it.`,
    };
  }
  let open = 0;
  for (const [index, line] of text.split('\n').entries()) {
    open += count(line, /[[{]/g) - count(line, /[\]}]/g);
    const indent = /^[\s?:-]*/.exec(line)?.[0].length ?? 0;
    if (open > DEEPEST || indent > DEEPEST) {
      return {
        line: index + 1,
        message: `The text is nested more than ${DEEPEST} levels deep. Make it flatter.`,
      };
    }
  }
  return null;
}

function count(line: string, pattern: RegExp): number {
  return line.match(pattern)?.length ?? 0;
}
