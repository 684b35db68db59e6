import { z } from 'zod';
import { lineDiff } from '../lib/line-diff.js';
import type { Database } from '../store/database.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { isoTime, moment } from './answer-fields.js';
import { found } from './found.js';
import { fieldsOf, shown, sortedBy, strictQuery } from './list-query.js';
import { mapPage, pageOf, pageQuery, slicePage, type Page } from './page.js';

const versionLine = z.object({
  number: z.number().int(),
  hash: z.string().describe('Of the content: decisions and runs name it.'),
  in_force: z.boolean(),
  created_at: moment,
  note: z.string().nullable(),
  author: z
    .object({ kind: z.string(), id: z.string(), name: z.string() })
    .nullable()
    .describe('Who gave it to the API; null for one of a file.'),
  approval: z
    .enum(['accepted', 'pending', 'dropped'])
    .describe('pending: it waits for a second person and does nothing yet.'),
  approved_by: z.object({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
});
export type VersionLine = z.infer<typeof versionLine>;

export const versionsPage = pageOf(versionLine);
export const versionsQuery = strictQuery({
  ...pageQuery,
  sort: sortedBy(['-number', 'number']),
  fields: fieldsOf(versionLine),
});
export type VersionsQuery = z.infer<typeof versionsQuery>;

export const versionDetail = versionLine.extend({
  source: z.string().describe('The text as it was written; of a file, all of the file.'),
});
export type VersionDetail = z.infer<typeof versionDetail>;

export const versionDiff = z.object({
  from: z.number().int(),
  to: z.number().int(),
  lines: z
    .array(z.object({ sign: z.enum([' ', '-', '+']), text: z.string() }))
    .describe('With two lines around each change; none when the texts are the same.'),
});
export type VersionDiff = z.infer<typeof versionDiff>;

const number = z.coerce.number().int().min(1).max(1_000_000_000);
export const versionPath = z.object({ id: z.string(), number });
export type VersionPath = z.infer<typeof versionPath>;
export const diffPath = z.object({ id: z.string(), a: number, b: number });
export type DiffPath = z.infer<typeof diffPath>;

/** The versions of a rule, newest first. @throws RequestError `request.not_found` when it never had one. */
export async function listVersions(
  database: Database,
  id: string,
  query: VersionsQuery,
): Promise<Page<VersionLine>> {
  const rows = await database.repo(RuleVersion).find({
    select: {
      ruleId: true,
      number: true,
      hash: true,
      createdAt: true,
      note: true,
      author: true,
      approval: true,
      approvedBy: true,
    },
    where: { ruleId: id },
  });
  found('rule', id, rows[0]);
  const inForce = await numberInForce(database, id);
  const page = slicePage(`versions of ${id}`, rows, query, (row) => [row.number]);
  return mapPage(page, (row) => shown(viewLine(row, inForce), query.fields));
}

export async function readVersion(
  database: Database,
  { id, number: wanted }: VersionPath,
): Promise<VersionDetail> {
  const version = await database.repo(RuleVersion).findOneBy({ ruleId: id, number: wanted });
  const row = found('version', `${id}/${wanted}`, version);
  return { ...viewLine(row, await numberInForce(database, id)), source: row.source };
}

/** What has to be changed in version `a` to get version `b`. */
export async function diffVersions(database: Database, { id, a, b }: DiffPath): Promise<VersionDiff> {
  const [from, to] = [
    await readVersion(database, { id, number: a }),
    await readVersion(database, { id, number: b }),
  ];
  return { from: a, to: b, lines: lineDiff(from.source.split('\n'), to.source.split('\n')) };
}

/** The newest text of a rule that is kept, whoever owns it; null when there is none. */
export async function newestSource(database: Database, id: string): Promise<string | null> {
  const row = await database
    .repo(RuleVersion)
    .findOne({ where: { ruleId: id, approval: 'accepted' }, order: { number: 'DESC' } });
  return row?.source ?? null;
}

/** A rule that came back to a content is in its last version of it. */
async function numberInForce(database: Database, id: string): Promise<number | null> {
  const row = await database.repo(RuleRecord).findOneBy({ id, state: 'active' });
  if (row === null) return null;
  const where = { ruleId: id, hash: row.versionHash ?? '', approval: 'accepted' as const };
  return database.repo(RuleVersion).maximum('number', where);
}

function viewLine(row: RuleVersion, inForce: number | null): VersionLine {
  const { number: of, hash, createdAt, note, author, approval, approvedBy } = row;
  return {
    number: of,
    hash,
    in_force: of === inForce,
    created_at: isoTime(createdAt),
    note,
    author,
    approval,
    approved_by: approvedBy,
  };
}
