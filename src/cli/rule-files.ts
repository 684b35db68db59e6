import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RequestError } from '../lib/errors.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import { formatDiagnostic, type Diagnostic } from '../rules/diagnostic.js';
import { lintBook } from '../rules/lint-book.js';
import { commonFolders, loadCommons } from '../rules/load-commons.js';
import { isRuleFile, loadFile, SCHEMA_FILE } from '../rules/load-rules.js';
import { RuleBook } from '../rules/rule-book.js';
import type { Database } from '../store/database.js';
import { vocabulary } from '../vocabulary.js';
import { bookWithApi } from './book-with-api.js';

/**
 * The rules of files and folders as one book, so that an id that two files claim is found.
 * @throws RequestError `request.invalid` when a path does not exist or there is no rule file.
 */
export async function readRules(paths: readonly string[]): Promise<RuleBook> {
  const files = [...new Set((await Promise.all(paths.map(filesOf))).flat())];
  if (files.length === 0)
    throw new RequestError(
      'request.invalid',
      `There is no rule in ${paths.join(', ')}; put a file there that ends in .yaml, .yml or .json, or name one.`,
    );
  const words = vocabulary();
  const folders = [...new Set(files.map((file) => dirname(file)))];
  const shared = new Map(
    await Promise.all(folders.map(async (folder) => [folder, await loadCommons(folder)] as const)),
  );
  const parsed = files.map((file) => loadFile(file, words, shared.get(dirname(file))?.commons));
  return RuleBook.of([
    ...[...shared.values()].flatMap(({ broken }) => broken),
    ...(await Promise.all(parsed)),
  ]);
}

/** As `rule.yaml.txt`, where the end of names is hidden, and `RULE.YAML`. */
const ALMOST = /^[^.].*\.(ya?ml|json)(\.(txt|docx?))?$/i;

/** Whether this is written as a path is: an id has none of these characters. */
export function isPath(name: string): boolean {
  return /[./\\]/.test(name);
}

/** @throws RequestError `rule.invalid` with the first error of them, where there is one. */
export function refuseBroken(broken: readonly Pick<BrokenRule, 'diagnostics'>[]): void {
  const problem = broken
    .flatMap(({ diagnostics }) => diagnostics)
    .find(({ severity }) => severity === 'error');
  if (problem !== undefined)
    throw new RequestError('rule.invalid', `The rule is broken: ${formatDiagnostic(problem)}`);
}

/**
 * One rule, ready: of a file, or by its id of the folder or the API.
 * @throws RequestError `rule.invalid` when it is broken, `request.not_found` when there is none, `request.invalid` when
 * there are several.
 */
export async function ruleNamed(
  name: string,
  { rule: id, dir }: { rule?: string; dir: string },
  database: Database,
): Promise<CompiledRule> {
  const isFile = isPath(name);
  const { active, broken } = isFile ? await readRules([name]) : await bookWithApi(dir, database);
  const wantedId = isFile ? id : name;
  refuseBroken(broken.filter((each) => isFile || each.id === name));
  if (!isFile && active.every(({ rule }) => rule.id !== name) && (await isFolder(name)))
    throw new RequestError(
      'request.invalid',
      `"${name}" is a folder; give a rule file in it, as in ${join(name, 'my-rule.yaml')}, or the id of a rule.`,
    );
  return theRule(active, wantedId, isFile ? name : `${dir} or of the API`, '--rule');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The rule with this id, or the only one. `where` they stand and the `option` that takes an id: for the message.
 * @throws RequestError `request.not_found` when none has the id, `request.invalid` when an id is needed to tell them apart.
 */
export function theRule(
  active: readonly CompiledRule[],
  id: string | undefined,
  where: string,
  option: string,
): CompiledRule {
  const [only, ...others] = active.filter(({ rule }) => id === undefined || rule.id === id);
  if (only !== undefined && others.length === 0) return only;
  const ids = active.map(({ rule }) => rule.id);
  if (id === undefined)
    throw new RequestError(
      'request.invalid',
      `${where} holds ${ids.join(', ')}; name one of them with ${option}.`,
    );
  throw new RequestError(
    'request.not_found',
    `There is no rule "${id}" in ${where}.${didYouMean(id, ids) || ` There are: ${ids.join(', ')}.`}`,
  );
}

/** Everything that was found wrong, and `more`, in the order of files and lines. */
export function diagnosticsOf({ active, broken }: RuleBook, more: readonly Diagnostic[] = []): Diagnostic[] {
  const all = [
    ...more,
    ...active.flatMap(({ warnings, remarks }) => [...warnings, ...remarks]),
    ...lintBook(active, vocabulary()),
    ...broken.flatMap(({ diagnostics }) => diagnostics),
  ];
  return all.sort((a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column);
}

/**
 * R000, warnings: what lies in the folders and is named almost as a rule file is, and rules in folders below them, which
 * nobody reads.
 */
export async function unreadFiles(paths: readonly string[]): Promise<Diagnostic[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      if (!(await stat(path)).isDirectory()) return [];
      const entries = await readdir(path, { withFileTypes: true });
      const misnamed = entries
        .filter(({ name }) => ALMOST.test(name) && !isRuleFile(name) && name !== SCHEMA_FILE)
        .map(({ name }) => unread(join(path, name), MISNAMED));
      const below = entries.filter((entry) => entry.isDirectory() && !isOwnFolder(entry.name));
      const rules = (await Promise.all(below.map(({ name }) => rulesIn(join(path, name))))).flat();
      return [...misnamed, ...rules.map((file) => unread(file, `${BELOW} Move it to ${path}.`))];
    }),
  );
  return found.flat();
}

const MISNAMED =
  'This file is not read: the names of rule files end in .yaml, .yml or .json, in small letters. Rename it.';
const BELOW = 'This file is not read: rules lie in the folder itself, not in folders below it.';

const isOwnFolder = (name: string) =>
  name.startsWith('.') || name === 'blueprints' || commonFolders.some((each) => each === name);

/** The files of a folder that are rules by their text: examples of events may lie there as well, and what cannot be read. */
async function rulesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && isRuleFile(entry.name))
    .map(({ name }) => join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return files.filter((_, index) => /^[ \t"'{]*triggers["' \t]*:/m.test(texts[index] ?? ''));
}

function unread(file: string, message: string): Diagnostic {
  return { code: 'R000', severity: 'warning', message, file, line: 1, column: 1, path: '' };
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) {
      if (extname(path) === '' || isRuleFile(basename(path))) return [path];
      throw new RequestError(
        'request.invalid',
        `"${path}" is not a rule file; rules are files that end in .yaml, .yml or .json: rename it to ${basename(path, extname(path))}.yaml.`,
      );
    }
    return (await readdir(path))
      .filter(isRuleFile)
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    throw new RequestError(
      'request.invalid',
      `"${path}" cannot be read (${messageOf(cause)}); name a rule file or a folder of them.`,
      { cause },
    );
  }
}
