import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type EntityManager } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Diagnostic } from '../rules/diagnostic.js';
import { splitDocuments } from '../rules/split-documents.js';
import type { Database } from '../store/database.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { check, refused, ruleText, type Checking } from './rule-text.js';

export const importBody = z.strictObject({
  text: ruleText.describe('Rules with --- between them, as GET /api/v1/rules/export gives them.'),
  dry_run: z.boolean().default(false).describe('Only tell what would change.'),
  note: z.string().trim().min(1).max(500).optional(),
});
export type ImportBody = z.infer<typeof importBody>;

export const importReport = z.object({
  dry_run: z.boolean(),
  rules: z.array(z.object({ id: z.string(), what: z.enum(['added', 'changed', 'unchanged']) })),
  warnings: z.number().int(),
});
export type ImportReport = z.infer<typeof importReport>;

/** A rule of the text, ready, and what taking it up would be. */
export interface Imported {
  rule: CompiledRule;
  what: ImportReport['rules'][number]['what'];
}

/** Who may say whether an id is the API's: see RuleEditor. */
type OwnRow = (tx: EntityManager, id: string) => Promise<RuleRecord | null>;

/** All rules of the API in one text, in the order of ids. */
export async function exportRules(database: Database): Promise<string> {
  const where = { authoring: 'api' } as const;
  const rows = await database.repo(RuleRecord).find({ where, order: { id: 'ASC' } });
  return rows
    .flatMap(({ state, source }) => (state === 'removed' || source === null ? [] : [bare(source)]))
    .join('---\n');
}

/**
 * The rules of a text, each with the part of the text that is its own.
 * @throws RequestError `rule.invalid` (422) with all findings when one of them cannot be used, or two have one id.
 */
export async function rulesIn(
  text: string,
  checking: Checking,
): Promise<{ rules: CompiledRule[]; warnings: number }> {
  const diagnostics: Diagnostic[] = [];
  const found: CompiledRule[] = [];
  for (const { text: part, line } of splitDocuments(text)) {
    // A check takes milliseconds, and there may be hundreds: events must not wait for all of them.
    await setImmediate();
    const { rules, diagnostics: about } = check(part, checking);
    diagnostics.push(...about.map((one) => ({ ...one, line: one.line + line - 1 })));
    for (const rule of rules) {
      const twice = found.some((other) => other.rule.id === rule.rule.id);
      const at = { file: rule.file, line: rule.idAt.line + line - 1, column: rule.idAt.column };
      if (twice) diagnostics.push({ code: 'R006', severity: 'error', message: TWICE, ...at, path: 'id' });
      found.push(rule);
    }
  }
  if (found.length === 0 || diagnostics.some(({ severity }) => severity === 'error'))
    throw refused(diagnostics);
  return { rules: found, warnings: diagnostics.length };
}

const TWICE = 'The id stands in the text twice; every rule needs an id of its own.';

/** What taking up the rules would change. @throws RequestError `request.conflict` when a file owns one of them. */
export async function compare(
  tx: EntityManager,
  rules: readonly CompiledRule[],
  ownRow: OwnRow,
): Promise<Imported[]> {
  const compared: Imported[] = [];
  const owned: string[] = [];
  for (const rule of rules) {
    try {
      const row = await ownRow(tx, rule.rule.id);
      const isSame = row !== null && bare(row.source ?? '') === bare(rule.source);
      compared.push({ rule, what: row === null ? 'added' : isSame ? 'unchanged' : 'changed' });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      owned.push(error.message);
    }
  }
  const [first] = owned;
  if (first === undefined) return compared;
  throw new RequestError('request.conflict', `Nothing was imported. ${first}`, {
    details: { problems: owned },
  });
}

export function reportOf(
  compared: readonly Imported[],
  { dryRun, warnings }: { dryRun: boolean; warnings: number },
): ImportReport {
  const rules = compared.map(({ rule, what }) => ({ id: rule.rule.id, what }));
  return { dry_run: dryRun, rules, warnings };
}

/** A text as one part of several: without the line that begins a document, and with an end of line. */
function bare(source: string): string {
  return `${source.replace(/^\s*---[ \t]*\n/, '').trim()}\n`;
}
