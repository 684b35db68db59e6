import { isObject } from '../lib/json.js';
import type { RuleReference } from './compiled-rule.js';
import { groundedPaths, lookupPaths } from './ground-path.js';
import { customFieldIn } from './lint-custom-fields.js';
import type { PathUse } from './path-uses.js';
import { inputValues, withInputs } from './rule-inputs.js';
import { namedFilters } from './query.js';
import type { Rule } from './rule.js';
import { schedulesOf } from './trigger.js';
import { modelNamesOf } from './rule-models.js';
import type { StepSpec } from './step.js';
import { actionsOf, stepsOf } from './step-tree.js';
import type { Vocabulary } from './rule-vocabulary.js';

/** Records with custom fields, and the kind of name that those have. */
const CUSTOM_FIELDS: Readonly<Record<string, string>> = {
  contact: 'contact_custom_field',
  matter: 'matter_custom_field',
};

/** Associations whose name a condition may compare, with the list that the name stands in. */
const NAMED: Readonly<Record<string, string>> = {
  group: 'group',
  matter_stage: 'matter_stage',
  originating_attorney: 'user',
  practice_area: 'practice_area',
  responsible_attorney: 'user',
  responsible_staff: 'user',
  task_type: 'task_type',
};

/** Tests for the whole value; the others look at a part of it, or at its order. */
const WHOLE = new Set([
  'is', 'is_not', 'in', 'not_in', 'changed_to', 'changed_from', 'compare', '==', '===', '!=', '!==', 'any_of',
]); // prettier-ignore

/**
 * What a rule names in the firm's own lists, as far as it is written out and not computed: inputs of actions that say
 * which list they name something of, names that conditions compare with and queries ask by, and custom fields. Each once.
 */
export function referencesOf(rule: Rule, paths: readonly PathUse[], vocabulary: Vocabulary): RuleReference[] {
  const models = modelNamesOf(rule, vocabulary);
  const inputs = inputValues(rule.inputs);
  const all = [
    ...paths.flatMap(({ path }) => customFields(path, models)),
    ...lookedUpFields(rule, paths),
    ...paths.flatMap(compared),
    ...stepsOf(rule).flatMap(({ spec }) =>
      'approval' in spec ? [spec.approval.by].flat().map(approver) : [],
    ),
    ...schedulesOf(rule).flatMap(({ trigger: { query } }) =>
      query === undefined
        ? []
        : Object.values(namedFilters(query.filter, vocabulary.models.get(query.resource)?.filters)),
    ),
    ...Object.values(rule.lookups).flatMap(({ resource, filter = {} }) =>
      Object.values(namedFilters(filter, vocabulary.models.get(resource)?.filters)).filter(
        ({ name }) => !name.includes('{{'),
      ),
    ),
    ...actionsOf(rule).flatMap(({ spec }) =>
      ofStep({ ...spec, with: withInputs(spec.with, inputs) as StepSpec['with'] }, vocabulary),
    ),
  ];
  return [...new Map(all.map((one) => [`${one.kind}:${one.name}`, one])).values()];
}

function customFields(path: string, models: readonly string[]): RuleReference[] {
  const found = customFieldIn(path);
  if (found === null) return [];
  const owners = found.root === 'previous' ? models : [found.root];
  return owners.flatMap((owner) => {
    const kind = CUSTOM_FIELDS[owner];
    return kind === undefined ? [] : [{ kind, name: found.parts[0] ?? '' }];
  });
}

/** The custom fields of what the lookups of a rule find. */
function lookedUpFields(rule: Rule, paths: readonly PathUse[]): RuleReference[] {
  const grounded = groundedPaths(rule, paths);
  return Object.entries(rule.lookups).flatMap(([name, { resource }]) =>
    lookupPaths(name, grounded).flatMap((path) => customFields(`${resource}.${path}`, [])),
  );
}

function compared({ path, test }: PathUse): RuleReference[] {
  const [association = '', field = ''] = path.split('.').slice(-2);
  const kind = Object.hasOwn(NAMED, association) ? NAMED[association] : undefined;
  if (kind === undefined || test === undefined || !WHOLE.has(test.operator)) return [];
  if (field !== 'name' && !(kind === 'user' && field === 'email')) return [];
  return test.values.flatMap((name) => (typeof name === 'string' ? [{ kind, name }] : []));
}

function approver(asked: string): RuleReference {
  const [, kind = 'user', name = asked] = /^(role|group|user):(.*)$/.exec(asked) ?? [];
  return { kind, name };
}

function ofStep(step: StepSpec, vocabulary: Vocabulary): RuleReference[] {
  const { references = {} } = vocabulary.actions.get(step.action) ?? {};
  return Object.entries(references).flatMap(([input, kind]) => namesIn(step.with[input], kind));
}

/** A name, `{ name }`, `{ user }` or `{ calendar }`, a list of those, or an object with custom fields for keys. */
function namesIn(value: unknown, kind: string): RuleReference[] {
  if (typeof value === 'string') return value.includes('{{') ? [] : [{ kind, name: value }];
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, kind));
  if (!isObject(value) || 'logic' in value) return [];
  if (Object.values(CUSTOM_FIELDS).includes(kind)) return Object.keys(value).map((name) => ({ kind, name }));
  return [
    ...namesIn(value['name'], kind),
    ...namesIn(value['user'], 'user'),
    ...namesIn(value['calendar'], 'calendar'),
  ];
}
