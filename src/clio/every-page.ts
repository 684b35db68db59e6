import { repeatedPage } from './clio.errors.js';

/**
 * All records of the list at `path`, of which `read` gives one page, the first for null.
 * @throws UpstreamError `clio.unreadable_answer` when a page comes again: what is behind it would be missing.
 */
export async function everyPage<T>(
  path: string,
  read: (next: string | null) => Promise<{ records: T[]; next: string | null }>,
): Promise<T[]> {
  const records: T[] = [];
  const seen = new Set<string>();
  for (let next: string | null = null; ;) {
    const page = await read(next);
    records.push(...page.records);
    if (page.next === null) return records;
    if (seen.has(page.next)) throw repeatedPage(path);
    seen.add(page.next);
    next = page.next;
  }
}
