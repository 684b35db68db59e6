import { isUtf8 } from 'node:buffer';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, RequestError } from '../lib/errors.js';
import type { Commons } from './commons.js';
import { loadCommons } from './load-commons.js';
import { parseRuleFile, type ParsedFile } from './parse-rules.js';
import { RuleBook } from './rule-book.js';
import type { Vocabulary } from './rule-vocabulary.js';

/** What editors read: it lies beside the rules and is none. */
export const SCHEMA_FILE = 'rule.schema.json';

/** Whether a file in the rules folder is a rule file. */
export function isRuleFile(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name) && !name.startsWith('.') && name !== SCHEMA_FILE;
}

/** What a folder holds: its files, read and checked, and what its rules share. */
export interface RulesFolder {
  files: ParsedFile[];
  commons: Commons;
}

/**
 * Reads every rule file of a folder, in the order of their names, and what they share.
 * @throws RequestError `config.invalid` when the folder cannot be read.
 */
export async function loadFolder(folder: string, vocabulary: Vocabulary): Promise<RulesFolder> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new RequestError(
      'config.invalid',
      `The rules folder ${folder} cannot be read (${messageOf(cause)}); create it or set RULES_DIR.`,
      { cause },
    );
  });
  const { commons, broken } = await loadCommons(folder);
  const files = names
    .filter(isRuleFile)
    .sort()
    .map((name) => loadFile(join(folder, name), vocabulary, commons));
  return { files: [...broken, ...(await Promise.all(files))], commons };
}

/** The book of a folder. @throws RequestError `config.invalid` when the folder cannot be read. */
export async function loadRules(folder: string, vocabulary: Vocabulary): Promise<RuleBook> {
  return RuleBook.of((await loadFolder(folder, vocabulary)).files);
}

/** Reads one rule file; one that cannot be read is broken, not fatal. */
export async function loadFile(file: string, vocabulary: Vocabulary, commons?: Commons): Promise<ParsedFile> {
  try {
    const bytes = await readFile(file);
    if (isUtf8(bytes)) return parseRuleFile(file, bytes.toString('utf8'), vocabulary, commons);
    return unreadableFile(file, 'The file is not UTF-8; save it with that encoding.');
  } catch (error) {
    return unreadableFile(file, `The file cannot be read (${messageOf(error)}).`);
  }
}

function unreadableFile(file: string, message: string): ParsedFile {
  const diagnostic = {
    code: 'R000',
    severity: 'error' as const,
    message,
    file,
    line: 1,
    column: 1,
    path: '',
  };
  return {
    rules: [],
    broken: [{ id: null, name: null, file, source: '', hash: '', diagnostics: [diagnostic] }],
    diagnostics: [diagnostic],
  };
}
