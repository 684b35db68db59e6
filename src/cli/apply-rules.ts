import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { systemClock } from '../lib/clock.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { commonFolders } from '../rules/load-commons.js';
import { isRuleFile, loadRules } from '../rules/load-rules.js';
import type { Diagnostic } from '../rules/diagnostic.js';
import { RuleBook } from '../rules/rule-book.js';
import { vocabulary } from '../vocabulary.js';

/** Hidden, so that nobody takes what is in it for rules. */
const STAGE = '.apply-';
const HOUR_MS = 3_600_000;
const SHARED = { calendars: /\.ya?ml$/, templates: /\.hbs$/ } as const satisfies Record<
  (typeof commonFolders)[number],
  RegExp
>;

/** A folder as it would be, beside the folder in force: on the same disk, so that each file moves in one step. */
export interface Stage {
  folder: string;
  target: string;
  /** The rules of the folder as it would be; files are named as they will be. */
  book: RuleBook;
  /** Files that are new or have another content, relative; shared ones first, so that no rule misses them. */
  put: string[];
  /** Files of the target that the source does not have, relative. */
  extra: string[];
}

/**
 * Copies what the folder in force would become into a hidden folder inside it, and reads it as the engine would.
 * `prune`: without the files that the source does not have.
 * @throws RequestError `request.invalid` when a folder cannot be used.
 */
export async function stageRules(source: string, target: string, prune: boolean): Promise<Stage> {
  if (resolve(source) === resolve(target))
    throw new RequestError(
      'request.invalid',
      `${source} is the folder in force itself: what is saved there is taken up at once. Name another folder, or another one with --to.`,
    );
  const wanted = await ruleFilesIn(source);
  if (!wanted.some(isInRoot))
    throw new RequestError(
      'request.invalid',
      `There is no rule in ${source}; rules are files that end in .yaml, .yml or .json.`,
    );
  const present = await ruleFilesIn(target);
  await clearOld(target, systemClock.now());
  const extra = present.filter((file) => !wanted.includes(file));
  const folder = await mkdtemp(join(target, STAGE)).catch((cause: unknown) => {
    throw new RequestError(
      'request.invalid',
      `${target} cannot be written (${messageOf(cause)}); name the folder of the server's rules with --to.`,
      { cause },
    );
  });
  try {
    for (const file of wanted) await copy(join(source, file), join(folder, file));
    for (const file of prune ? [] : extra) await copy(join(target, file), join(folder, file));
    const book = named(await loadRules(folder, vocabulary()), folder, (file) =>
      wanted.includes(file) ? join(source, file) : join(target, file),
    );
    const put: string[] = [];
    for (const file of wanted) if (!(await isSame(join(folder, file), join(target, file)))) put.push(file);
    return {
      folder,
      target,
      book,
      put: put.sort((a, b) => Number(isInRoot(a)) - Number(isInRoot(b))),
      extra,
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Moves the staged files into the folder in force, each in one step, and takes out `remove`. A crash half-way leaves
 * whole files, old or new; the same command puts the rest in place.
 */
export async function putInForce({ folder, target, put }: Stage, remove: readonly string[]): Promise<void> {
  for (const file of put) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await rename(join(folder, file), join(target, file));
  }
  for (const file of remove) await unlink(join(target, file));
  const folders = new Set([target, ...[...put, ...remove].map((file) => dirname(join(target, file)))]);
  for (const each of folders) await keep(each);
}

/** Takes the hidden folder away. */
export async function clearStage({ folder }: Pick<Stage, 'folder'>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** What a crash left of an earlier call goes when it is so old that no call can still be at work on it. */
async function clearOld(target: string, now: Date): Promise<void> {
  for (const name of await readdir(target)) {
    if (!name.startsWith(STAGE)) continue;
    const { mtimeMs } = await stat(join(target, name));
    if (mtimeMs < now.getTime() - HOUR_MS) await rm(join(target, name), { recursive: true, force: true });
  }
}

/** The rule files of a folder and what they share, relative to it, by name. */
async function ruleFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new RequestError(
      'request.invalid',
      `The folder ${folder} cannot be read (${messageOf(cause)}); name a folder of rules.`,
      {
        cause,
      },
    );
  });
  const shared = commonFolders.map(async (below) => {
    const inside = await readdir(join(folder, below)).catch((): string[] => []);
    return inside
      .filter((name) => SHARED[below].test(name) && !name.startsWith('.'))
      .map((name) => join(below, name));
  });
  return [...names.filter(isRuleFile), ...(await Promise.all(shared)).flat()].sort();
}

const isInRoot = (file: string) => dirname(file) === '.';

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await keep(to);
}

/** Written through to the disk, so that a name never leads to half a file. */
async function keep(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isSame(one: string, other: string): Promise<boolean> {
  const there = await readFile(other).catch(() => null);
  return there !== null && there.equals(await readFile(one));
}

/** The book with the names that people know its files by. */
function named({ active, broken }: RuleBook, folder: string, nameOf: (file: string) => string): RuleBook {
  const rename = (path: string) => nameOf(relative(folder, path));
  const renamed = (diagnostics: readonly Diagnostic[]) =>
    diagnostics.map((each) => ({
      ...each,
      file: rename(each.file),
      message: each.message.replaceAll(folder + '/', ''),
    }));
  return new RuleBook(
    active.map((one) => ({
      ...one,
      file: rename(one.file),
      warnings: renamed(one.warnings),
      remarks: renamed(one.remarks),
    })),
    broken.map((one) => ({ ...one, file: rename(one.file), diagnostics: renamed(one.diagnostics) })),
  );
}
