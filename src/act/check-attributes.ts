import type { AttributeFacts, FieldType } from '../clio/catalog/catalog.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { InputProblem } from './action.js';

type Path = readonly (string | number)[];

/** What is gathered on the way through a request. */
export interface Findings {
  /** Of values that are known only when the step runs, nothing but their names is checked. */
  isComputed: (value: unknown) => boolean;
  problems: InputProblem[];
}

/**
 * The attributes as Clio takes them, text from templates turned into numbers and switches. What Clio would drop without a
 * word, refuse or miss goes to `findings.problems`.
 */
export function fitAttributes(
  given: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, AttributeFacts>>,
  path: Path,
  findings: Findings,
): Record<string, unknown> {
  const fitted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const facts = Object.hasOwn(known, name) ? known[name] : undefined;
    if (facts === undefined) {
      const hint = didYouMean(name, Object.keys(known));
      problem(findings, [...path, name], `Clio takes no "${name}" here and would drop it silently.${hint}`);
    } else fitted[name] = fitValue(value, facts, [...path, name], findings);
  }
  // An entry that changes or removes another one leaves out what a new one requires.
  if (given.id === undefined || known.id === undefined)
    for (const [name, { required }] of Object.entries(known))
      if (required && given[name] === undefined) problem(findings, path, `Clio needs "${name}" here.`);
  return fitted;
}

function problem({ problems }: Findings, path: Path, message: string): void {
  problems.push({ path, message });
}

function fitValue(value: unknown, facts: AttributeFacts, path: Path, findings: Findings): unknown {
  const { type, attributes, nullable } = facts;
  if (findings.isComputed(value)) return value;
  if (value === null) {
    if (attributes?.id !== undefined && nullable !== true)
      problem(findings, path, 'Clio does not take null here; an association like this cannot be cleared.');
    return value;
  }
  if (type === 'object') {
    if (isObject(value))
      return attributes === undefined ? value : fitAttributes(value, attributes, path, findings);
    problem(findings, path, 'Clio takes an object here, such as { id: 12 }.');
    return value;
  }
  if (type === 'array') {
    if (Array.isArray(value))
      return value.map((item, index) => fitValue(item, elementOf(facts), [...path, index], findings));
    problem(findings, path, 'Clio takes a list here.');
    return value;
  }
  const fitted = fitScalar(value, type);
  const message = scalarProblem(fitted, type, facts.enum) ?? lengthProblem(fitted, facts.maxLength);
  if (message !== undefined) problem(findings, path, message);
  return fitted;
}

function elementOf({ items = 'string', enum: values, attributes }: AttributeFacts): AttributeFacts {
  return {
    type: items,
    ...(values === undefined ? {} : { enum: values }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** Characters as people count them: one that needs two units of UTF-16 is one. */
function lengthProblem(value: unknown, most: number | undefined): string | undefined {
  const length = typeof value === 'string' ? Array.from(value).length : 0;
  if (most === undefined || length <= most) return undefined;
  return `Clio takes at most ${most} characters here, and this has ${length}. Write it shorter, or cut it off with {{truncate ... ${most}}}.`;
}

/** Templates give text only. */
export function fitScalar(value: unknown, type: FieldType): unknown {
  if (typeof value !== 'string') return value;
  const word = value.trim();
  if (type === 'integer' && /^-?\d{1,15}$/.test(word)) return Number(word);
  if (type === 'number' && /^-?\d{1,15}(\.\d+)?$/.test(word)) return Number(word);
  return type === 'boolean' && /^(true|false)$/.test(word) ? word === 'true' : value;
}

/** Whether a value fits Clio's type, and what to say when it does not. */
export function scalarProblem(
  value: unknown,
  type: FieldType,
  choices: readonly string[] | undefined,
): string | undefined {
  if (choices !== undefined && !choices.includes(String(value)))
    return `Clio takes ${choices.join(', ')} here.${didYouMean(String(value), choices)}`;
  if (type === 'integer' && !Number.isInteger(value)) return 'Clio takes a whole number here.';
  if (type === 'number' && typeof value !== 'number') return 'Clio takes a number here.';
  if (type === 'boolean' && typeof value !== 'boolean') return 'Clio takes true or false here.';
  if (type === 'date' && !/^\d{4}-\d{2}-\d{2}/.test(String(value)))
    return 'Clio takes a date here: YYYY-MM-DD.';
  if (type === 'date-time' && !/^\d{4}-\d{2}-\d{2}/.test(String(value)))
    return 'Clio takes a date-time here: 2026-01-31T09:00:00Z.';
  return type === 'string' && typeof value === 'object' ? 'Clio takes a text here.' : undefined;
}
