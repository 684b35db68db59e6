import { type CST, LineCounter, Parser } from 'yaml';

/** A rule file is read by people; larger ones are data in disguise. In characters. */
const MOST_TEXT = 262_144;
const DEEPEST = 150;

export interface Tokens {
  tokens: readonly CST.Token[];
  lines: LineCounter;
  /** Why the tokens must not be composed, which works recursively and takes the process with it when the stack ends. */
  problem: string | null;
}

/** The first of two steps in reading YAML; it needs no stack. */
export function tokenize(text: string): Tokens {
  const lines = new LineCounter();
  if (text.length > MOST_TEXT) {
    const problem = `The file has ${text.length} characters, and ${MOST_TEXT} is the most. Split it.`;
    return { tokens: [], lines, problem };
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const isTooDeep = tokens.some((token) => depthOf(token) > DEEPEST);
  const problem = isTooDeep ? `The text is nested more than ${DEEPEST} levels deep. Make it flatter.` : null;
  return { tokens, lines, problem };
}

/** What a document token and a collection token hold. */
interface TokenParts {
  value?: CST.Token;
  items?: { key?: CST.Token | null; value?: CST.Token }[];
}

function depthOf(root: CST.Token): number {
  let deepest = 0;
  const waiting: [CST.Token, number][] = [[root, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [token, depth] = next;
    const { value, items = [] } = token as unknown as TokenParts;
    deepest = Math.max(deepest, depth);
    for (const part of [value, ...items.flatMap((item) => [item.key, item.value])])
      if (part !== undefined && part !== null) waiting.push([part, depth + 1]);
  }
  return deepest;
}

/** Deeper templates need a parser's time, which grows with the square of the depth, and its stack. */
const DEEPEST_TEMPLATE = 20;

/** Why a template must not be parsed; null when it may. Blocks count, and the parentheses of one expression. */
export function nestingProblem(text: string): string | null {
  let [blocks, deepest] = [0, 0];
  for (const [, sign = '', inside = ''] of text.matchAll(/\{\{~?([#^/]?)(.*?)\}\}/gs)) {
    if (sign === '/') blocks--;
    else if (sign !== '' && /\w/.test(inside)) blocks++;
    let open = 0;
    for (const [bracket] of inside.matchAll(/[()]/g)) {
      open += bracket === '(' ? 1 : -1;
      deepest = Math.max(deepest, open);
    }
    deepest = Math.max(deepest, blocks);
  }
  if (deepest <= DEEPEST_TEMPLATE) return null;
  return `it is nested more than ${DEEPEST_TEMPLATE} levels deep. Make it flatter.`;
}
