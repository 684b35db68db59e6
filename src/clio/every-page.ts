import type { ClioRecord, ListPage } from './clio.client.js';

/** All records of a list of which `read` gives one page, the first for null. Ends where Clio repeats a page. */
export async function everyPage(read: (next: string | null) => Promise<ListPage>): Promise<ClioRecord[]> {
  const records: ClioRecord[] = [];
  for (let next: string | null = null; ;) {
    const page = await read(next);
    records.push(...page.records);
    if (page.next === null || page.next === next) return records;
    next = page.next;
  }
}
