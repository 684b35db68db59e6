import {
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
import { messageOf } from '../lib/errors.js';
import type { Diagnostic } from './diagnostic.js';
import type { Place } from './place.js';
import { tokenize } from './text-bounds.js';

export type Report = (code: string, message: string, place: Place, severity?: Diagnostic['severity']) => void;

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
/** Plain words that YAML 1.1 tools read as something else than we do. */
const LOOK_ALIKE = /^(y|n|yes|no|on|off|0\d+|\d{1,2}:\d{2}(:\d{2})?)$/i;

/** The documents of a YAML or JSON file, each with its findings: R000 unreadable, R002, R003, R004. */
export function readDocuments(file: string, text: string): RuleText[] {
  const { tokens, lines, problem } = tokenize(text);
  if (problem !== null) return [unreadable(file, problem)];
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  return [...composer.compose(tokens)]
    .filter((document) => document.contents !== null || document.errors.length > 0)
    .map((document) => readDocument(file, document as Document, lines));
}

const START: Position = { line: 1, column: 1 };

/** A document that cannot be read, with the reason. */
export function unreadable(file: string, message: string): RuleText {
  const finding: Diagnostic = {
    code: 'R000',
    severity: 'error',
    message,
    file,
    path: '',
    ...START,
  };
  return { value: undefined, diagnostics: [finding], report: () => undefined, position: () => START };
}

function readDocument(file: string, document: Document, lines: LineCounter): RuleText {
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
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const text = message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? message;
    if (code === 'DUPLICATE_KEY') add('R002', 'The same key stands here twice; remove one.', pos[0], '');
    else add('R000', `This cannot be read: ${text}.`, pos[0], '');
  }
  const unquoted = findUnquoted(document);
  for (const offset of unquoted)
    add('R003', 'A text with {{...}} needs quotes around it: "{{...}}".', offset, '');
  for (const { source, offset } of findLookAlikes(document))
    add(
      'R004',
      `Other tools read ${source} as something else; put quotes around it if a text is meant.`,
      offset,
      '',
      'warning',
    );
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  const value = broken ? undefined : valueOf(document, (message) => add('R004', message, 0, ''));
  const report: Report = (code, message, place, severity) =>
    add(code, message, offsetOf(document, place), place.join('/'), severity);
  return { value, diagnostics, report, position: (place) => at(offsetOf(document, place)) };
}

function valueOf(document: Document, complain: (message: string) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (error) {
    complain(`${messageOf(error)}; write the values out, at most ${MOST_ALIASES} aliases are followed.`);
    return undefined;
  }
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
