import { z } from 'zod';
import { authoringOf } from '../rules/api-rules.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Database } from '../store/database.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { etagOf } from './entity-tag.js';
import { scheduleTimes, scheduleTimesOf } from './schedule-times.js';
import { fieldsOf, severalOf, shown, sortedBy, strictQuery, textFilter } from './list-query.js';
import { mapPage, pageOf, pageQuery, slicePage, type Page } from './page.js';

const state = z.enum(['active', 'broken', 'removed']);

export const diagnosticView = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  path: z.string(),
});

/** A rule as it stands now. A broken one stays visible with what is wrong with it. */
export const ruleView = z.object({
  id: z.string().describe('The id in the file; file:<path> when it cannot be read.'),
  name: z.string().nullable(),
  file: z.string().describe('Its path; api:<id> for a rule of the API.'),
  authoring: z.enum(['files', 'api']).describe('Who owns its text: the rules folder, or the API.'),
  state,
  enabled: z.boolean().nullable(),
  mode: z.enum(['active', 'shadow']).nullable(),
  shadowed: z.boolean().describe("Whether it only watches on a person's word, whatever its text says."),
  version: z.string().nullable().describe('Hash of the content: equal text, equal version.'),
  diagnostics: z.array(diagnosticView),
});
export type RuleView = z.infer<typeof ruleView>;

export const ruleDetail = ruleView.extend({
  source: z.string().nullable().describe('The text of the file; null when the rule was removed.'),
  schedule: scheduleTimes
    .nullable()
    .optional()
    .describe('When it goes by the clock next, and did last, on any connection; null when it never does.'),
});
export type RuleDetail = z.infer<typeof ruleDetail>;

/** A rule as it was just put in force; the answer's ETag is what the next change has to send. */
export const editedRule = ruleDetail.extend({
  number: z.number().int().describe('Of its version, from 1 on.'),
  pending: z
    .boolean()
    .describe(
      'True when it waits for a second person: what was in force before stays so, and there is no ETag.',
    ),
});
export type EditedRule = z.infer<typeof editedRule>;

/** What a change of a rule has to name in If-Match: the text that was seen. */
export function ruleTag({ id, source }: { id: string; source: string | null }): string {
  return etagOf({ id, source });
}

export const rulesPage = pageOf(ruleView);
export const rulesQuery = strictQuery({
  ...pageQuery,
  state: severalOf(state.options).optional(),
  mode: severalOf(['active', 'shadow']).optional(),
  enabled: z.enum(['true', 'false']).optional(),
  q: textFilter('id, name and file'),
  sort: sortedBy(['id', '-id', 'name', '-name', 'file', '-file']),
  fields: fieldsOf(ruleView),
});
export type RulesQuery = z.infer<typeof rulesQuery>;

export async function listRules(
  book: RuleBook,
  database: Database,
  query: RulesQuery,
): Promise<Page<RuleView>> {
  const all = [...rulesOf(book), ...(await removedRules(database, book))];
  return chooseRules(all, query);
}

/** The page of these rules that `query` asks for. */
export function chooseRules(all: readonly RuleDetail[], query: RulesQuery): Page<RuleView> {
  const by = query.sort.replace('-', '') as 'id' | 'name' | 'file';
  const page = slicePage('rules', all.filter(isWanted(query)), query, (rule) => [
    (rule[by] ?? '').toLowerCase(),
    `${rule.id} ${rule.file}`,
  ]);
  return mapPage(page, ({ source: _source, ...view }) => shown(view, query.fields));
}

function isWanted({ state: states, mode: modes, enabled, q }: RulesQuery): (rule: RuleView) => boolean {
  const text = q?.toLowerCase() ?? '';
  return ({ id, name, file, state: is, mode, enabled: isEnabled }) =>
    (states?.includes(is) ?? true) &&
    (modes === undefined || (mode !== null && modes.includes(mode))) &&
    (enabled === undefined || isEnabled === (enabled === 'true')) &&
    [id, name ?? '', file].some((one) => one.toLowerCase().includes(text));
}

/** The rule of that id, or null. Of several files that claim one id, the first: all are broken and say so. */
export async function readRule(book: RuleBook, database: Database, id: string): Promise<RuleDetail | null> {
  const here = rulesOf(book).find((rule) => rule.id === id);
  const rule = here ?? (await removedRules(database, book)).find((one) => one.id === id);
  return rule === undefined ? null : { ...rule, schedule: await scheduleTimesOf(database, id) };
}

/** Every rule of the book, in the order of ids. */
export function rulesOf(book: RuleBook): RuleDetail[] {
  const all = [...book.active.map(viewActive), ...book.broken.map(viewBroken)];
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function viewActive({ rule, file, hash, warnings, source, document }: CompiledRule): RuleDetail {
  return {
    id: rule.id,
    name: rule.name,
    file,
    authoring: authoringOf({ file }),
    state: 'active',
    enabled: rule.enabled,
    mode: rule.mode,
    shadowed: rule.mode === 'shadow' && document['mode'] !== 'shadow',
    version: hash,
    diagnostics: warnings,
    source,
  };
}

function viewBroken({ id, name, file, hash, diagnostics, source }: BrokenRule): RuleDetail {
  return {
    id: id ?? `file:${file}`,
    name,
    file,
    authoring: authoringOf({ file }),
    state: 'broken',
    enabled: null,
    mode: null,
    shadowed: false,
    version: hash,
    diagnostics,
    source,
  };
}

/** Rules that were once in force and have no file any more: their decisions and runs still name them. */
async function removedRules(database: Database, book: RuleBook): Promise<RuleDetail[]> {
  const present = new Set(rulesOf(book).map(({ id }) => id));
  const records = await database.repo(RuleRecord).findBy({ state: 'removed' });
  return records
    .filter(({ id }) => !present.has(id) && !id.startsWith('file:'))
    .map(({ id, name, file, versionHash }) => ({
      id,
      name,
      file,
      authoring: authoringOf({ file }),
      state: 'removed' as const,
      enabled: null,
      mode: null,
      shadowed: false,
      version: versionHash,
      diagnostics: [],
      source: null,
    }));
}
