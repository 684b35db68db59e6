import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { parseMoment } from './dates.js';
import type { Found, KnownPaths } from './known-paths.js';
import type { PathTest, TestWord } from './logic-uses.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import { inputMeant } from './rule-inputs.js';
import { typeNames, type FieldKind } from './rule-vocabulary.js';

type Type = FieldKind['type'];

/** What each test can work on, and what to do instead. */
const FITS: ReadonlyMap<TestWord, { types: readonly Type[]; advice: string }> = new Map(
  (
    [
      [
        ['gt', 'gte', 'lt', 'lte'],
        ['integer', 'number', 'date', 'date-time'],
        'only numbers and dates have an order',
      ],
      [['list'], ['list'], 'it goes through a list'],
      [['contains'], ['text', 'list'], 'it looks into texts and lists'],
      [['starts_with', 'matches', 'text'], ['text'], 'it looks at texts'],
      [['length'], ['text', 'list'], 'texts and lists have a length'],
      [['number'], ['integer', 'number'], 'it counts with numbers'],
      [['date', 'older_than', 'within_next'], ['date', 'date-time'], 'it counts from a date'],
      [
        ['held_for'],
        ['integer', 'number', 'text', 'boolean', 'date', 'date-time'],
        'name a field of it, such as its id',
      ],
      [
        ['is', 'is_not', 'in', 'not_in', 'changed_to', 'changed_from', 'compare', 'cat'],
        ['integer', 'number', 'text', 'boolean', 'date', 'date-time'],
        'name a field of it, such as its id',
      ],
      [
        ['any_of'],
        ['integer', 'number', 'text', 'boolean', 'date', 'date-time', 'list'],
        'name a field of it, such as its id',
      ],
    ] as const
  ).flatMap(([words, types, advice]) => words.map((word) => [word, { types, advice }] as const)),
);

/** The tests that take a text for the date or number in it. */
const READS_TEXT = new Set<TestWord>(['gt', 'gte', 'lt', 'lte', 'date', 'number']);

/** The tests whose values the field must be able to have. */
const COMPARED = new Set<TestWord>([
  ...(['is', 'is_not', 'in', 'not_in', 'changed_to', 'changed_from', 'compare', 'any_of'] as const),
  ...(['gt', 'gte', 'lt', 'lte'] as const),
]);

/** R010 to R013, R021 and R022: every path a rule reads, and whether its test fits it. */
export function lintPaths(uses: readonly PathUse[], known: KnownPaths, report: Report): void {
  for (const use of uses) {
    const found = known.find(use.path, use.step);
    if ('wrong' in found) {
      if (use.isOperand === true) continue;
      const code = use.path.startsWith('outputs.') ? 'R021' : use.source === 'template' ? 'R022' : 'R010';
      report(code, wrongRole(use) ?? `${found.wrong}${quoted(use)}`, use.place);
    } else if (use.test !== undefined) {
      const other = otherField(use, use.test, known);
      if (other !== undefined) report('R012', other, use.place);
      else if ('kind' in found) lintTest(use, found, use.test, report);
    }
  }
}

/** A role that an approval asks, which is read as a field of the matter. */
function wrongRole({ path, place, source }: PathUse): string | undefined {
  const isRole = source === 'condition' && place.at(-2) === 'approval' && place.at(-1) === 'by';
  if (!isRole) return undefined;
  const [model = '', role = ''] = path.split('.');
  return model === 'matter'
    ? `A matter has no role "${role}"; write role:responsible_attorney, role:originating_attorney or role:responsible_staff, or ask a group or user.`
    : `A role is one on the matter, and a ${model} belongs to none; ask a group or user, such as user:ann@firm.example.`;
}

/** A word beside a helper that compares, which is read as a path without its quotes. */
function quoted({ path, source, test }: PathUse): string {
  return source === 'template' && test !== undefined && /^[A-Z]\w*$/.test(path)
    ? ` A text needs quotes: '${path}'.`
    : '';
}

/** What two fields are compared by in logic; the other tests have no such word. */
const IN_LOGIC: ReadonlyMap<string, string> = new Map([
  ...([
    ['is_not', '!='],
    ['gt', '>'],
    ['gte', '>='],
    ['lt', '<'],
    ['lte', '<='],
  ] as const),
]);
const TEMPLATE = /\{\{\s*([a-z_]+(?:\.\w+(?: +\w+)*)*)\s*\}\}/;
const PATH = /^[a-z_]+(?:\.[a-z0-9_]+)+$/;

/** What is wrong with a value that names another field, which a field test takes as a text. */
function otherField(
  { path, source, step, isOperand }: PathUse,
  { operator, values }: PathTest,
  known: KnownPaths,
): string | undefined {
  // The name of an event may look like a field: "bill.paid".
  const isOther = source !== 'condition' || isOperand === true || path === 'event.type';
  if (isOther || operator === 'matches') return undefined;
  for (const value of values) {
    if (typeof value !== 'string') continue;
    const input = inputMeant(value);
    if (input !== undefined)
      return `${path}: ${JSON.stringify(value)} is taken as a text here; for the value of an input write { input: ${input} }.`;
    const named = TEMPLATE.exec(value)?.[1] ?? (PATH.test(value) ? value : undefined);
    if (named === undefined || !('kind' in known.find(named, step))) continue;
    const test = `{ "${IN_LOGIC.get(operator) ?? '=='}": [{ var: ${path} }, { var: ${named} }] }`;
    return `${path}: ${JSON.stringify(value)} is taken as a text here, and not as what the field has. Conditions have no templates; compare with { var: … } in "logic", such as { logic: ${test} }.`;
  }
  return undefined;
}

type Known = Extract<Found, { kind: FieldKind }>;

function lintTest(
  use: PathUse,
  { kind, isComputed = false }: Known,
  { operator, called = operator, values }: PathTest,
  report: Report,
): void {
  if (operator === 'changed' && use.path.endsWith('.name') && use.path.split('.').length > 2)
    report(
      'R013',
      `A renamed ${use.path.split('.')[1] ?? ''} is no change of this record: "${use.path}" is compared by its id.`,
      use.place,
      'warning',
    );
  // Whether there is a value can be asked of everything.
  const isAboutNothing = values.length > 0 && values.every((value) => value === null);
  const fits = isAboutNothing || (isComputed && READS_TEXT.has(operator)) ? undefined : FITS.get(operator);
  if (fits !== undefined && !fits.types.includes(kind.type)) {
    const at = use.place.at(-1);
    const name = use.isOperand === true && typeof at === 'string' ? at : called;
    const list = [...(kind.fields?.() ?? [])].find(([, { type }]) => type === 'list')?.[0];
    const within = operator === 'list' && list !== undefined ? `, such as ${use.path}.${list}` : '';
    report(
      'R012',
      `"${name}" does not fit ${use.path}, which is ${typeNames[kind.type]}; ${fits.advice}${within}.`,
      use.place,
    );
    return;
  }
  if (!COMPARED.has(operator)) return;
  for (const value of values) {
    const problem = valueProblem(value, kind);
    if (problem !== null)
      report(kind.enum === undefined ? 'R012' : 'R011', `${use.path}: ${problem}`, use.place);
  }
}

function valueProblem(value: unknown, kind: FieldKind): string | null {
  if (value === null || value === undefined || isObject(value)) return null;
  if (kind.enum !== undefined) {
    if (kind.enum.includes(value as string)) return null;
    const said = typeof value === 'string' ? value : JSON.stringify(value);
    const sign = /^[=!<>]+/.exec(said)?.[0];
    const leave = sign === undefined ? '' : ` Leave the "${sign}" away: the operator is the key before it.`;
    return `Clio never says ${JSON.stringify(value).slice(0, 80)}; it says ${kind.enum.join(', ')}.${leave}${didYouMean(said.replace(/^[=!<>]+\s*/, ''), kind.enum)}`;
  }
  if (isOfType(value, kind.type)) return null;
  const isTemplate = typeof value === 'string' && value.includes('{{');
  const advice = isTemplate ? ' Conditions have no templates; compare with { var: … } in "logic".' : '';
  return `${JSON.stringify(value).slice(0, 80)} is not ${typeNames[kind.type]}.${advice || unquoted(value, kind.type)}`;
}

const isNumeric = (type: Type) => type === 'integer' || type === 'number';

/** A number, true or false that stands in quotes, or is said in another word. */
function unquoted(value: unknown, type: Type): string {
  if (typeof value !== 'string') return '';
  const isNumber = isNumeric(type) && /^-?\d+(\.\d+)?$/.test(value);
  if (isNumber) return ` Write it without quotes: ${value}.`;
  const [amount] = isNumeric(type) ? (/^\D?[\d,']*\d(\.\d+)?/.exec(value) ?? []) : [];
  if (amount !== undefined) return ` Write it with digits alone: ${amount.replaceAll(/[^\d.]/g, '')}.`;
  if (type === 'date' || type === 'date-time') return ' Write it like "2026-04-01".';
  if (type !== 'boolean') return '';
  return ` Write ${/^(no|off|n|false)$/i.test(value) ? 'false' : 'true'}, without quotes.`;
}

function isOfType(value: unknown, type: Type): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'date':
    case 'date-time':
      return typeof value === 'string' && parseMoment(value, 'UTC') !== undefined;
    case 'object':
    case 'list':
      return true;
  }
}
