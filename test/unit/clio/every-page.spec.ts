import { describe, expect, it } from '@jest/globals';
import { everyPage } from '../../../src/clio/every-page.js';

/** A list whose page 1 leads to what is given for 1, and so on. */
const list = (pages: Record<string, { ids: number[]; next: string | null }>) =>
  everyPage('bills', (next) => {
    const { ids, next: following } = pages[next ?? '1']!;
    return Promise.resolve({ records: ids.map((id) => ({ id })), next: following });
  });

describe('everyPage', () => {
  it('gives the records of all pages, over pages without any', async () => {
    const pages = { 1: { ids: [1, 2], next: '2' }, 2: { ids: [], next: '3' }, 3: { ids: [3], next: null } };
    expect(await list(pages)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  it.each(['2', '3'])('does not pass for whole when page 3 leads back to page %s', async (back) => {
    const pages = { 1: { ids: [1], next: '2' }, 2: { ids: [2], next: '3' }, 3: { ids: [3], next: back } };
    await expect(list(pages)).rejects.toMatchObject({
      code: 'clio.unreadable_answer',
      message: expect.stringMatching(/list of bills came back to a page .* asked for again later/) as unknown,
    });
  });
});
