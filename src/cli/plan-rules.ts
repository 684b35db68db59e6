import { In, type EntityTarget } from 'typeorm';
import { stringify } from 'yaml';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { Diagnostic } from '../rules/diagnostic.js';
import type { RuleBook } from '../rules/rule-book.js';
import { ruleSchema } from '../rules/rule.js';
import type { Database } from '../store/database.js';
import { Debounce } from '../store/debounce.entity.js';
import { OPEN_RUN } from '../store/end-run.js';
import { Lookup } from '../store/lookup.entity.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { Run } from '../store/run.entity.js';
import { lineDiff } from '../lib/line-diff.js';

/** The version of a rule that is in force, or that was before its file broke. */
export interface InForce {
  id: string;
  file: string;
  hash: string;
  document: JsonObject;
  isBroken: boolean;
}

/** What of a rule is under way, one that was removed too. */
export interface UnderWay {
  /** Runs that are not at their end; they stay on the version they began with. */
  runs: number;
  /** Events that wait for its debounce (a burst is one) or its lookups; the version in force by then decides them. */
  events: number;
}

export interface PlannedRule {
  id: string;
  file: string;
  what: 'added' | 'changed' | 'removed' | 'unchanged' | 'broken';
  /** Hashes; null where there is none. */
  from: string | null;
  to: string | null;
  /** Of a changed rule, its document a line each: `+ …`, `- …`, `  …`. */
  diff: string[];
  open_runs: number;
  waiting_events: number;
  /** Of a broken rule. */
  diagnostics: Diagnostic[];
}

/** What putting files in force would change. */
export interface RulePlan {
  /** True when nothing would change. */
  in_force: boolean;
  rules: PlannedRule[];
}

/** What the engine has recorded as in force. Only reads. */
export async function rulesInForce(database: Database): Promise<InForce[]> {
  const records = await database.repo(RuleRecord).find({
    where: { state: In(['active', 'broken']), authoring: 'files' },
    order: { id: 'ASC' },
  });
  const found: InForce[] = [];
  for (const { id, file, versionHash, state } of records) {
    const version = await database.repo(RuleVersion).findOneBy({ ruleId: id, hash: versionHash ?? '' });
    if (version === null) continue;
    const { hash, document } = version;
    found.push({ id, file, hash, document, isBroken: state === 'broken' });
  }
  return found;
}

/** By rule, what is under way of it. Only reads. */
export async function rulesUnderWay(database: Database): Promise<Map<string, UnderWay>> {
  const found = new Map<string, UnderWay>();
  const add = async (kind: keyof UnderWay, entity: EntityTarget<{ ruleId: string }>, where = {}) => {
    const counts = await database
      .repo(entity)
      .createQueryBuilder('one')
      .select('one.ruleId', 'id')
      .addSelect('count(*)', 'count')
      .where(where)
      .groupBy('one.ruleId')
      .getRawMany<{ id: string; count: number | string }>();
    for (const { id, count } of counts) {
      const known = found.get(id) ?? { runs: 0, events: 0 };
      found.set(id, { ...known, [kind]: known[kind] + Number(count) });
    }
  };
  await add('runs', Run, { status: In([...OPEN_RUN]) });
  await add('events', Debounce);
  await add('events', Lookup, { status: In(['asked', 'answered']) });
  return found;
}

/** The ids that belong to rules of the API. */
export async function idsOfApi(database: Database): Promise<string[]> {
  const where = { authoring: 'api' as const, state: In(['active', 'broken']) };
  const records = await database.repo(RuleRecord).find({ select: { id: true }, where });
  return records.map(({ id }) => id);
}

/** Compares the rules of files with what is in force. Pure. */
export function planRules(
  { active, broken }: RuleBook,
  inForce: readonly InForce[],
  underWay: ReadonlyMap<string, UnderWay>,
): RulePlan {
  const known = new Map(inForce.map((each) => [each.id, each]));
  const openOf = (id: string | null) => {
    const { runs = 0, events = 0 } = underWay.get(id ?? '') ?? {};
    return { open_runs: runs, waiting_events: events };
  };
  const good = active.map(({ rule: { id }, file, hash, document }): PlannedRule => {
    const before = known.get(id);
    const isSame = before?.hash === hash && !before.isBroken;
    const what = before === undefined ? 'added' : isSame ? 'unchanged' : 'changed';
    const diff = before === undefined ? [] : diffOf(before.document, document);
    return {
      id,
      file,
      what,
      from: before?.hash ?? null,
      to: hash,
      diff,
      ...openOf(id),
      diagnostics: [],
    };
  });
  const bad = broken.map(({ id, file, diagnostics }): PlannedRule => {
    const from = known.get(id ?? '')?.hash ?? null;
    const base = { file, what: 'broken' as const, from, to: null, diff: [], ...openOf(id) };
    return { ...base, id: id ?? `file:${file}`, diagnostics };
  });
  const kept = new Set([...good, ...bad].map(({ id }) => id));
  const removed = inForce
    .filter(({ id }) => !kept.has(id))
    .map(({ id, file, hash }): PlannedRule => {
      const base = { file, what: 'removed' as const, from: hash, to: null, diff: [], diagnostics: [] };
      return { ...base, id, ...openOf(id) };
    });
  const rules = [...good, ...bad, ...removed].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { in_force: rules.every(({ what }) => what === 'unchanged'), rules };
}

function diffOf(before: JsonObject, after: JsonObject): string[] {
  return lineDiff(linesOf(before), linesOf(after)).map(({ sign, text }) => `${sign} ${text}`);
}

/** The document in one spelling, whatever the file looked like: keys of a rule in their usual order, all others by name. */
function linesOf(document: JsonObject): string[] {
  const order = Object.keys(ruleSchema.shape);
  const known = order.filter((key) => Object.hasOwn(document, key));
  const keys = [...known, ...Object.keys(document).filter((key) => !order.includes(key))];
  const whole = Object.fromEntries(keys.map((key) => [key, sorted(document[key] ?? null)]));
  return stringify(whole, { lineWidth: 0 }).trimEnd().split('\n');
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
