import { counted } from '../lib/counted.js';
import { RequestError } from '../lib/errors.js';
import { CALLS_A_MINUTE, type BacktestReport, type RuleBacktest } from '../match/backtest.js';
import type { BacktestResult } from '../match/backtest-archive.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { timeText } from './event-report.js';
import { readRules, refuseBroken } from './rule-files.js';
import { oneLine } from './table.js';

/**
 * The rules of a file or folder, each ready; with `id` that one alone.
 * @throws RequestError `rule.invalid` when one is broken, `request.not_found` when none has the id.
 */
export async function draftsOf(path: string, id: string | undefined): Promise<readonly CompiledRule[]> {
  const { active, broken } = await readRules([path]);
  refuseBroken(broken);
  const wanted = active.filter(({ rule }) => id === undefined || rule.id === id);
  if (wanted.length > 0) return wanted;
  const ids = active.map(({ rule }) => rule.id).join(', ');
  throw new RequestError('request.not_found', `There is no rule "${id}" in ${path}; it holds ${ids}.`);
}

/**
 * The rules that would fire more often than the version in force by more than `percent`. A rule that is new has nothing
 * to be compared with.
 */
export function increasedBeyond({ rules }: BacktestReport, percent: number): string[] {
  return rules
    .filter(
      ({ fires, difference: before }) =>
        before !== null && (fires - before.fires) * 100 > before.fires * percent,
    )
    .map(({ rule_id }) => rule_id);
}

/** For people. */
export function backtestReport(result: BacktestResult): string {
  const { since, events, days, days_archived: archived, rules, approximate, reads, notes } = result;
  const { clio_calls, most_calls_a_minute, minutes_over_budget } = result;
  const told = notes.map((note) => `Note: ${oneLine(note)}.\n`).join('');
  if (events === 0)
    return approximate
      ? `Clio shows no records that changed since ${since.slice(0, 10)} for these rules to be tried on.\n${told}`
      : `There are no archived events since ${since.slice(0, 10)} for these rules to be tried on; --from-clio tries them on the records that changed since then, as they are now.\n${told}`;
  const wait =
    minutes_over_budget === 0
      ? ''
      : `; in ${counted(minutes_over_budget, 'minute')} more than ${CALLS_A_MINUTE} were needed, and steps would have waited`;
  const had = archived < days ? `, of which the archive has ${archived.toFixed(1)}` : '';
  const from = `since ${since.slice(0, 10)} (${counted(days, 'day')}${had})`;
  const head = approximate
    ? `APPROXIMATE: ${counted(events, 'record')} that changed ${from}, as they are now (${counted(reads, 'read')} at Clio). Nothing was sent.\n` +
      'Each counts once, what it was before is not known, and no edge is looked for.\n'
    : `${counted(events, 'archived event')} ${from}. Nothing was sent.\n`;
  const calls = `\nClio calls: at most ${clio_calls} in all, without tries over again; ${most_calls_a_minute} of ${CALLS_A_MINUTE} in the busiest minute${wait}.\n`;
  return head + told + rules.map((rule) => ruleText(rule, archived)).join('') + calls;
}

function ruleText(rule: RuleBacktest, days: number): string {
  const { rule_id, version, fires, records, weeks, actions, failures, decisions, missing } = rule;
  const aWeek = ((fires * 7) / days).toFixed(1);
  const lines = [
    `\nRule ${rule_id} (version ${version.slice(0, 8)}): fires ${counted(fires, 'time')} for ${counted(records, 'record')}, ${aWeek} a week`,
    countsLine('by week', weeks),
    countsLine('steps', actions),
    countsLine('steps that fail', failures),
    countsLine('decisions', decisions),
    countsLine('not known', missing),
    ...differenceLines(rule),
  ];
  return lines
    .filter((text) => text !== '')
    .map((text) => `${text}\n`)
    .join('');
}

function countsLine(title: string, counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([key, count]) => `${oneLine(key)} ${count}`);
  return parts.length === 0 ? '' : `  ${title}: ${parts.join(', ')}`;
}

function differenceLines({ difference }: RuleBacktest): string[] {
  if (difference === null) return ['  no version of it is in force to compare with'];
  const { fires, more, fewer, more_list, fewer_list } = difference;
  const list = (sign: string, all: typeof more_list) =>
    all.map(
      ({ record, received_at, event_id }) =>
        `    ${sign} ${timeText(received_at)}  ${record}  event ${event_id}`,
    );
  const cut = more + fewer > more_list.length + fewer_list.length ? ['    and others'] : [];
  return [
    `  against the version in force, which fires ${counted(fires, 'time')}: ${more} more, ${fewer} fewer`,
    ...list('+', more_list),
    ...list('-', fewer_list),
    ...cut,
  ];
}
