import { type CST, LineCounter, Parser } from 'yaml';

/** A rule file is read by people; larger ones are data in disguise. In characters. */
const MOST_TEXT = 262_144;
const DEEPEST = 150;
/** Each key of a map is compared with all before it: the squares of what the maps hold, added up. */
const MOST_COMPARED = 10_000_000;

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
  const sizes = tokens.map(sizeOf);
  const problem = sizes.some(({ depth }) => depth > DEEPEST)
    ? `The text is nested more than ${DEEPEST} levels deep. Make it flatter.`
    : sizes.reduce((sum, { compared }) => sum + compared, 0) > MOST_COMPARED
      ? `The text has a map of ${Math.max(...sizes.map(({ keys }) => keys))} keys; so many cannot be checked. Take some out.`
      : null;
  return { tokens, lines, problem };
}

/** What a document token and a collection token hold. */
interface TokenParts {
  value?: CST.Token;
  items?: { key?: CST.Token | null; value?: CST.Token }[];
}

/** How deep a document goes, how many keys its largest map has, and how many pairs of them are compared, about. */
function sizeOf(root: CST.Token): { depth: number; keys: number; compared: number } {
  const size = { depth: 0, keys: 0, compared: 0 };
  const waiting: [CST.Token, number][] = [[root, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [token, depth] = next;
    const { value, items = [] } = token as unknown as TokenParts;
    size.depth = Math.max(size.depth, depth);
    const isList =
      token.type === 'block-seq' || (token.type === 'flow-collection' && token.start.source === '[');
    if (!isList) {
      size.keys = Math.max(size.keys, items.length);
      size.compared += items.length ** 2;
    }
    for (const part of [value, ...items.flatMap((item) => [item.key, item.value])])
      if (part !== undefined && part !== null) waiting.push([part, depth + 1]);
  }
  return size;
}

/** Deeper templates need a parser's time, which grows with the square of the depth, and its stack. */
const DEEPEST_TEMPLATE = 20;

/** Why a template must not be parsed; null when it may. Blocks count, and the parentheses of one expression. */
export function nestingProblem(text: string): string | null {
  let [blocks, deepest] = [0, 0];
  for (const { start, end } of bracesIn(text)) {
    const [, sign = '', inside = ''] = /^~?([#^/]?)(.*)$/s.exec(text.slice(start + 2, end - 2)) ?? [];
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

/** Where each {{...}} of a text starts and ends. A pattern would look from every {{ to the end of a text that closes none. */
function bracesIn(text: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (let start = text.indexOf('{{'); start !== -1;) {
    const close = text.indexOf('}}', start + 2);
    if (close === -1) break;
    found.push({ start, end: close + 2 });
    start = text.indexOf('{{', close + 2);
  }
  return found;
}

/** What stands around the {{...}} of a text. */
export function outsideBraces(text: string): string {
  const found = bracesIn(text);
  return (
    found.map(({ start }, at) => text.slice(found[at - 1]?.end ?? 0, start)).join('') +
    text.slice(found.at(-1)?.end ?? 0)
  );
}
