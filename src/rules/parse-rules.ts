import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RuleError } from '../lib/errors.js';
import { contentHash, isObject, type JsonObject } from '../lib/json.js';
import { checkShape } from './check-shape.js';
import type { Calendar } from './calendar.js';
import { noCommons, type Commons } from './commons.js';
import { compileCondition } from './compile-condition.js';
import { compileSchedules } from './compiled-schedule.js';
import type { BrokenRule, CompiledRule, ModelNeeds } from './compiled-rule.js';
import { compileValue } from './compile-value.js';
import type { Diagnostic } from './diagnostic.js';
import { expandInputs } from './expand-inputs.js';
import { expandPartials } from './expand-partials.js';
import { lintActions } from './lint-actions.js';
import { KnownPaths } from './known-paths.js';
import { lintControl } from './lint-control.js';
import { lintCare } from './lint-care.js';
import { lintCustomFields } from './lint-custom-fields.js';
import { lintInputs, unusedInputs } from './lint-inputs.js';
import { groundedPaths, lookupPaths } from './ground-path.js';
import { lintKey } from './lint-key.js';
import { lintLookups, unusedLookups } from './lint-lookups.js';
import { compileLookup, lookupSpec, type CompiledLookup } from './lookup.js';
import { lintNew } from './lint-new.js';
import { lintOutputs } from './lint-outputs.js';
import { lintPaths } from './lint-paths.js';
import { lintPrivilege } from './lint-privilege.js';
import { lintRun } from './lint-run.js';
import { lintSchedules } from './lint-schedule.js';
import { eventsOf } from './trigger.js';
import { usesOf, type Uses } from './path-uses.js';
import { rolePaths } from './rule-models.js';
import { referencesOf } from './references-of.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { compileTemplate } from './template.js';
import { strangeHelper } from './template-helpers.js';
import { KEYED } from './control.js';
import { lintReach } from './lint-reach.js';
import { lintRepetition, lintTriggers } from './lint-triggers.js';
import { flowPlan, isPlainList } from './flow-plan.js';
import { cancelNeeds, lintCancelTruth } from './lint-cancel.js';
import { hasTooManySteps, lintFlow } from './lint-flow.js';
import { withDefaults } from './rule-defaults.js';
import { actionsOf, conditionsIn } from './step-tree.js';
import { lintTruth } from './lint-truth.js';
import { heldFields, needsOf } from './needs-of.js';
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
  if (hasTooManySteps(rule, document.report)) return null;
  const written = usesOf(rule);
  const uses = { ...written, paths: [...written.paths, ...rolePaths(rule, vocabulary)] };
  lintTriggers(rule, uses, vocabulary, document.report);
  const known = new KnownPaths(rule, vocabulary);
  lintFlow(rule, vocabulary, document.report);
  lintLookups(rule, uses.paths, { vocabulary, known }, document.report);
  lintActions(rule, vocabulary, known, document.report);
  lintInputs(rule, uses.paths, document.report);
  lintTexts(uses, document);
  for (const { code, message, place } of uses.misfits) document.report(code, message, place);
  lintReads(rule, uses, known, document);
  const calendar = calendarNamed(rule, commons, document.report);
  lintSchedules(rule, vocabulary, calendar, document.report);
  const attempt = attemptsIn(document);
  const lookups = compileLookups(rule, uses, vocabulary, attempt);
  const compiled = compile(rule, attempt);
  const isSound = document.diagnostics.every(({ severity }) => severity !== 'error');
  if (isSound) lintTruth(rule, known, document.report);
  if (isSound) lintCancelTruth(rule, vocabulary, document.report);
  if (isSound) lintReach(rule, uses.paths, document.report);
  const whole = { ...(value as JsonObject), ...(calendar && { calendar }) } as JsonObject;
  const needs = needsOf(rule, uses, vocabulary);
  return {
    ...compiled,
    rule,
    lookups,
    plan: isPlainList(rule) ? null : flowPlan(rule, ownPaths(needs), lookups),
    calendar,
    hash: contentHash(whole),
    file,
    source,
    idAt: document.position(['id']),
    warnings: [],
    remarks: remarksOn(rule, uses, expanded.used).map((one) => ({
      ...one,
      file,
      ...document.position(one.path.split('/')),
    })),
    document: whole,
    held: heldFields(uses),
    schedules: isSound ? compileSchedules(rule, calendar, vocabulary) : [],
    needs: cancelNeeds(rule, needs, vocabulary),
    derivedPaths: derivedPaths(rule, vocabulary),
    references: referencesOf(rule, uses.paths, vocabulary),
  };
}

/** What keeps no rule out of force. */
function remarksOn(rule: Rule, { paths }: Uses, used: ReadonlySet<string>) {
  const unused = [...unusedInputs(rule, paths, used), ...unusedLookups(rule, paths)];
  return [...lintCare(rule), ...lintNew(rule), ...unused];
}

/** What the rule reads, and what it tells one event from another by. */
function lintReads(rule: Rule, uses: Uses, known: KnownPaths, document: RuleText): void {
  lintOutputs(rule, uses.paths, document.report);
  lintPaths(uses.paths, known, document.report);
  lintRun(rule, uses.paths, document.report);
  lintCustomFields(uses.paths, document.report);
  lintRepetition(rule, document.report);
  const isKeyRead = !document.diagnostics.some(({ path }) => path === 'idempotency_key');
  if (isKeyRead) lintKey(rule, uses.paths, document.report);
  lintControl(rule, uses.paths, document.report);
  lintPrivilege(rule, uses.paths, document.report);
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
    const plain = name.replace(/^.*\/|\.ya?ml$/g, '');
    const hint = plain === name ? didYouMean(name, calendars.keys()) : ' Its name alone is written here.';
    report('R015', `There is no calendar "${name}"; it would stand in calendars/${plain}.yaml.${hint}`, [
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

/** The lookups of which it is known what they ask for. */
function compileLookups(
  rule: Rule,
  uses: Uses,
  { models }: Vocabulary,
  attempt: Attempt,
): ReadonlyMap<string, CompiledLookup> {
  const paths = groundedPaths(rule, uses.paths);
  const lookups = Object.entries(rule.lookups).flatMap(([name, words]) => {
    const model = models.get(words.resource);
    if (model === undefined) return [];
    const spec = lookupSpec(words, model, [...lookupPaths(name, paths), ...(words.fields ?? [])]);
    const made = attempt('R022', ['lookups', name], () => compileLookup(spec, name));
    return made === undefined ? [] : [[name, made] as const];
  });
  return new Map(lookups);
}

/** Compiles everything once, also what is compiled again when a step is due: what cannot work is found here. */
function compile(rule: Rule, attempt: Attempt): Pick<CompiledRule, 'condition' | 'vars' | 'key' | 'steps'> {
  const plain = () => 'plain' as const;
  const { conditions, idempotency_key: key } = rule;
  const vars = Object.entries(rule.vars).flatMap(([name, value]) => {
    const made = attempt('R022', ['vars', name], () => compileValue(value, `vars/${name}`, plain));
    return made === undefined ? [] : [[name, made] as const];
  });
  for (const { condition, place } of conditionsIn(rule))
    attempt('R012', place, () => compileCondition(condition, place.join('/')));
  for (const { spec, place } of actionsOf(rule))
    for (const [name, value] of Object.entries(spec.with))
      attempt('R022', [...place, 'with', name], () =>
        compileValue(value, [...place, 'with', name].join('/'), plain),
      );
  for (const word of KEYED) {
    const path = `${word}/key`;
    const text = rule[word]?.key;
    if (text !== undefined)
      attempt('R022', [word, 'key'], () => compileTemplate(text, { html: false, path }));
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
    steps: actionsOf(rule).map(({ key, spec }) => ({ key, spec })),
  };
}

/** `{matter.id}`, which stays as it is: two braces are meant. */
const SINGLE_BRACES = /(?<!\{)\{\s*((?:[a-z_]+\.)+[a-z0-9_]+)\s*\}(?!\})/;

function lintTexts({ texts, plain }: Uses, { report }: RuleText): void {
  for (const { text, place } of plain) {
    const path = SINGLE_BRACES.exec(text)?.[1];
    if (path !== undefined)
      report('R003', `{${path}} is written as it stands here; write {{${path}}}.`, place, 'warning');
  }
  for (const { analysis, place } of texts) {
    for (const { name } of analysis.helpers) {
      const strange = strangeHelper(name);
      if (strange !== null) report('R022', strange, place);
    }
    const { error, doubts } = analysis;
    for (const { message, line } of doubts) report('R022', message, place, 'warning', line);
    if (error !== undefined) report('R022', error.message, place, 'error', error.line);
  }
}

/** What a rule reads of its records, whatever they are; a plan has one list, and Clio knows what each has. */
function ownPaths(needs: ReadonlyMap<string, ModelNeeds>): Set<string> {
  return new Set([...needs.values()].flatMap(({ paths }) => [...paths]));
}

/** What must have changed for the names that say more than Clio's own: `matter.stage_changed` by `matter_stage.id`. */
function derivedPaths(rule: Rule, { models }: Vocabulary): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>();
  const ending = (rule.cancel_when ?? []).map(({ event }) => event);
  for (const event of [...eventsOf(rule), ...ending]) {
    const [name = '', what = ''] = event.split('.');
    const words = models.get(name);
    const derived = words?.model === name ? words.derived?.get(what) : undefined;
    if (derived !== undefined) paths.set(event, derived.paths);
  }
  return paths;
}
