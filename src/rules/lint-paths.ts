import { didYouMean, nearest } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { PathUse } from './path-uses.js';
import type { Rule } from './rule.js';
import type { FieldKind, ModelVocabulary, Vocabulary } from './rule-vocabulary.js';
import type { Report } from './read-documents.js';

/** What is known about a path: its kind, "anything" for what has no fixed shape, or why it is wrong. */
export type Found = { kind: FieldKind } | { anything: true } | { wrong: string };

const ANYTHING: Found = { anything: true };
const RUN_FIELDS = ['id', 'started_at'];
const RULE_FIELDS = ['id', 'name', 'version', 'owner'];
const EVENT_FIELDS = ['type', 'id', 'model', 'record_id', 'received_at', 'source'];

/** Looks up what rules can read: the trigger's records, what they were, and the engine's own roots. */
export class KnownPaths {
  private readonly models: readonly ModelVocabulary[];

  constructor(
    private readonly rule: Rule,
    private readonly vocabulary: Vocabulary,
  ) {
    const names = new Set(rule.triggers.map(({ event }) => event.split('.')[0] ?? ''));
    this.models = [...names].flatMap((name) => this.vocabulary.models.get(name) ?? []);
  }

  find(path: string, step: number | undefined): Found {
    const [root = '', ...rest] = path.split('.');
    const model = this.models.find((candidate) => candidate.model === root);
    if (model !== undefined) return walk(model.fields, rest, root);
    switch (root) {
      case 'previous':
        return this.previous(rest);
      case 'outputs':
        return this.outputs(rest, step);
      case 'vars':
        return this.oneOf(rest, Object.keys(this.rule.vars), 'vars');
      case 'run':
        return this.oneOf(rest, RUN_FIELDS, 'run');
      case 'rule':
        return this.oneOf(rest, RULE_FIELDS, 'rule');
      case 'event':
        return this.oneOf(rest, EVENT_FIELDS, 'event');
      case 'trigger':
        return this.oneOf(rest, ['id'], 'trigger');
      case 'now':
        return { kind: { type: 'date-time' } };
    }
    const roots = [
      ...this.models.map((known) => known.model),
      'previous',
      'outputs',
      'vars',
      'run',
      'rule',
      'event',
      'trigger',
      'now',
    ];
    const own = this.models.find(({ fields }) => fields.has(root));
    const hint = own === undefined ? didYouMean(root, roots) : ` Did you mean "${own.model}.${path}"?`;
    return { wrong: `Nothing is known as "${root}" here; a path starts with ${roots.join(', ')}.${hint}` };
  }

  private previous(rest: readonly string[]): Found {
    const found = this.models.map((model) => walk(model.fields, rest, 'previous'));
    return found.find((each) => !('wrong' in each)) ?? found[0] ?? ANYTHING;
  }

  private oneOf([name, ...rest]: readonly string[], known: readonly string[], root: string): Found {
    if (name === undefined || known.includes(name)) return ANYTHING;
    return { wrong: `There is no "${[root, name, ...rest].join('.')}".${didYouMean(name, known)}` };
  }

  private outputs([id, ...rest]: readonly string[], step: number | undefined): Found {
    const index = this.rule.actions.findIndex((candidate) => candidate.id === id);
    if (id === undefined || index === -1) {
      const ids = this.rule.actions.flatMap((candidate) => candidate.id ?? []);
      return { wrong: `No step has the id "${id ?? ''}".${didYouMean(id ?? '', ids)}` };
    }
    if (step === undefined || index >= step)
      return { wrong: `"outputs.${id}" is read before the step "${id}" has run.` };
    const action = this.vocabulary.actions.get(this.rule.actions[index]?.action ?? '');
    return action === undefined || rest.length === 0 ? ANYTHING : walk(action.output, rest, `outputs.${id}`);
  }
}

function walk(fields: ReadonlyMap<string, FieldKind>, path: readonly string[], root: string): Found {
  let known: ReadonlyMap<string, FieldKind> | undefined = fields;
  let kind: FieldKind = { type: 'object', fields: () => fields };
  let at = root;
  for (const part of path) {
    if (kind.open) return ANYTHING;
    if (kind.type === 'list' && /^\d+$/.test(part)) {
      kind = { ...kind, type: kind.fields === undefined ? 'text' : 'object' };
      at = `${at}.${part}`;
      continue;
    }
    if (known === undefined) return { wrong: `"${at}" has nothing below it; "${part}" cannot be read.` };
    const next: FieldKind | undefined = known.get(part);
    if (next === undefined) return { wrong: `Clio has no "${at}.${part}".${didYouMean(part, known.keys())}` };
    kind = next;
    known = next.fields?.();
    at = `${at}.${part}`;
  }
  return { kind };
}

const ORDERED = new Set(['gt', 'gte', 'lt', 'lte']);
const COMPARED = new Set(['is', 'is_not', 'in', 'not_in', 'changed_to', 'changed_from', 'compare']);

/** R010 to R013, R021 and R022: every path a rule reads, and whether its test fits it. */
export function lintPaths(uses: readonly PathUse[], known: KnownPaths, report: Report): void {
  for (const use of uses) {
    const found = known.find(use.path, use.step);
    if ('wrong' in found) {
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
