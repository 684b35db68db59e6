import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RuleError } from '../lib/errors.js';
import { contentHash, isObject, type JsonObject } from '../lib/json.js';
import { checkShape } from './check-shape.js';
import type { Calendar } from './calendar.js';
import { noCommons, type Commons } from './commons.js';
import { compileCondition } from './compile-condition.js';
import type { BrokenRule, CompiledRule, ModelNeeds } from './compiled-rule.js';
import { compileValue } from './compile-value.js';
import type { Diagnostic } from './diagnostic.js';
import { expandInputs } from './expand-inputs.js';
import { expandPartials } from './expand-partials.js';
import { lintActions } from './lint-actions.js';
import { KnownPaths } from './known-paths.js';
import { lintCare } from './lint-care.js';
import { lintCustomFields } from './lint-custom-fields.js';
import { lintInputs, unusedInputs } from './lint-inputs.js';
import { lintKey } from './lint-key.js';
import { lintOutputs } from './lint-outputs.js';
import { lintPaths } from './lint-paths.js';
import { lintPrivilege } from './lint-privilege.js';
import { usesOf, type Uses } from './path-uses.js';
import { referencesOf } from './references-of.js';
import type { Condition } from './condition.js';
import type { Rule, RuleDocument } from './rule.js';
import type { StepSpec } from './step.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { compileTemplate } from './template.js';
import { templateBlocks, templateHelpers } from './template-helpers.js';
import { lintTruth } from './lint-truth.js';
import { placeOfPath, type Place } from './place.js';
import { readDocuments, unreadable, type Report, type RuleText } from './read-documents.js';

export interface ParsedFile {
  rules: CompiledRule[];
  broken: BrokenRule[];
  /** Of all documents, in the order of the file. */
  diagnostics: Diagnostic[];
}

/** Reads and checks a rule file: every rule is either ready to be evaluated, or broken with every reason. */
export function parseRuleFile(
  file: string,
  text: string,
  vocabulary: Vocabulary,
  commons: Commons = noCommons,
): ParsedFile {
  const result: ParsedFile = { rules: [], broken: [], diagnostics: [] };
  const documents = readDocuments(file, text);
  if (documents.length === 0) {
    documents.push(unreadable(file, 'The file is empty; a rule starts with "version: 1".'));
  }
  for (const document of documents) {
    const rule = checkDocument({ file, source: text, document }, vocabulary, commons);
    const diagnostics = document.diagnostics.sort((a, b) => a.line - b.line || a.column - b.column);
    result.diagnostics.push(...diagnostics);
    if (rule === null || diagnostics.some(({ severity }) => severity === 'error'))
      result.broken.push({
        ...identityOf(document.value),
        file,
        source: text,
        hash: contentHash(text),
        diagnostics,
      });
    else result.rules.push({ ...rule, warnings: diagnostics });
  }
  return result;
}

function identityOf(value: unknown): { id: string | null; name: string | null } {
  const textIn = (key: string) => (isObject(value) && typeof value[key] === 'string' ? value[key] : null);
  return { id: textIn('id'), name: textIn('name') };
}

interface Written {
  file: string;
  source: string;
  document: RuleText;
}

function checkDocument(
  { file, source, document }: Written,
  vocabulary: Vocabulary,
  commons: Commons,
): CompiledRule | null {
  if (document.value === undefined) return null;
  const value = expandPartials(document.value, commons.partials, document.report);
  const expanded = expandInputs(value, document.report);
  const shape = checkShape(expanded.document, document.report);
  if (shape === null || !expanded.isWhole) return null;
  const rule = withDefaults(shape);
  const uses = usesOf(rule);
  lintTriggers(rule, uses, vocabulary, document);
  const known = new KnownPaths(rule, vocabulary);
  lintActions(rule, vocabulary, known, document.report);
  lintInputs(rule, uses.paths, document.report);
  lintTexts(uses, document);
  for (const { code, message, place } of uses.misfits) document.report(code, message, place);
  lintOutputs(rule, uses.paths, document.report);
  lintPaths(uses.paths, known, document.report);
  lintCustomFields(uses.paths, document.report);
  lintRepetition(rule, document);
  const isKeyRead = !document.diagnostics.some(({ path }) => path === 'idempotency_key');
  if (isKeyRead) lintKey(rule, uses.paths, document.report);
  lintPrivilege(rule, uses.paths, document.report);
  const calendar = calendarNamed(rule, commons, document.report);
  const compiled = compile(rule, attemptsIn(document));
  if (document.diagnostics.every(({ severity }) => severity !== 'error'))
    lintTruth(rule, known, document.report);
  const whole = { ...(value as JsonObject), ...(calendar === null ? {} : { calendar }) } as JsonObject;
  return {
    ...compiled,
    rule,
    calendar,
    hash: contentHash(whole),
    file,
    source,
    idAt: document.position(['id']),
    warnings: [],
    remarks: [...lintCare(rule), ...unusedInputs(rule, uses.paths, expanded.used)].map((finding) => ({
      ...finding,
      file,
      ...document.position(finding.path.split('/')),
    })),
    document: whole,
    needs: needsOf(rule, uses, vocabulary),
    references: referencesOf(rule, uses.paths, vocabulary),
  };
}

/** R015: the calendar that the rule counts by; null for Monday to Friday. */
function calendarNamed(
  { calendar: name, timezone }: Rule,
  { calendars }: Commons,
  report: Report,
): Calendar | null {
  if (name === undefined) return null;
  const calendar = calendars.get(name);
  if (calendar === undefined) {
    const hint = didYouMean(name, calendars.keys());
    report('R015', `There is no calendar "${name}"; it would stand in calendars/${name}.yaml.${hint}`, [
      'calendar',
    ]);
  } else if (calendar === null)
    report('R015', `The calendar "${name}" cannot be used; correct its file first.`, ['calendar']);
  else if (calendar.cut_off !== null && timezone === undefined)
    report(
      'R015',
      `The calendar "${name}" has a cut-off at ${calendar.cut_off}, which is UTC here; give the rule a timezone.`,
      ['calendar'],
      'warning',
    );
  return calendar ?? null;
}

type Attempt = <T>(code: string, place: Place, compile: () => T) => T | undefined;

/** Tells what cannot be compiled, where nothing is told already. */
function attemptsIn(document: RuleText): Attempt {
  return (code, place, compile) => {
    try {
      return compile();
    } catch (error) {
      const exact = error instanceof RuleError ? error.details['path'] : undefined;
      const at = typeof exact === 'string' ? placeOfPath(exact) : place;
      const already = document.diagnostics.some(
        ({ severity, path }) => severity === 'error' && path === at.join('/'),
      );
      if (!already) document.report(error instanceof RuleError ? code : 'R000', messageOf(error), at);
      return undefined;
    }
  };
}

/** Compiles everything once, also what is compiled again when a step is due: what cannot work is found here. */
function compile(rule: Rule, attempt: Attempt): Pick<CompiledRule, 'condition' | 'vars' | 'key' | 'steps'> {
  const plain = () => 'plain' as const;
  const { conditions, idempotency_key: key } = rule;
  const vars = Object.entries(rule.vars).flatMap(([name, value]) => {
    const made = attempt('R022', ['vars', name], () => compileValue(value, `vars/${name}`, plain));
    return made === undefined ? [] : [[name, made] as const];
  });
  for (const [index, step] of rule.actions.entries()) {
    const test = step.if;
    if (test !== undefined)
      attempt('R012', ['actions', index, 'if'], () => compileCondition(test, `actions/${index}/if`));
    for (const [name, value] of Object.entries(step.with))
      attempt('R022', ['actions', index, 'with', name], () =>
        compileValue(value, `actions/${index}/with/${name}`, plain),
      );
  }
  return {
    condition: (conditions && attempt('R012', ['conditions'], () => compileCondition(conditions))) ?? null,
    vars: new Map(vars),
    key:
      (key === undefined
        ? null
        : attempt('R022', ['idempotency_key'], () =>
            compileTemplate(key, { html: false, path: 'idempotency_key' }),
          )) ?? null,
    steps: rule.actions.map((spec, index) => ({ key: spec.id ?? String(index), spec })),
  };
}

function withDefaults(document: RuleDocument): Rule {
  const asOne = (conditions: Condition | Condition[]): Condition =>
    Array.isArray(conditions) ? { all: conditions } : conditions;
  const actions = document.actions.map(({ if: test, ...step }): StepSpec =>
    test === undefined ? step : { ...step, if: asOne(test) },
  );
  const { conditions, evaluation = 'edge' } = document;
  return {
    ...document,
    actions,
    evaluation,
    conditions: conditions === undefined ? null : asOne(conditions),
  };
}

function lintTriggers(rule: Rule, uses: Uses, vocabulary: Vocabulary, { report }: RuleText): void {
  for (const [index, { event }] of rule.triggers.entries()) {
    const [name = '', what = ''] = event.split('.');
    const model = vocabulary.models.get(name);
    const place = ['triggers', index, 'event'];
    if (model === undefined)
      report(
        'R010',
        `Changes of "${name}" are not taken in.${didYouMean(name, vocabulary.models.keys())}`,
        place,
      );
    else if (!model.events.includes(what))
      report(
        'R010',
        `"${event}" never happens; ${name} has ${model.events.join(', ')}.${didYouMean(what, model.events)}`,
        place,
      );
  }
  const ids = rule.triggers.map(({ id, event }) => id ?? event);
  for (const { id, place } of uses.triggers)
    if (!ids.includes(id)) report('R010', `No trigger has the id "${id}".${didYouMean(id, ids)}`, place);
}

/** R030: a rule that would act at every update needs a key that says when it has acted. */
function lintRepetition(rule: Rule, { report }: RuleText): void {
  const index = rule.triggers.findIndex(({ event }) => event.endsWith('.updated'));
  if (index === -1 || rule.idempotency_key !== undefined) return;
  if (rule.evaluation === 'level')
    report('R030', 'With "evaluation: level" every update would act again; add an idempotency_key.', [
      'evaluation',
    ]);
  else if (rule.conditions === null)
    report('R030', 'Without conditions every update would act; add conditions or an idempotency_key.', [
      'triggers',
      index,
      'event',
    ]);
}

/** `{matter.id}`, which stays as it is: two braces are meant. */
const SINGLE_BRACES = /(?<!\{)\{\s*((?:[a-z_]+\.)+[a-z0-9_]+)\s*\}(?!\})/;

function lintTexts({ texts, plain }: Uses, { report }: RuleText): void {
  for (const { text, place } of plain) {
    const path = SINGLE_BRACES.exec(text)?.[1];
    if (path !== undefined)
      report('R003', `{${path}} is written as it stands here; write {{${path}}}.`, place, 'warning');
  }
  const known = [...templateHelpers.keys(), ...templateBlocks];
  for (const { analysis, place } of texts) {
    for (const { name } of analysis.helpers)
      if (!known.includes(name))
        report('R022', `There is no helper "${name}".${didYouMean(name, known)}`, place);
    const { error } = analysis;
    if (error !== undefined) report('R022', error.message, place, 'error', error.line);
  }
}

/** What the webhooks and reads must bring: events and paths by model. */
function needsOf(rule: Rule, { paths }: Uses, vocabulary: Vocabulary): ReadonlyMap<string, ModelNeeds> {
  const needs = new Map<string, ModelNeeds>();
  for (const { event } of rule.triggers) {
    const [name = '', what = ''] = event.split('.');
    const words = vocabulary.models.get(name);
    const model = words?.model ?? name;
    const source = words?.derived?.get(what) ?? { events: [what], paths: [] };
    const known = needs.get(model) ?? { events: new Set<string>(), paths: new Set<string>() };
    for (const one of source.events) known.events.add(one);
    for (const path of source.paths) known.paths.add(path);
    needs.set(model, known);
  }
  for (const { path } of paths) {
    const [root = '', ...rest] = path.split('.');
    if (rest.length === 0) continue;
    const readers = root === 'previous' ? [...needs.values()] : [needs.get(root)];
    for (const reader of readers) reader?.paths.add(rest.join('.'));
  }
  return needs;
}
