import { isObject } from '../lib/json.js';
import { isOptional, type Choice } from './input-schema.js';
import type { KnownPaths } from './known-paths.js';
import type { Report } from './read-documents.js';
import type { StepSpec } from './step.js';
import { typeNames, type ActionVocabulary, type FieldKind } from './rule-vocabulary.js';
import type { ComputedPart } from './sample-input.js';
import { daysOn } from './misfit-words.js';
import { parseTemplate } from './template-syntax.js';
import { outsideBraces } from './text-bounds.js';

/** The step in which a computed part stands. `proven`: the paths that have a value when the step runs. */
export interface Surroundings {
  step: StepSpec;
  index: number;
  /** Where in a place the name of the input stands. */
  input: number;
  action: ActionVocabulary;
  proven: ReadonlySet<string>;
  known: KnownPaths;
}

/** R020: a path that gives an input its value must be there, and of a type that the input takes. */
export function lintComputed(
  { node, place, choices }: ComputedPart,
  { step, index, input, action, proven, known }: Surroundings,
  report: Report,
): void {
  const [name = '', ...deeper] = place.slice(input);
  const unfit = typeof node === 'string' ? unfitText(node, choices) : null;
  if (unfit !== null) report('R020', `"${name}" of ${action.name}: ${unfit}`, place);
  const mayBeLeftOut = deeper.length === 0 && isOptional(action, String(name));
  for (const { path, role } of readBy(node)) {
    const found = known.find(path, index);
    if ('kind' in found && found.isComputed !== true && !fits(found.kind, role, choices)) {
      const wanted =
        role === 'start' ? 'days are added to a date' : `"${name}" of ${action.name} does not take it`;
      report('R020', `"${path}" is ${typeNames[found.kind.type]}, and ${wanted}.`, place);
      continue;
    }
    const gap = known.mayBeNull(path).some((prefix) => !isProven(prefix, proven));
    if (gap && !(step.omit_null && mayBeLeftOut))
      report(
        'R020',
        `"${path}" may be empty, and then the step would fail; ask for { field: ${path}, exists: true } in a condition` +
          `${mayBeLeftOut ? ', or set omit_null to leave the input out' : ''}.`,
        place,
      );
  }
}

const UNIT = /(\d+) *(business[ _]days?|days?|weeks?|months?|years?|hours?|minutes?)\b/;

/** A text around paths that can be no date, or no number, whatever the paths give; null when it may be one. */
function unfitText(text: string, choices: readonly Choice[]): string | null {
  const around = outsideBraces(text).trim();
  if (around === '' || choices.some(({ type, format }) => type === undefined || isFree(type, format)))
    return null;
  const [, count, unit] = UNIT.exec(around) ?? [];
  if (choices.some(({ type }) => type === 'string'))
    return count === undefined ? null : `no date is counted in a text; write ${daysOn(count, unit)}.`;
  const number = choices.some(({ type }) => type === 'integer' || type === 'number');
  return number && /[a-z]/i.test(around) ? `a number is wanted; write the {{…}} without "${around}".` : null;
}

function isFree(type: string, format: string | undefined): boolean {
  return type === 'array' || (type === 'string' && !(format ?? '').startsWith('date'));
}

type Role = 'text' | 'mixed' | 'logic' | 'start';

/** The paths without which a part has no value, and what they are to it. */
function readBy(node: unknown): { path: string; role: Role }[] {
  if (typeof node === 'string') {
    const { isSole, paths, helpers } = parseTemplate(node);
    const role = helpers.length === 0 ? 'text' : 'mixed';
    const needed = isSole ? paths.filter(({ guarded }) => !guarded) : [];
    return needed.map(({ path }) => ({ path: path.join('.'), role }));
  }
  if (!isObject(node)) return [];
  const { logic, to } = node;
  if (to !== undefined)
    return readBy(to).map(({ path, role }) => ({ path, role: role === 'text' ? 'start' : role }));
  const path = isObject(logic) ? logic['var'] : undefined;
  return typeof path === 'string' ? [{ path, role: 'logic' }] : [];
}

function fits({ type, enum: words }: FieldKind, role: Role, choices: readonly Choice[]): boolean {
  if (role === 'start') return type === 'date' || type === 'date-time' || type === 'text';
  if (role !== 'text') return true;
  return choices.some((choice) => takes(choice, type, words));
}

/** Whether the text of a value of this type can become what the schema asks for. */
function takes(schema: Choice, type: FieldKind['type'], words: readonly string[] | undefined): boolean {
  const isScalar = type !== 'object' && type !== 'list';
  const listed = schema.const === undefined ? schema.enum : [schema.const];
  switch (schema.type) {
    case undefined:
      return listed === undefined || isScalar;
    case 'string':
      if (listed !== undefined)
        return type === 'text' && (words === undefined || words.some((word) => listed.includes(word)));
      if (schema.format === 'date') return type === 'date' || type === 'text';
      if (schema.format === 'date-time') return type === 'date-time' || type === 'text';
      return isScalar;
    case 'integer':
    case 'number':
      return type === 'integer' || type === 'number';
    case 'boolean':
      return type === 'boolean';
    default:
      return false;
  }
}

/** An association is there when any of its fields is. */
function isProven(path: string, proven: ReadonlySet<string>): boolean {
  return [...proven].some((known) => known === path || known.startsWith(`${path}.`));
}
