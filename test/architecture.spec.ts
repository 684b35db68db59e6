import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = 'src';

/** What each folder may import, besides itself. `types` marks imports that must be `import type`. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: [],
  config: ['lib'],
  store: ['lib', 'config', 'rules:types'],
  rules: ['lib'],
  clio: ['lib', 'config', 'store'],
  act: ['lib', 'config', 'clio'],
  lanes: ['lib', 'config', 'store'],
  ingest: ['lib', 'config', 'store', 'clio', 'lanes'],
  match: ['lib', 'config', 'store', 'rules', 'lanes'],
  run: ['lib', 'config', 'store', 'rules', 'act', 'lanes'],
  admin: ['lib', 'config', 'store', 'rules', 'act', 'clio', 'match'],
  sandbox: ['lib', 'clio/catalog'],
};

/** Files that put the folders together; the sandbox is for the command line alone. */
const COMPOSITION = [
  'main.ts',
  'cli.ts',
  'app.module.ts',
  'serve.ts',
  'close-connections.ts',
  'vocabulary.ts',
  'pipeline.ts',
  'read-again.ts',
  'standing-needs.ts',
  'read-record-now.ts',
  'records-at-clio.ts',
  'look-up-now.ts',
  'rule-keeper.ts',
  'cli',
  'demo',
];

interface Source {
  path: string;
  folder: string;
  text: string;
  tree: ts.SourceFile;
  imports: Import[];
}

/** Whatever names a module: `import`, `export … from`, `import()`. */
interface Import {
  name: string;
  /** Inside `src`; empty for a package. */
  path: string;
  typeOnly: boolean;
  /** What is taken by name; null when it may be everything. */
  taken: string[] | null;
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? walk(join(folder, entry.name))
      : entry.name.endsWith('.ts')
        ? [join(folder, entry.name)]
        : [],
  );
}

function load(path: string): Source {
  const text = readFileSync(path, 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports = nodesOf(tree).flatMap((node) => {
    const facts = importOf(node);
    if (facts === null) return [];
    const { name } = facts;
    const local = name.startsWith('.')
      ? relative(ROOT, join(dirname(path), name)).replace(/\.js$/, '.ts')
      : '';
    return [{ ...facts, path: local }];
  });
  const inside = relative(ROOT, path);
  return { path: inside, folder: inside.split('/')[0] ?? '', text, tree, imports };
}

function importOf(node: ts.Node): Omit<Import, 'path'> | null {
  const name = moduleOf(node);
  if (name === undefined || !ts.isStringLiteral(name)) return null;
  const typeOnly = (clause: ts.ImportClause | ts.ExportDeclaration | undefined) =>
    clause?.isTypeOnly ?? false;
  if (ts.isImportDeclaration(node)) {
    const { importClause: clause } = node;
    const named = clause?.name === undefined ? clause?.namedBindings : undefined;
    const taken = named !== undefined && ts.isNamedImports(named) ? named.elements.map(originalName) : null;
    return { name: name.text, typeOnly: typeOnly(clause), taken };
  }
  return { name: name.text, typeOnly: ts.isExportDeclaration(node) && typeOnly(node), taken: null };
}

function moduleOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic ? node.arguments[0] : undefined;
}

const originalName = ({ propertyName, name }: ts.ImportSpecifier) => (propertyName ?? name).text;

function nodesOf(tree: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const sources = walk(ROOT).map(load);

/** The ways that lead back to where they began; `next` gives where a place leads to. */
function cyclesOf(places: Iterable<string>, next: (place: string) => Iterable<string>): string[] {
  const closed = new Set<string>();
  const cycles: string[] = [];
  const visit = (place: string, trail: readonly string[]) => {
    if (trail.includes(place)) {
      cycles.push([...trail.slice(trail.indexOf(place)), place].join(' -> '));
    } else if (!closed.has(place)) {
      for (const target of next(place)) visit(target, [...trail, place]);
      closed.add(place);
    }
  };
  for (const place of places) visit(place, []);
  return cycles;
}

function offences(check: (source: Source) => string[]): string[] {
  return sources.flatMap((source) => check(source).map((what) => `${source.path}: ${what}`));
}

function isAllowed(from: Source, target: { path: string; typeOnly: boolean }): boolean {
  const folder = target.path.split('/')[0] ?? '';
  if (folder === from.folder) return true;
  if (COMPOSITION.includes(from.folder)) {
    return folder !== 'sandbox' || ['cli.ts', 'cli', 'demo'].includes(from.folder);
  }
  return (ALLOWED[from.folder] ?? []).some((rule) => {
    const [place = '', kind] = rule.split(':');
    return target.path.startsWith(`${place}/`) && (kind !== 'types' || target.typeOnly);
  });
}

const lineOf = (tree: ts.SourceFile, position: number) =>
  tree.getLineAndCharacterOfPosition(position).line + 1;

describe('the import table', () => {
  it('knows every folder', () => {
    const known = [...Object.keys(ALLOWED), ...COMPOSITION];
    expect(
      [...new Set(sources.map((source) => source.folder))].filter((folder) => !known.includes(folder)),
    ).toEqual([]);
  });

  it('holds', () => {
    expect(
      offences((source) =>
        source.imports
          .filter((target) => target.path !== '' && !isAllowed(source, target))
          .map((target) => `may not import ${target.path}`),
      ),
    ).toEqual([]);
  });

  it('has no cycle between files', () => {
    const targets = new Map(sources.map(({ path, imports }) => [path, imports.map((one) => one.path)]));
    expect(cyclesOf(targets.keys(), (path) => targets.get(path) ?? [])).toEqual([]);
  });

  it('has no cycle between folders', () => {
    const targets = new Map<string, Set<string>>();
    for (const { folder, imports } of sources) {
      const known = targets.get(folder) ?? new Set();
      targets.set(folder, known);
      for (const { path } of imports) if (path !== '') known.add(path.split('/')[0] ?? '');
      known.delete(folder);
    }
    expect(cyclesOf(targets.keys(), (folder) => targets.get(folder) ?? [])).toEqual([]);
  });

  it('keeps Nest and TypeORM out of lib and rules', () => {
    expect(
      offences((source) =>
        ['lib', 'rules'].includes(source.folder)
          ? source.imports
              .filter(({ name }) => /^(@nestjs|typeorm|fastify)/.test(name))
              .map(({ name }) => `imports ${name}`)
          : [],
      ),
    ).toEqual([]);
  });
});

describe('the single doors', () => {
  const uses = (pattern: RegExp, allowed: (source: Source) => boolean) =>
    offences((source) => (!allowed(source) && pattern.test(source.text) ? [`uses ${pattern.source}`] : []));

  it('reads the environment in config only', () => {
    expect(uses(/process\.env/, (source) => source.folder === 'config')).toEqual([]);
  });

  /** Who may open a connection, with which modules, and to whom. A folder's name stands for all files in it. */
  const NETWORK: Record<string, readonly string[]> = {
    // To Clio.
    'clio/http.ts': ['fetch'],
    // To the addresses that Clio names for the content of a document.
    'clio/put-text.ts': ['fetch'],
    // To hosts and the mail server that the settings name; the addresses are checked before anything is sent.
    'act/outbound-address.ts': ['net'],
    'act/outbound-http.ts': ['http', 'https', 'net'],
    'act/outbound-mail.ts': ['nodemailer'],
    'act/open-outbound.ts': ['dns'],
    'act/outbound.ts': ['dns'],
    // The sandbox's own door to this machine. To the addresses of webhooks, and of the server here; the status texts of answers.
    'sandbox/door.ts': ['http', 'net'],
    'sandbox/hook-sender.ts': ['http', 'https'],
    'sandbox/fault-injection.ts': ['http'],
    'cli/running-server.ts': ['fetch'],
    'demo/engine-api.ts': ['fetch'],
    'demo/start-demo.ts': ['fetch'],
    'demo/free-port.ts': ['net'],
    'admin/problem-of.ts': ['http'],
    'config/public-address.ts': ['net'],
  };
  const NETWORK_MODULE =
    /^(?:node:)?(http|https|http2|net|tls|dgram|dns)(?:\/promises)?$|^(undici|nodemailer|axios|got|ws)(?:\/|$)/;

  /** `fetch` and its like by their global names; a method of the same name of something else is none of them. */
  const isGlobalDoor = (node: ts.Node) => {
    if (!ts.isIdentifier(node) || !['fetch', 'WebSocket', 'EventSource'].includes(node.text)) return false;
    const { parent } = node;
    const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
    return !isMember || parent.expression.getText() === 'globalThis';
  };

  it('opens connections only where it is written down', () => {
    const found = sources.flatMap(({ path, imports, tree }) => {
      const modules = imports.flatMap(({ name }) => {
        const [, core, library] = NETWORK_MODULE.exec(name) ?? [];
        return core ?? library ?? [];
      });
      const calls = nodesOf(tree).some(isGlobalDoor);
      const used = [...new Set([...modules, ...(calls ? ['fetch'] : [])])].sort();
      return used.length === 0 ? [] : [[path, used] as const];
    });
    expect(Object.fromEntries(found)).toEqual(NETWORK);
  });

  it('hides no connection behind a computed import', () => {
    expect(uses(/\brequire\(|createRequire|getBuiltinModule|\bimport\((?!['"])/, () => false)).toEqual([]);
  });

  it('reads the time in lib/clock.ts only', () => {
    expect(
      uses(/Date\.now\(\)|new Date\(\)|setTimeout\(|setInterval\(/, ({ path }) => path === 'lib/clock.ts'),
    ).toEqual([]);
  });

  it('makes ids in lib/ids.ts only', () => {
    expect(
      uses(/randomUUID|Math\.random\(\)\.toString|from 'ulid'/, ({ path }) => path === 'lib/ids.ts'),
    ).toEqual([]);
  });

  it('throws no bare Error', () => {
    expect(uses(/new (Type|Range)?Error\(/, () => false)).toEqual([]);
  });

  it('has no forwardRef, no any and no TODO', () => {
    expect(uses(/forwardRef|: any\b|\bas any\b|<any>|TODO|FIXME/, () => false)).toEqual([]);
  });
});

describe('the budgets', () => {
  it('keeps a file within 350 lines, and above 10 unless it is a module', () => {
    const check = ({ path, text }: Source) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > 350 || (lines < 10 && !path.endsWith('.module.ts')) ? [`${lines} lines`] : [];
    };
    expect(offences(check)).toEqual([]);
  });

  it('keeps a function within 60 lines and a constructor within 5 parameters', () => {
    const check = (source: Source) =>
      nodesOf(source.tree)
        .filter((node) => ts.isFunctionLike(node))
        .flatMap((node) => {
          const from = lineOf(source.tree, node.getStart(source.tree));
          const lines = lineOf(source.tree, node.end) - from + 1;
          const tooWide = ts.isConstructorDeclaration(node) && node.parameters.length > 5;
          return [
            ...(lines > 60 ? [`${lines} lines from line ${from}`] : []),
            ...(tooWide ? [`wide constructor at ${from}`] : []),
          ];
        });
    expect(offences(check)).toEqual([]);
  });

  it('keeps a handler within 3 decorators', () => {
    const check = (source: Source) =>
      nodesOf(source.tree)
        .filter(ts.isMethodDeclaration)
        .filter((method) => (ts.getDecorators(method)?.length ?? 0) > 3)
        .map((method) => `${method.name.getText(source.tree)} has more`);
    expect(offences(check)).toEqual([]);
  });

  it('names files in kebab-case after what they do', () => {
    const vague = /^(index|utils?|helpers?|types|constants|interfaces|common|shared|misc)\./;
    expect(
      offences(({ path }) => {
        const name = basename(path);
        return vague.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(name)
          ? ['wants another name']
          : [];
      }),
    ).toEqual([]);
  });
});
