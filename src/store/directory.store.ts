import { Injectable } from '@nestjs/common';
import { In, type ObjectLiteral } from 'typeorm';
import { isSameJson } from '../lib/json.js';
import { Database } from './database.js';
import { DirectoryEntry, type DirectoryExtra } from './directory-entry.entity.js';
import { DirectoryList } from './directory-list.entity.js';
import { assertLaneHeld } from './held-lane.js';

/** A record of a list as Clio shows it now. */
export type ListedRecord = Pick<DirectoryEntry, 'recordId' | 'name' | 'parentId' | 'active' | 'extra'>;

const MOST_FORMER_NAMES = 10;

/** The firms' own lists as last read, with what was there before. */
@Injectable()
export class DirectoryStore {
  constructor(private readonly database: Database) {}

  /** The records of these lists, gone ones included, in the order of their names. */
  entries(connectionId: string, kinds: readonly string[]): Promise<DirectoryEntry[]> {
    return this.database
      .repo(DirectoryEntry)
      .find({ where: { connectionId, kind: In([...kinds]) }, order: { kind: 'ASC', name: 'ASC' } });
  }

  /** The lists of a connection that were ever read, by kind. */
  async lists(connectionId: string): Promise<Map<string, DirectoryList>> {
    const rows = await this.database.repo(DirectoryList).findBy({ connectionId });
    return new Map(rows.map((row) => [row.kind, row]));
  }

  /** Takes over a list as it is now. What it does not have any more stays as gone, and a name as a former one. */
  async replace(
    connectionId: string,
    kind: string,
    records: readonly ListedRecord[],
    now: number,
  ): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const rows = await tx.findBy(DirectoryEntry, { connectionId, kind });
      const before = new Map(rows.map((row) => [row.recordId, row]));
      const present = new Set(records.map(({ recordId }) => recordId));
      const gone = rows
        .filter(({ recordId }) => !present.has(recordId))
        .map((row): ListedRecord => ({ ...row, active: 0, extra: { ...row.extra, gone: true } }));
      for (const record of [...records, ...gone]) {
        const known = before.get(record.recordId);
        const { recordId, name, parentId, active } = record;
        const row = { recordId, name, parentId, active, extra: withFormer(record, known) };
        if (known !== undefined && isAsBefore(row, known)) continue;
        const keys = ['connectionId', 'kind', 'recordId'];
        await tx.upsert<ObjectLiteral>(DirectoryEntry, { connectionId, kind, ...row, seenAt: now }, keys);
      }
      const list = { connectionId, kind, readAt: now, doubtedAt: null };
      await tx.upsert<ObjectLiteral>(DirectoryList, list, ['connectionId', 'kind']);
    });
  }
}

function isAsBefore(row: ListedRecord, { recordId, name, parentId, active, extra }: DirectoryEntry): boolean {
  return isSameJson(row, { recordId, name, parentId, active, extra });
}

/** A user is known by an e-mail address as well as by a name. */
function withFormer({ name, extra }: ListedRecord, known: DirectoryEntry | undefined): DirectoryExtra {
  if (known === undefined) return extra;
  const old = [known.name, known.extra.email, ...(known.extra.former ?? [])];
  const isNow = (text: string) => text === name || text === extra.email;
  const former = [...new Set(old)].filter((text): text is string => text !== undefined && !isNow(text));
  return former.length === 0 ? extra : { ...extra, former: former.slice(0, MOST_FORMER_NAMES) };
}
