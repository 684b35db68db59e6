import { readFile, stat } from 'node:fs/promises';
import { RequestError } from '../lib/errors.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import type { Diagnostic } from '../rules/diagnostic.js';
import { loadRules } from '../rules/load-rules.js';
import { parseRuleFile } from '../rules/parse-rules.js';
import { RuleBook } from '../rules/rule-book.js';
import { vocabulary } from '../vocabulary.js';

/**
 * The rules of files and folders as one book, so that an id that two files claim is found.
 * @throws RequestError `request.invalid` when a path does not exist or holds no rule.
 */
export async function readRules(paths: readonly string[]): Promise<RuleBook> {
  const words = vocabulary();
  const active: CompiledRule[] = [];
  const broken: BrokenRule[] = [];
  for (const path of paths) {
    const found = (await isFolder(path))
      ? await loadRules(path, words)
      : readFound(parseRuleFile(path, await readFile(path, 'utf8'), words));
    active.push(...found.active);
    broken.push(...found.broken);
  }
  if (active.length + broken.length === 0)
    throw new RequestError(
      'request.invalid',
      `There is no rule in ${paths.join(', ')}; rules are files that end in .yaml, .yml or .json.`,
    );
  return new RuleBook(active, broken);
}

function readFound({ rules, broken }: ReturnType<typeof parseRuleFile>) {
  return { active: rules, broken };
}

/** Everything that was found wrong, in the order of files and lines. */
export function diagnosticsOf({ active, broken }: RuleBook): Diagnostic[] {
  const all = [
    ...active.flatMap(({ warnings }) => warnings),
    ...broken.flatMap(({ diagnostics }) => diagnostics),
  ];
  return all.sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new RequestError(
      'request.invalid',
      `There is no rule file or folder "${path}"; check the spelling.`,
      {
        cause,
      },
    );
  }
}
