import { z } from 'zod';
import { didYouMean } from '../lib/did-you-mean.js';

/** The query of a route: what it does not know is refused with the nearest parameter that it has. */
export function strictQuery<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownName('parameter', key, known)).join(' ')
        : undefined,
  });
}

/** A name, id or other text that is compared as it is. */
export const exactly = z
  .string()
  .min(1)
  .max(200)
  // PostgreSQL has no texts with it.
  .regex(/^[^\0]*$/, 'it must be a text');

/** One or several of `options`, separated by commas; parsed to a list without repetitions. */
export function severalOf<const Word extends string>(options: readonly Word[]) {
  const allowed: readonly string[] = options;
  return exactly
    .transform((text, context) => {
      const words = [...new Set(text.split(',').map((word) => word.trim()))];
      for (const word of words.filter((one) => !allowed.includes(one)))
        context.addIssue({
          code: 'custom',
          message: `"${word}" is not possible.${didYouMean(word, allowed)} Allowed: ${allowed.join(', ')}; several with commas.`,
        });
      return words as Word[];
    })
    .describe(`One or several, separated by commas: ${allowed.join(', ')}.`);
}

/** The orders of a list: by `names`, a minus before it turns it round. The first is the default. */
export function sortedBy<const Orders extends readonly [string, ...string[]]>(orders: Orders) {
  return z
    .enum(orders)
    .default(orders[0])
    .describe(`The order: ${orders.join(', ')}; with a minus the last or newest first.`);
}

/** `matter/123`, as lists show model and record_id; parsed to both. */
export const recordFilter = z
  .string()
  .regex(/^[a-z_]+\/[\x21-\x7e]{1,100}$/, 'it must be model and id, like matter/123')
  .transform((text) => {
    const at = text.indexOf('/');
    return { model: text.slice(0, at), id: text.slice(at + 1) };
  })
  .describe('Model and id: matter/123.');

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ago = /^(\d{1,5})([mhdw])$/;
const calendar = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const time = z
  .string()
  .refine(
    (text) => ago.test(text) || calendar.safeParse(text).success,
    'it must be a time like 2026-03-01T09:00:00Z, a day like 2026-03-01 (midnight UTC), or so long ago: 30m, 24h, 7d, 2w',
  );

/** When what is listed was made. */
export const timeFilters = {
  since: time.optional().describe('Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w).'),
  until: time.optional().describe('Not after, written likewise.'),
};

/** The moment that `since` or `until` names, in epoch milliseconds. */
export function momentOf(text: string, now: Date): number {
  const [, count, unit = ''] = ago.exec(text) ?? [];
  return count === undefined ? Date.parse(text) : now.getTime() - Number(count) * (UNIT_MS[unit] ?? 0);
}

/** Text that is looked for; `where` says in what. */
export function textFilter(where: string) {
  return z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe(`Only with this text, in any case, in ${where}.`);
}

/** What a text is looked for in, on a long list. */
export const SEARCHED_ROWS = 1_000;
/** The same for long lists, which are looked through page by page. */
export function longTextFilter(where: string) {
  return textFilter(
    `${where}. A page looks through ${SEARCHED_ROWS} entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor`,
  );
}

/** The fields to show, by the names of `view`; parsed to a list. */
export function fieldsOf(view: z.ZodObject) {
  const known = Object.keys(view.shape);
  return exactly
    .max(1_000)
    .transform((text, context) => {
      const names = [...new Set(text.split(',').map((name) => name.trim()))];
      for (const name of names.filter((one) => !known.includes(one)))
        context.addIssue({ code: 'custom', message: unknownName('field', name, known) });
      return names;
    })
    .optional()
    .describe('Only these fields, separated by commas; all when left out.');
}

/** What is shown of it. Typed as the whole: who asks for some fields knows which. */
export function shown<View extends object>(view: View, fields: readonly string[] | undefined): View {
  if (fields === undefined) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => fields.includes(name))) as View;
}

/** What is not known, what was meant, and what there is. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const longer = known.find((one) => one.startsWith(`${name}_`));
  const meant = longer === undefined ? didYouMean(name, known) : ` Did you mean "${longer}"?`;
  return `There is no ${what} "${name}".${meant} ${known.length === 0 ? 'Leave it out.' : `There are: ${known.join(', ')}.`}`;
}
