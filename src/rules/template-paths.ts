import { RuleError } from '../lib/errors.js';
import type { PathTest } from './logic-uses.js';

type PathExpression = hbs.AST.PathExpression;
type Node = hbs.AST.Node;

/** A path that a text reads, from the roots; an item of a list is `0`. */
export interface TemplatePath {
  path: string[];
  line: number;
  column: number;
  /** True where the value may be missing: in default, exists, and behind an `if` that has tested it. */
  guarded: boolean;
  /** What a helper asks of it. */
  test?: PathTest;
}

/** What paths are relative to in a block; null when it is computed and has no path. */
interface Frame {
  base: string[] | null;
  names: ReadonlyMap<string, string[] | null>;
}

/** Something in a text that rules may not use, with its place. */
export class RefusedSyntax extends RuleError {
  readonly line: number;
  readonly column: number;

  constructor(message: string, { loc: { start } }: Node) {
    super('rule.invalid', message);
    this.line = start.line;
    this.column = start.column + 1;
  }
}

const loopVariables = new Set(['index', 'key', 'first', 'last']);
/** Helpers that are only true when their arguments are there. */
const proofs = new Set(['exists', 'and', 'gt', 'gte', 'lt', 'lte']);

/** Resolves the paths of one text: `this`, `../`, `@root` and the names that `as |x|` gives. */
export class TemplatePaths {
  readonly found: TemplatePath[] = [];
  private frames: Frame[] = [{ base: [], names: new Map() }];
  private tested: readonly string[] = [];

  /** Notes that `path` is read. Throws RefusedSyntax for a path that leads nowhere in any data. */
  note(path: PathExpression, allowsNothing: boolean, test?: PathTest): void {
    const resolved = this.resolve(path);
    if (resolved === null || resolved.length === 0) return;
    const { line, column } = path.loc.start;
    const guarded = allowsNothing || this.tested.includes(resolved.join('.'));
    this.found.push({ path: resolved, line, column: column + 1, guarded, ...(test && { test }) });
  }

  /** Notes that `key` is read of every entry of the list at `path`. */
  noteEntries(path: PathExpression, key: string): void {
    const list = this.resolve(path);
    if (list === null) return;
    const { line, column } = path.loc.start;
    this.found.push({ path: [...list, '0', ...key.split('.')], line, column: column + 1, guarded: false });
  }

  /** Whether a bare word is a name given by `as |x|`. */
  isName(word: string): boolean {
    return this.frames.some(({ names }) => names.has(word));
  }

  /** Walks the inside of a block: below the items of a list, below a record, or behind a test. */
  inside<T>(name: string, subject: Node, given: readonly string[], body: () => T): T {
    const [frames, tested] = [this.frames, this.tested];
    if (name === 'if') this.tested = [...tested, ...this.proven(subject)];
    if (name === 'each' || name === 'with') this.frames = [...frames, this.frame(name, subject, given)];
    try {
      return body();
    } finally {
      [this.frames, this.tested] = [frames, tested];
    }
  }

  private frame(name: string, subject: Node, [item, place]: readonly string[]): Frame {
    const list = subject.type === 'PathExpression' ? this.resolve(subject as PathExpression) : null;
    const base = list !== null && name === 'each' ? [...list, '0'] : list;
    const names = new Map<string, string[] | null>();
    if (item !== undefined) names.set(item, base);
    if (place !== undefined) names.set(place, null);
    return { base, names };
  }

  private proven(test: Node): string[] {
    if (test.type === 'PathExpression') return [(this.resolve(test as PathExpression) ?? []).join('.')];
    const { path, params = [] } = test as hbs.AST.SubExpression;
    return proofs.has(path?.original) ? params.flatMap((param) => this.proven(param)) : [];
  }

  private resolve(path: PathExpression): string[] | null {
    const { data, depth, parts, original } = path;
    const [first = '', ...rest] = parts;
    if (data) {
      if (first === 'root') return rest;
      if (loopVariables.has(first) && rest.length === 0) return null;
      throw new RefusedSyntax(
        `"${original}" does not exist. After @ come root, index, key, first or last.`,
        path,
      );
    }
    const isPlain = depth === 0 && !/^(this\b|\.)/.test(original);
    const named = isPlain ? this.frames.findLast(({ names }) => names.has(first)) : undefined;
    if (named !== undefined) return below(named.names.get(first) ?? null, rest);
    const frame = this.frames.at(-1 - depth);
    if (frame === undefined)
      throw new RefusedSyntax(`"${original}" leads out of the text. Take away a "../".`, path);
    return below(frame.base, parts);
  }
}

function below(base: string[] | null, parts: string[]): string[] | null {
  return base === null ? null : [...base, ...parts];
}
