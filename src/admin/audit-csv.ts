import { canonicalJson } from '../lib/json.js';
import type { AuditView } from './audit-views.js';

const COLUMNS: readonly (readonly [string, (entry: AuditView) => string])[] = [
  ['seq', ({ seq }) => String(seq)],
  ['at', ({ at }) => at],
  ['actor_kind', ({ actor }) => actor.kind],
  ['actor_id', ({ actor }) => actor.id],
  ['actor_name', ({ actor }) => actor.name],
  ['kind', ({ kind }) => kind],
  ['connection_id', (entry) => entry.connection_id ?? ''],
  ['rule_id', (entry) => entry.rule_id ?? ''],
  ['run_id', (entry) => entry.run_id ?? ''],
  ['matter_id', (entry) => entry.matter_id ?? ''],
  ['facts', ({ facts }) => canonicalJson(facts)],
  ['prev_hash', (entry) => entry.prev_hash],
  ['hash', ({ hash }) => hash],
];

/** The entries as CSV (RFC 4180, a line of titles first), every column of the trail, facts as canonical JSON. */
export function auditCsv(entries: readonly AuditView[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...entries.map((one) => COLUMNS.map(([, of]) => of(one)))];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/**
 * A cell in quotes where it needs them. What a spreadsheet would take for a formula gets an apostrophe in front, because
 * reasons and names are what people typed.
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
