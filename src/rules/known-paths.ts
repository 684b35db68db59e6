import { didYouMean } from '../lib/did-you-mean.js';
import { isSameJson } from '../lib/json.js';
import { engineRoots } from './engine-roots.js';
import { customFieldIn, isReadable } from './lint-custom-fields.js';
import { LOOKED_UP } from './lookup.js';
import type { Rule } from './rule.js';
import { modelNamesOf } from './rule-models.js';
import { blocksAround, stepsOf, unreachable, type Block, type PlacedStep } from './step-tree.js';
import type { FieldKind, ModelVocabulary, Vocabulary } from './rule-vocabulary.js';

/**
 * What is known about a path: its kind, "anything" for what has no fixed shape, or why it is wrong. `isComputed`: a text
 * that the rule makes, which may be a date or digits.
 */
export type Found = { kind: FieldKind; isComputed?: boolean } | { anything: true } | { wrong: string };

const ANYTHING: Found = { anything: true };
/** Clio calls it a text; what it really is, the firm has chosen with the type of the custom field. */
const CUSTOM_VALUE = /\.custom_field_values\.\d+\.value$/;

type Fields = ReadonlyMap<string, FieldKind>;
/** What `run.error` tells. */
const ERROR: Fields = new Map([
  ['code', { type: 'text' }],
  ['message', { type: 'text' }],
  ['step', { type: 'text' }],
]);
const ENGINE: ReadonlyMap<string, Fields> = new Map(
  Object.entries(engineRoots).map(([root, fields]) => [
    root,
    new Map(
      Object.entries(fields).map(([name, type]): [string, FieldKind] => [
        name,
        `${root}.${name}` === 'run.error'
          ? { type: 'object', fields: () => ERROR }
          : type === 'object'
            ? { type, open: true }
            : { type },
      ]),
    ),
  ]),
);

/** Looks up what rules can read: the trigger's records, what they were, and the engine's own roots. */
export class KnownPaths {
  private readonly models: readonly ModelVocabulary[];
  /** Whether a trigger names a record that nobody knows: what its paths lead to cannot be told then. */
  private readonly hasStranger: boolean;
  private readonly steps: readonly PlacedStep[];

  constructor(
    private readonly rule: Rule,
    private readonly vocabulary: Vocabulary,
  ) {
    const names = modelNamesOf(rule, vocabulary);
    this.models = names.flatMap((name) => this.vocabulary.models.get(name) ?? []);
    this.hasStranger = names.some((name) => !this.vocabulary.models.has(name));
    this.steps = stepsOf(rule);
  }

  find(path: string, step: number | undefined): Found {
    if (CUSTOM_VALUE.test(path)) return ANYTHING;
    const [root = '', ...rest] = path.split('.');
    const item = this.itemNamed(root, step);
    if (item !== null) return this.entry(item, rest);
    const model = this.models.find((candidate) => candidate.model === root);
    if (model !== undefined) return walk(model.fields, rest, root);
    if (root === 'run' && step === undefined)
      return { wrong: `"${path}" is there for steps only: while a rule is decided, nothing runs yet.` };
    // Whether that is a mistake depends on how it is read, and "lintRun" tells it.
    if (strangeInError(path) !== null) return ANYTHING;
    const own = ENGINE.get(root);
    if (own !== undefined) return rest.length === 0 ? ANYTHING : walk(own, rest, root);
    switch (root) {
      case 'previous':
        if (this.hasStranger) return ANYTHING;
        return this.previous(rest);
      case 'outputs':
        return this.outputs(rest, step);
      case 'vars':
        return this.variable(rest);
      case 'inputs':
        return this.input(rest);
      case 'lookups':
        return this.lookup(rest);
      case 'now':
        return rest.length === 0
          ? { kind: { type: 'date-time' } }
          : { wrong: `"now" has nothing below it; for a part of it write {{date now 'YYYY-MM-DD'}}.` };
    }
    if (this.hasStranger) return ANYTHING;
    const loops = step === undefined ? [] : this.loopsAround(step);
    const roots = [
      ...loops,
      ...this.models.map((known) => known.model),
      'previous',
      'outputs',
      'inputs',
      ...(Object.keys(this.rule.lookups).length > 0 ? ['lookups'] : []),
      'vars',
      ...ENGINE.keys(),
      'now',
    ];
    if (root.startsWith('{{'))
      return {
        wrong: `A path has no braces here; write ${path.replaceAll(/[{}\s]/g, '')}.`,
      };
    const meant = this.ownerOf(root);
    const isByClock = this.models.length === 0 && this.vocabulary.models.has(root);
    const hint = isByClock
      ? ` By the clock alone a rule is about no record; add query: { resource: ${root} } to its schedule.`
      : meant === undefined
        ? didYouMean(root === 'today' ? 'now' : root, roots)
        : ` Did you mean "${meant}.${path}"?`;
    return { wrong: `Nothing is known as "${root}" here; a path starts with ${roots.join(', ')}.${hint}` };
  }

  /** Where the word that a path starts with would stand: among what the rule names, in its records, or with the engine. */
  private ownerOf(word: string): string | undefined {
    const { lookups, inputs, vars } = this.rule;
    const named = Object.entries({ lookups, inputs, vars }).find(([, all]) => Object.hasOwn(all, word))?.[0];
    const step = this.steps.find(({ spec }) => spec.id === word && 'action' in spec);
    const record = this.models.find(({ fields }) => fields.has(word))?.model;
    const own = word === 'id' ? undefined : ['run', 'event'].find((root) => ENGINE.get(root)?.has(word));
    return named ?? (step && 'outputs') ?? record ?? own;
  }

  /** The parts of a path that Clio leaves empty where there is nothing: associations, dates and custom fields that are not set. */
  mayBeNull(path: string): string[] {
    const parts = path.split('.');
    if (parts[0] === 'lookups') return this.mayBeNullIn(parts);
    const model = this.models.find((candidate) => candidate.model === parts[0]);
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('.')).slice(1);
    const hasOwn = isReadable(path);
    return prefixes.filter((prefix) => {
      if (model !== undefined && hasOwn && customFieldIn(prefix)?.parts.length === 1) return true;
      const found = model === undefined ? ANYTHING : walk(model.fields, prefix.split('.').slice(1), '');
      return 'kind' in found && found.kind.nullable === true;
    });
  }

  /** Nothing need be found. */
  private mayBeNullIn(parts: readonly string[]): string[] {
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('.')).slice(2);
    return prefixes.filter((prefix) => {
      const found = this.lookup(prefix.split('.').slice(1));
      return 'kind' in found && found.kind.nullable === true;
    });
  }

  private previous(rest: readonly string[]): Found {
    const found = this.models.map((model) => walk(model.fields, rest, 'previous'));
    const right = found.filter((each) => !('wrong' in each));
    // Of two kinds of records that have it, nobody knows which the event is about.
    return right.length > 1 && !isSameJson(right[0], right[1])
      ? ANYTHING
      : (right[0] ?? found[0] ?? ANYTHING);
  }

  /** A text stays a text, whatever it is made of. */
  private variable([name, ...rest]: readonly string[]): Found {
    const { vars } = this.rule;
    if (name === undefined) return ANYTHING;
    if (!Object.hasOwn(vars, name))
      return {
        wrong: `There is no "${['vars', name, ...rest].join('.')}".${didYouMean(name, Object.keys(vars)) || ' It would stand below "vars".'}`,
      };
    const isText = typeof vars[name] === 'string' && rest.length === 0;
    return isText ? { kind: { type: 'text' }, isComputed: true } : ANYTHING;
  }

  /** The loop around a step that calls its entries so. */
  private itemNamed(name: string, step: number | undefined): Block['item'] {
    const reader = step === undefined ? undefined : this.steps[step];
    const around = reader === undefined ? [] : blocksAround(reader.block);
    return around.find(({ item }) => item?.name === name)?.item ?? null;
  }

  private loopsAround(step: number): string[] {
    const reader = this.steps[step];
    return reader === undefined ? [] : blocksAround(reader.block).flatMap(({ item }) => item?.name ?? []);
  }

  private entry({ name, list, step }: NonNullable<Block['item']>, rest: readonly string[]): Found {
    const found = this.find(list, step);
    if (!('kind' in found)) return ANYTHING;
    const { fields, open, type } = found.kind;
    if (open || fields === undefined || type !== 'list') return ANYTHING;
    return rest.length === 0 ? ANYTHING : walk(fields(), rest, name);
  }

  private lookup([name, ...rest]: readonly string[]): Found {
    const { lookups } = this.rule;
    if (name === undefined) return ANYTHING;
    const lookup = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
    if (lookup === undefined)
      return { wrong: `There is no lookup "${name}".${didYouMean(name, Object.keys(lookups))}` };
    const model = this.vocabulary.models.get(lookup.resource);
    if (model === undefined) return ANYTHING;
    return misreadLookup(name, rest, model) ?? walk(lookedUp(model), rest, `lookups.${name}`);
  }

  private input([name, ...rest]: readonly string[]): Found {
    const { inputs } = this.rule;
    if (name === undefined) return ANYTHING;
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined)
      return {
        wrong: `There is no input "${name}".${didYouMean(name, Object.keys(inputs)) || ' It would stand below "inputs".'}`,
      };
    const { type } = input;
    return walk(new Map([[name, { type: type === 'duration' ? 'text' : type }]]), [name, ...rest], 'inputs');
  }

  private outputs([id, ...rest]: readonly string[], step: number | undefined): Found {
    const giver = this.steps.find(({ spec }) => spec.id === id);
    if (id === undefined || giver === undefined) {
      const ids = this.steps.flatMap(({ spec }) => spec.id ?? []);
      const known =
        ids.length === 0 ? 'give the step whose output is meant an "id"' : `there are ${ids.join(', ')}`;
      return { wrong: `No step has the id "${id ?? ''}"; ${known}.${didYouMean(id ?? '', ids)}` };
    }
    const reader = step === undefined ? undefined : this.steps[step];
    if (reader === undefined || giver.index >= reader.index)
      return { wrong: `"outputs.${id}" is read before the step "${id}" has run.` };
    const why = unreachable(giver, reader);
    if (why !== null) return { wrong: `"outputs.${id}" cannot be read here: the step "${id}" ${why}.` };
    if (!('action' in giver.spec))
      return { wrong: `"outputs.${id}" cannot be read: the step "${id}" is no action.` };
    const action = this.vocabulary.actions.get(giver.spec.action);
    return action === undefined || rest.length === 0 ? ANYTHING : walk(action.output, rest, `outputs.${id}`);
  }
}

/** What is wrong with a path below `run.error`; null when it is there, or leads elsewhere. */
export function strangeInError(path: string): string | null {
  const [root, field, ...rest] = path.split('.');
  if (root !== 'run' || field !== 'error') return null;
  const found = walk(ERROR, rest, 'run.error');
  return 'wrong' in found ? found.wrong : null;
}

/** What is read of a lookup as if it were the record, or the list, that it finds. */
function misreadLookup(
  name: string,
  [part, ...rest]: readonly string[],
  { fields }: ModelVocabulary,
): Found | null {
  const at = `lookups.${name}`;
  const wrong = part === undefined ? '' : `There is no "${at}.${part}".`;
  if (part === 'length' || part === 'size') return { wrong: `${wrong} Did you mean "${at}.count"?` };
  if (part !== undefined && /^\d+$/.test(part))
    return { wrong: `"${at}" is no list; the list of what is found is "${at}.items".` };
  if (part === undefined || LOOKED_UP.includes(part) || !fields.has(part)) return null;
  const below = [part, ...rest].join('.');
  return {
    wrong: `${wrong} Of the first that is found it is "${at}.first.${below}"; all are in "${at}.items".`,
  };
}

/** What a lookup finds, as rules read it. */
function lookedUp({ fields }: ModelVocabulary): Fields {
  return new Map<string, FieldKind>([
    ['count', { type: 'integer' }],
    ['items', { type: 'list', fields: () => fields }],
    ['first', { type: 'object', nullable: true, fields: () => fields }],
    ['more', { type: 'boolean' }],
  ]);
}

/** So many names are read in a message. */
const MOST_NAMED = 30;

/** A field that is near, where the firm's own fields stand, or what there is. */
function meantField(part: string, at: string, known: Fields): string {
  const hint = didYouMean(part, known.keys());
  if (hint !== '') return hint;
  if (known.has('custom_fields'))
    return ` A field that your firm has added is "${at}.custom_fields.${part}".`;
  const names = [...known.keys()];
  const more = names.length > MOST_NAMED ? ', …' : '';
  return names.length === 0 ? '' : ` It has ${names.slice(0, MOST_NAMED).join(', ')}${more}.`;
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
    if (kind.type === 'list' && kind.fields !== undefined)
      return { wrong: `"${at}" is a list; name an entry, such as "${at}.0.${part}".` };
    if (kind.type === 'object' && known !== undefined && /^\d+$/.test(part))
      return { wrong: `"${at}" is one record, and no list; name what you want of it, such as "${at}.id".` };
    if (known === undefined) return { wrong: `"${at}" has nothing below it; "${part}" cannot be read.` };
    const next: FieldKind | undefined = known.get(part);
    if (next === undefined) return { wrong: `There is no "${at}.${part}".${meantField(part, at, known)}` };
    kind = next;
    known = next.fields?.();
    at = `${at}.${part}`;
  }
  return { kind };
}
