import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import { isObject, readPath, textOf } from '../lib/json.js';
import { isSameValue, ordinalsOf } from './compare-values.js';
import { addDuration, type Counting } from './business-days.js';
import { dayText, formatMoment, parseDuration, parseMoment } from './dates.js';
import type { Moment } from './dates.js';
import { MissingValue, Unknown } from './unknown.js';

/** What a helper gets beside its arguments. */
export interface HelperScope extends Counting {
  /** Where the text stands in the rule, for messages. */
  where: string;
  /** Where Clio's pages are: `https://app.clio.com`. */
  clioUrl: string;
}

/** A word that a text may use, with how many arguments it takes. */
export interface TemplateHelper {
  min: number;
  max: number;
  /** May an argument be missing or null? Always, never, or where the helper's own value may be. */
  nothing: 'allowed' | 'refused' | 'inherited';
  run(args: readonly unknown[], scope: HelperScope): unknown;
}

const any = Number.POSITIVE_INFINITY;

function failed(where: string, problem: string): RuleError {
  return new RuleError('rule.template_failed', `${where}: ${problem}`);
}

/** As in json-logic: an empty list, an empty text, zero, false and nothing count as false. */
function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

const isNothing = (value: unknown) => value === null || value === undefined;

function momentOf(value: unknown, name: string, { zone, where }: HelperScope): Moment {
  const moment = typeof value === 'string' ? parseMoment(value, zone) : undefined;
  if (moment !== undefined) return moment;
  throw failed(
    where,
    `"${name}" takes a date such as 2026-04-01, and gets ${shown(value)}. Give it a date field.`,
  );
}

function shown(value: unknown): string {
  return isNothing(value) ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function date(args: readonly unknown[], scope: HelperScope): string {
  const [value, pattern = 'YYYY-MM-DD'] = args;
  const written = printable(pattern, scope.where);
  const text = formatMoment(momentOf(value, 'date', scope), written);
  if (text !== undefined) return text;
  throw failed(scope.where, badPattern(written));
}

/** What is wrong with a literal pattern of `date`. */
function badPattern(pattern: string): string {
  return (
    `the date pattern "${pattern}" is not known. It is made of YYYY MM M DD D MMM MMMM ddd dddd HH mm, signs, and ` +
    'words in brackets: "D MMM YYYY [at] HH:mm".'
  );
}

function money([value, currency]: readonly unknown[], { where }: HelperScope): string {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isFinite(amount)) {
    throw failed(where, `"money" takes a number, and gets ${shown(value)}. Give it an amount.`);
  }
  if (currency === undefined) {
    return amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    throw failed(
      where,
      `"money" takes a currency such as "USD", and gets ${shown(currency)}. Give its code.`,
    );
  }
  return amount.toLocaleString('en-US', { style: 'currency', currency });
}

function businessDays([count, start]: readonly unknown[], scope: HelperScope): string {
  const duration = parseDuration(`${printable(count, scope.where)} business_days`);
  const from = momentOf(start, 'business_days', scope);
  if (duration !== undefined) return dayText(addDuration(from, duration, scope));
  throw failed(
    scope.where,
    `"business_days" takes a whole number of at most six digits first, and gets ${shown(count)}. Write {{business_days 3 now}}.`,
  );
}

function firstOf(args: readonly unknown[], { where }: HelperScope): unknown {
  const value = args.find((arg) => !isNothing(arg));
  if (value !== undefined) return value;
  throw failed(where, 'every value of "default" is missing or empty. End it with a text of your own.');
}

function ordered(name: string, fits: (difference: number) => boolean): TemplateHelper {
  const run: TemplateHelper['run'] = (args, { zone, where }) => {
    if (args.some(isNothing)) return false;
    const ordinals = ordinalsOf(args, [], zone);
    if (!(ordinals instanceof Unknown)) return fits(Number(ordinals[0]) - Number(ordinals[1]));
    const got = args.map(shown).join(' and ');
    throw failed(
      where,
      `"${name}" compares two numbers or two dates, and gets ${got}. Compare like with like.`,
    );
  };
  return { min: 2, max: 2, nothing: 'inherited', run };
}

function plural([given, one, many]: readonly unknown[], { where }: HelperScope): string {
  const count = printable(given, where);
  // A word such as "no" counts as well.
  if (typeof given === 'boolean' || count.trim() === '')
    throw failed(
      where,
      `"plural" takes a number first, and gets ${shown(given)}. Write {{plural count 'page' 'pages'}}.`,
    );
  const word = Number(count) === 1 ? one : (many ?? `${printable(one, where)}s`);
  return `${count} ${printable(word, where)}`;
}

function truncate([value, length]: readonly unknown[], { where }: HelperScope): string {
  if (!Number.isInteger(length) || Number(length) < 1) {
    throw failed(
      where,
      `"truncate" takes a length of 1 or more, and gets ${shown(length)}. Write a number without quotes.`,
    );
  }
  const text = printable(value, where);
  const characters = Array.from(text);
  const longest = Number(length);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

/** Clio's pages by model; the address of a record is its page and its id. */
const pages: ReadonlyMap<unknown, string> = new Map([
  ['matter', 'matters'],
  ['contact', 'contacts'],
  ['bill', 'bills'],
]);

function link([model, id]: readonly unknown[], { clioUrl, where }: HelperScope): string {
  const page = pages.get(model);
  if (page !== undefined) return `${clioUrl}/nc/#/${page}/${printable(id, where)}`;
  throw failed(
    where,
    `"link" knows ${[...pages.keys()].join(', ')}, and gets ${shown(model)}. Use one of these.`,
  );
}

function join([list, key, separator = ', ']: readonly unknown[], { where }: HelperScope): string {
  const path = typeof key === 'string' ? `.${key}` : '';
  if (!Array.isArray(list))
    throw failed(where, `"join" takes a list, and gets ${shown(list)}. Give it a list field.`);
  const items = list.map((item: unknown, index) => {
    const value: unknown = readPath({ item }, `item${path}`);
    if (isNothing(value)) throw new MissingValue(new Unknown('missing_value', `${index}${path}`), where);
    return printable(value, where);
  });
  return items.join(printable(separator, where));
}

/** The text of a value in a template. Throws RuleError `rule.template_failed` for an object or a list. */
export function printable(value: unknown, where: string): string {
  if (typeof value !== 'object') return textOf(value);
  if (value === null) throw failed(where, 'null cannot be written as text. Write a text, or leave it out.');
  const what = isObject(value) ? 'a record' : 'a list';
  throw failed(where, `${what} cannot be written as text. Name one of its fields, or use "join" for a list.`);
}

function helper(
  min: number,
  max: number,
  run: TemplateHelper['run'],
  nothing: TemplateHelper['nothing'] = 'refused',
): TemplateHelper {
  return { min, max, nothing, run };
}

const isSame: TemplateHelper['run'] = ([a, b], { zone }) => isSameValue(a ?? null, b ?? null, zone);

/** Every helper by name. */
export const templateHelpers: ReadonlyMap<string, TemplateHelper> = new Map([
  ['date', helper(1, 2, date)],
  ['money', helper(1, 2, money)],
  ['business_days', helper(2, 2, businessDays)],
  ['default', helper(1, any, firstOf, 'allowed')],
  ['exists', helper(1, 1, ([value]) => !isNothing(value), 'allowed')],
  ['eq', helper(2, 2, isSame, 'inherited')],
  ['ne', helper(2, 2, (args, scope) => isSame(args, scope) === false, 'inherited')],
  ['gt', ordered('gt', (difference) => difference > 0)],
  ['gte', ordered('gte', (difference) => difference >= 0)],
  ['lt', ordered('lt', (difference) => difference < 0)],
  ['lte', ordered('lte', (difference) => difference <= 0)],
  ['and', helper(1, any, (args) => args.every(isTruthy), 'inherited')],
  ['or', helper(1, any, (args) => args.some(isTruthy), 'inherited')],
  ['not', helper(1, 1, ([value]) => !isTruthy(value), 'inherited')],
  ['plural', helper(2, 3, plural)],
  ['truncate', helper(2, 2, truncate)],
  ['link', helper(2, 2, link)],
  ['join', helper(1, 3, join)],
]);

/** The words that open a block. What `if` and `unless` test may be missing or null. */
export const templateBlocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

interface HelperSample {
  args: readonly unknown[];
  example: string;
}

/** How a helper with a fixed order is written: values that fit each of its arguments, and an example for messages. */
export const helperSamples = new Map<string, HelperSample>([
  ['date', { args: ['2026-01-01', 'YYYY'], example: "{{date matter.open_date 'D MMM YYYY'}}" }],
  ['money', { args: [1, 'USD'], example: "{{money bill.balance 'USD'}}" }],
  ['business_days', { args: [1, '2026-01-01'], example: '{{business_days 3 now}}' }],
  ['plural', { args: [1, 'page', 'pages'], example: "{{plural count 'page' 'pages'}}" }],
  ['truncate', { args: ['text', 1], example: '{{truncate matter.description 80}}' }],
  ['link', { args: ['matter', 1], example: "{{link 'matter' matter.id}}" }],
  ['join', { args: [], example: "{{join matter.relationships 'description' '; '}}" }],
  ['exists', { args: [], example: '{{#if (exists matter.close_date)}} … {{/if}}' }],
  ['not', { args: [], example: '{{#if (not matter.billable)}} … {{/if}}' }],
  ['default', { args: [], example: "{{default matter.close_date 'not closed'}}" }],
  ...['and', 'or'].map(
    (name) =>
      [name, { args: [], example: `{{#if (${name} matter.billable matter.close_date)}} … {{/if}}` }] as const,
  ),
  ...['eq', 'ne', 'gt', 'gte', 'lt', 'lte'].map(
    (name) => [name, { args: [], example: `{{#if (${name} bill.balance 1000)}} … {{/if}}` }] as const,
  ),
]);

/** What helpers of other tools are called here. */
const OTHER_HELPERS: ReadonlyMap<string, string> = new Map([
  ...['elseif', 'elif', 'else_if', 'elsif'].map((word) => [word, '{{else if …}}'] as const),
  ...['formatDate', 'dateFormat', 'format_date', 'moment'].map((word) => [word, '{{date …}}'] as const),
  ...['currency', 'formatCurrency', 'format_money'].map((word) => [word, '{{money …}}'] as const),
  ...['ifEquals', 'equals', 'equal', 'is'].map((word) => [word, '{{#if (eq … …)}}'] as const),
]);

/** What to say of a word in the place of a helper or block; null for one that there is. */
export function strangeHelper(name: string): string | null {
  const known = [...templateHelpers.keys(), ...templateBlocks];
  if (known.includes(name)) return null;
  const unknown = `There is no helper "${name}".`;
  const other = OTHER_HELPERS.get(name);
  if (other !== undefined) return `${unknown} Write ${other}.`;
  if (name.includes('.') && !name.includes('.custom_fields.'))
    return `${unknown} It is a path: there are no blanks in one, and nothing stands behind it; to ask what it is, write {{#if (eq ${name} 'Open')}} … {{/if}}.`;
  if (name.includes('.'))
    return `${unknown} It is a path: there are no blanks in one, and a name with blanks stands in brackets, as in {{matter.custom_fields.[Court file number]}}.`;
  return `${unknown}${didYouMean(name, known) || ` There are: ${known.join(', ')}.`}`;
}
