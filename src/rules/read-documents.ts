import {
  type Alias,
  Composer,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { fieldOperators } from './condition.js';
import type { Diagnostic } from './diagnostic.js';
import { notJson, oddSign, yamlProblem } from './yaml-words.js';
import type { Place } from './place.js';
import { tokenize } from './text-bounds.js';

/** `line` counts from 1 within the text at the place, where that has several. */
export type Report = (
  code: string,
  message: string,
  place: Place,
  severity?: Diagnostic['severity'],
  line?: number,
) => void;

export type Position = Pick<Diagnostic, 'line' | 'column'>;

/** One document of a file: its value, and where each part of it stands. */
export interface RuleText {
  /** Undefined when the text cannot be read. */
  value: unknown;
  diagnostics: Diagnostic[];
  /** Adds a finding at a place of the value. */
  report: Report;
  /** Where a place starts, from 1. */
  position(place: Place): Position;
}

const MOST_ALIASES = 20;
const TWICE =
  'The same key stands here twice; remove one, or put "- " before it where a new entry of a list begins.';
/** What YAML and JSON have no place for. */
// eslint-disable-next-line no-control-regex -- it is what is looked for
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** Plain words that YAML 1.1 tools read as something else than we do. */
const LOOK_ALIKE = /^(y|n|yes|no|on|off|0\d+|\d{1,2}:\d{2}(:\d{2})?)$/i;

/** The documents of a YAML or JSON file, each with its findings: R000 unreadable, R002, R003, R004. */
export function readDocuments(file: string, written: string): RuleText[] {
  const text = withLineFeeds(written);
  const { tokens, lines, problem } = tokenize(text);
  if (problem !== null) return [unreadable(file, problem)];
  const foreign = file.endsWith('.json') ? notJson(text) : null;
  if (foreign !== null) {
    const { line, col } = lines.linePos(foreign.offset);
    return [unreadable(file, foreign.message, { line, column: col })];
  }
  const unseen = UNSEEN.exec(text);
  if (unseen !== null) {
    const { line, col } = lines.linePos(unseen.index);
    const name = `U+${unseen[0].charCodeAt(0).toString(16).padStart(4, '0')}`;
    return [
      unreadable(file, `A character that nobody can see stands here (${name}); delete it.`, {
        line,
        column: col,
      }),
    ];
  }
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  const documents = [...composer.compose(tokens)]
    .filter((document) => document.contents !== null || document.errors.length > 0)
    .map((document) => readDocument(file, text, document as Document, lines));
  const isYaml = documents.length > 0 && documents.every(({ value }) => value !== undefined);
  return file.endsWith('.json') && isYaml && !isJson(text)
    ? [
        unreadable(
          file,
          'This is YAML and no JSON: write keys and texts in double quotes, or rename it to .yaml.',
        ),
      ]
    : documents;
}

/** Lines that end as those of old Macs do, which the parser takes for one; every place stays what it is. */
function withLineFeeds(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\r', '\n');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}

const START: Position = { line: 1, column: 1 };

/** A document that cannot be read, with the reason. */
export function unreadable(file: string, message: string, at: Position = START): RuleText {
  const finding: Diagnostic = {
    code: 'R000',
    severity: 'error',
    message,
    file,
    path: '',
    ...at,
  };
  return { value: undefined, diagnostics: [finding], report: () => undefined, position: () => START };
}

function readDocument(file: string, text: string, document: Document, lines: LineCounter): RuleText {
  const diagnostics: Diagnostic[] = [];
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const add = (
    code: string,
    message: string,
    offset: number,
    path: string,
    severity: Diagnostic['severity'] = 'error',
  ) => diagnostics.push({ code, severity, message, file, path, ...at(offset) });
  const unquoted = findUnquoted(document);
  const problems = [...document.errors, ...document.warnings];
  for (const { code, pos } of problems) if (code === 'DUPLICATE_KEY') add('R002', TWICE, pos[0], '');
  const unread = problems.find(({ code }) => code !== 'DUPLICATE_KEY');
  // Braces without quotes are what the parser stumbles over next.
  if (unread !== undefined && unquoted.length === 0) {
    if (unread.code === 'TAG_RESOLVE_FAILED')
      add(
        'R004',
        'A rule has no tags: take the word with the ! out, or put quotes around the text.',
        unread.pos[0],
        '',
      );
    else {
      const { message, offset } = oddSign(text, unread.pos[0]) ?? {
        message: yamlProblem(unread.code, unread.message),
        offset: unread.pos[0],
      };
      add('R000', message, offset, '');
    }
  }
  for (const offset of unquoted) add('R003', unquotedWords(text, offset), offset, '');
  for (const offset of findMergeKeys(document))
    add('R004', 'A rule takes nothing over with "<<"; write out what is meant.', offset, '');
  for (const { source, offset } of findLookAlikes(document))
    add('R004', lookAlike(source), offset, '', 'warning');
  for (const { message, offset } of findOddValues(document)) add('R004', message, offset, '', 'warning');
  for (const offset of findCutTexts(document, text))
    add(
      'R004',
      'What follows the # is a comment and no part of the text; put quotes around the whole text if it belongs to it.',
      offset,
      '',
      'warning',
    );
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  const value = broken ? undefined : valueOf(document, (message, offset) => add('R004', message, offset, ''));
  const report: Report = (code, message, place, severity, line) =>
    add(code, message, offsetOfLine(document, place, text, line), place.join('/'), severity);
  return { value, diagnostics, report, position: (place) => at(offsetOf(document, place)) };
}

function valueOf(document: Document, complain: (message: string, offset: number) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch {
    const aliases: Alias[] = [];
    visit(document, { Alias: (_key, alias) => void aliases.push(alias) });
    const lost = aliases.find((alias) => alias.resolve(document) === undefined);
    const [at] = (lost ?? aliases[0])?.range ?? [];
    complain(
      lost === undefined
        ? `The text repeats parts of itself (*${aliases[0]?.source ?? ''}) too often; write them out, at most ${MOST_ALIASES} are followed.`
        : `"*${lost.source}" repeats a part marked &${lost.source} before it, and there is none; write the value out, or put quotes around a text that starts with *.`,
      at ?? 0,
    );
    return undefined;
  }
}

/** Why {{…}} counts as without quotes: those around it are none, or end before it. */
function unquotedWords(text: string, offset: number): string {
  const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
  if (/[“”„‘’]/.test(before))
    return 'A text with {{...}} needs straight quotes around it: "{{...}}"; curly ones are part of the text.';
  if (/[:{,-] *(["']).*\1/.test(before))
    return 'A quote in the middle ends the text before its {{...}}; put the other kind of quotes, " or \', around the whole text.';
  return 'A text with {{...}} needs quotes around it: "{{...}}".';
}

/** `{{x}}` without quotes is a map whose key is a map. */
function findUnquoted(document: Document): number[] {
  const found: number[] = [];
  visit(document, {
    Pair(_key, pair) {
      if (isMap(pair.key)) found.push(pair.key.range?.[0] ?? 0);
    },
  });
  return found;
}

/** Keys with texts for people, in which a number sign is a sign like others. */
const WORDED = [
  'name',
  'description',
  'subject',
  'summary',
  'detail',
  'body',
  'text',
  'note',
  'reason',
  'stop',
];

/** Texts without quotes that a # cuts off, where a path stands behind it, or what a text for people goes on with. */
function findCutTexts(document: Document, text: string): number[] {
  const found: number[] = [];
  visit(document, {
    Scalar(key, node, path) {
      const [, end] = node.range ?? [0, 0];
      if (node.type !== 'PLAIN') return;
      const around = path.at(-1);
      const isWorded = isPair(around) && isScalar(around.key) && WORDED.includes(String(around.key.value));
      const isText = isWorded && key === 'value' && typeof node.value === 'string';
      const cut = isText ? /^[ \t]+#(?:[\p{L}\p{N}]|[^\n]*\{\{)/u : /^[ \t]+#[^\n]*\{\{/;
      if (cut.test(text.slice(end, text.indexOf('\n', end) + 1 || undefined)))
        found.push(text.indexOf('#', end));
    },
  });
  return found;
}

function findLookAlikes(document: Document): { source: string; offset: number }[] {
  const found: { source: string; offset: number }[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && node.type === 'PLAIN' && LOOK_ALIKE.test(node.source ?? ''))
        found.push({ source: node.source ?? '', offset: node.range?.[0] ?? 0 });
    },
  });
  return found;
}

function lookAlike(source: string): string {
  const truth = /^(y|yes|on)$/i.test(source) ? 'true' : /^(n|no|off)$/i.test(source) ? 'false' : null;
  return truth === null
    ? `Other tools read ${source} as something else; put quotes around it if a text is meant.`
    : `${source} is a text here, and ${truth} to other tools; write ${truth}, or put quotes around it if the text is meant.`;
}

/** YAML 1.2 has none: it would be a key like another. */
function findMergeKeys(document: Document): number[] {
  const found: number[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && key.range) found.push(key.range[0]);
    },
  });
  return found;
}

/** Operators behind whose colon nothing stands, and texts in the quotes of a word processor. */
function findOddValues(document: Document): { message: string; offset: number }[] {
  const found: { message: string; offset: number }[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value)) return;
      const isEmpty = value.value === null && (value.source ?? '') === '';
      if (isEmpty && (fieldOperators as unknown[]).includes(key.value))
        found.push({
          message: `Nothing stands behind "${String(key.value)}:", which is null; write a value, or null if that is meant.`,
          offset: key.range?.[0] ?? 0,
        });
      if (value.type === 'PLAIN' && /^[“”„‘’]/.test(value.source ?? ''))
        found.push({
          message: `The curly quotes are part of this text; write straight ones: "…".`,
          offset: value.range?.[0] ?? 0,
        });
    },
  });
  return found;
}

/** Where the line of a text in several lines starts, as far as the lines of the file are those of the text. */
function offsetOfLine(document: Document, place: Place, text: string, line = 1): number {
  const offset = offsetOf(document, place);
  const node = document.getIn(place, true);
  if (!isScalar(node) || node.type !== 'BLOCK_LITERAL') return offset;
  let start = node.range?.[0] ?? offset;
  for (let left = line; left > 0; left--) start = text.indexOf('\n', start) + 1;
  return start + (/^ */.exec(text.slice(start))?.[0].length ?? 0);
}

/** Where a place starts: its key if it has one, else the value, else the nearest part around it. */
function offsetOf(document: Document, place: Place): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of place) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      );
      // One argument stands for a list with it alone.
      if (pair === undefined && String(part) === '0') continue;
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      // A list of conditions stands for `all`, which is then not in the file.
      if (part === 'all') continue;
      node = (node.items[Number(part)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
