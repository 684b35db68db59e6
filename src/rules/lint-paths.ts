import { nearest } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { KnownPaths } from './known-paths.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import type { FieldKind } from './rule-vocabulary.js';

const ORDERED = new Set(['gt', 'gte', 'lt', 'lte']);
const COMPARED = new Set(['is', 'is_not', 'in', 'not_in', 'changed_to', 'changed_from', 'compare']);

/** R010 to R013, R021 and R022: every path a rule reads, and whether its test fits it. */
export function lintPaths(uses: readonly PathUse[], known: KnownPaths, report: Report): void {
  for (const use of uses) {
    const found = known.find(use.path, use.step);
    if ('wrong' in found) {
      if (use.isOperand === true) continue;
      const code = use.path.startsWith('outputs.') ? 'R021' : use.source === 'template' ? 'R022' : 'R010';
      report(code, found.wrong, use.place);
    } else if ('kind' in found && use.test !== undefined) {
      lintTest(use, found.kind, use.test, report);
    }
  }
}

function lintTest(
  use: PathUse,
  kind: FieldKind,
  { operator, values }: NonNullable<PathUse['test']>,
  report: Report,
): void {
  if (operator === 'changed' && use.path.endsWith('.name') && use.path.split('.').length > 2)
    report(
      'R013',
      `A renamed ${use.path.split('.')[1] ?? ''} is no change of this record: "${use.path}" is compared by its id.`,
      use.place,
      'warning',
    );
  const misfit = misfitOf(operator, kind);
  if (misfit !== null) {
    report(
      'R012',
      `"${operator === 'list' ? 'in' : operator}" does not fit ${use.path}, which is ${article(kind.type)}; ${misfit}.`,
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

function misfitOf(operator: string, { type }: FieldKind): string | null {
  if (ORDERED.has(operator))
    return ['integer', 'number', 'date', 'date-time'].includes(type) ? null : 'compare numbers and dates';
  if (operator === 'list') return type === 'list' ? null : 'it looks for a value in a list';
  if (operator === 'contains')
    return ['text', 'list'].includes(type) ? null : 'it looks into texts and lists';
  if (operator === 'starts_with' || operator === 'matches')
    return type === 'text' ? null : 'it looks at texts';
  if (COMPARED.has(operator))
    return ['object', 'list'].includes(type) ? 'name a field of it, such as its id' : null;
  return null;
}

function valueProblem(value: unknown, kind: FieldKind): string | null {
  if (value === null || value === undefined || isObject(value)) return null;
  if (kind.enum !== undefined) {
    if (kind.enum.includes(value as string)) return null;
    const close = nearest(JSON.stringify(value), kind.enum);
    return `Clio never says ${JSON.stringify(value)}; it says ${kind.enum.join(', ')}.${close === undefined ? '' : ` Did you mean "${close}"?`}`;
  }
  const expected = {
    integer: 'number',
    number: 'number',
    boolean: 'boolean',
    text: 'string',
    date: 'string',
    'date-time': 'string',
  }[kind.type as 'text'];
  return expected === undefined || typeof value === expected
    ? null
    : `${JSON.stringify(value)} is not ${article(kind.type)}.`;
}

const NAMES: Readonly<Record<FieldKind['type'], string>> = {
  integer: 'a whole number',
  number: 'a number',
  text: 'a text',
  boolean: 'true or false',
  date: 'a date',
  'date-time': 'a time',
  object: 'a record',
  list: 'a list',
};
const article = (type: FieldKind['type']) => NAMES[type];
