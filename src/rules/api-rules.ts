import { apiFile, isApiFile } from '../lib/api-file.js';
import type { Commons } from './commons.js';
import type { BrokenRule, CompiledRule } from './compiled-rule.js';
import type { Diagnostic } from './diagnostic.js';
import { parseRuleFile, type ParsedFile } from './parse-rules.js';
import { RuleBook } from './rule-book.js';
import type { Vocabulary } from './rule-vocabulary.js';

export type RuleFormat = 'yaml' | 'json';

/** Reads and checks a text for the API as a file is; it is named `api:<id>` by the id of its first rule. */
export function parseApiText(
  text: string,
  vocabulary: Vocabulary,
  commons: Commons,
  format: RuleFormat = 'yaml',
): ParsedFile {
  const parsed = parseRuleFile(`text.${format}`, text, vocabulary, commons);
  const [first] = [...parsed.rules.map(({ rule }) => rule), ...parsed.broken];
  return underName(parsed, apiFile(first?.id ?? null));
}

/** A text of the database; it is that rule's, even when nobody can read it any more. */
export function parseStoredText(
  { id, source }: { id: string; source: string },
  vocabulary: Vocabulary,
  commons: Commons,
): ParsedFile {
  const { rules, broken, diagnostics } = parseRuleFile(apiFile(id), source, vocabulary, commons);
  return { rules, broken: broken.map((one) => ({ ...one, id })), diagnostics };
}

function underName({ rules, broken, diagnostics }: ParsedFile, file: string): ParsedFile {
  const named = (all: readonly Diagnostic[]) => all.map((one) => ({ ...one, file }));
  return {
    rules: rules.map((one) => ({
      ...one,
      file,
      warnings: named(one.warnings),
      remarks: named(one.remarks),
    })),
    broken: broken.map((one) => ({ ...one, file, diagnostics: named(one.diagnostics) })),
    diagnostics: named(diagnostics),
  };
}

/** The rules of files with those of the API. */
export function withApiRules(files: RuleBook, api: readonly ParsedFile[]): RuleBook {
  const active = api.flatMap(({ rules }) => rules);
  const broken = api.flatMap((one) => one.broken);
  const owned = [...active.map(({ rule }) => rule.id), ...broken.map(({ id }) => id)];
  const rest = withoutOwned(files, new Set(owned));
  return new RuleBook([...rest.active, ...active], [...rest.broken, ...broken]);
}

/** The rules of files; one does not take an id that the API owns: it counts as broken. */
export function withoutOwned(files: RuleBook, owned: ReadonlySet<string | null>): RuleBook {
  if (owned.size === 0) return files;
  return new RuleBook(
    files.active.filter(({ rule }) => !owned.has(rule.id)),
    [
      ...files.broken.map((one) => (owned.has(one.id) ? { ...one, id: null } : one)),
      ...files.active.filter(({ rule }) => owned.has(rule.id)).map(claimed),
    ],
  );
}

/** Without an id, because the rule of that id is another. */
function claimed({ rule, file, source, idAt, hash, warnings }: CompiledRule): BrokenRule {
  const message = `The id "${rule.id}" belongs to a rule of the API; give this one another id, or delete that one (DELETE /api/v1/rules/${rule.id}).`;
  const diagnostic = { code: 'R006', severity: 'error', message, file, ...idAt, path: 'id' } as const;
  return { id: null, name: rule.name, file, source, hash, diagnostics: [diagnostic, ...warnings] };
}

/** The book in which these rules only watch, whatever their texts say. */
export function withShadows(book: RuleBook, shadowed: readonly string[]): RuleBook {
  if (shadowed.length === 0) return book;
  const ids = new Set(shadowed);
  const watching = (compiled: CompiledRule): CompiledRule =>
    ids.has(compiled.rule.id) ? { ...compiled, rule: { ...compiled.rule, mode: 'shadow' } } : compiled;
  return new RuleBook(
    book.active.map(watching),
    book.broken.map((one) =>
      one.lastGood === undefined ? one : { ...one, lastGood: watching(one.lastGood) },
    ),
  );
}

/** Who owns a rule's text. */
export function authoringOf({ file }: Pick<CompiledRule, 'file'>): 'files' | 'api' {
  return isApiFile(file) ? 'api' : 'files';
}
