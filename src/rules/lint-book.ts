import { canonicalJson, isSameJson } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import type { Diagnostic } from './diagnostic.js';
import { isImpossible } from './field-domain.js';
import { limitsIn, type PlacedLimit } from './placed-limits.js';
import type { RuleBook } from './rule-book.js';
import { loopsOf, type Link } from './rule-loops.js';
import type { StepSpec } from './step.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { eventsOf } from './trigger.js';

/** So many are told of one rule. */
const MOST_CLASHES = 3;

/** What rules do to each other: R032 and R033, loops; R034, the same done twice, or one against the other. */
export function lintBook(rules: readonly CompiledRule[], vocabulary: Vocabulary): Diagnostic[] {
  const loops = loopsOf(rules, vocabulary).flatMap(loopFindings);
  const awake = rules.filter(({ rule }) => rule.enabled);
  return [...loops, ...awake.flatMap((rule, index) => clashesOf(rule, awake.slice(0, index)))];
}

/** Of a rule with those before it. A hundred copies of one rule are one mistake, not five thousand. */
function clashesOf(rule: CompiledRule, earlier: readonly CompiledRule[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const one of earlier) {
    const clash = clashOf(one, rule);
    if (clash !== null) found.push(clash);
    if (found.length === MOST_CLASHES) return found;
  }
  return found;
}

/** What a rule and those in force do to each other, told at that rule. Costs as much as there are rules of its events. */
export function lintBeside(rule: CompiledRule, book: RuleBook, vocabulary: Vocabulary): Diagnostic[] {
  const isOther = (one: CompiledRule) => one.rule.id !== rule.rule.id;
  // Whoever is started by what we did ourselves says so: nobody else can be part of a loop.
  const chained = book.active.filter((one) => isOther(one) && one.rule.chain === 'allow');
  const loops = loopsOf([rule, ...chained], vocabulary).filter(([first]) => first?.from === rule);
  if (!rule.rule.enabled) return loops.flatMap(loopFindings);
  const others = book.candidates(...eventsOf(rule.rule)).filter((one) => isOther(one) && one.rule.enabled);
  const clashes: Diagnostic[] = [];
  for (const other of others) {
    const clash = clashOf(other, rule);
    if (clash !== null) clashes.push(clash);
    if (clashes.length === MOST_TOLD) break;
  }
  return [...loops.flatMap(loopFindings), ...clashes];
}

/** Whoever clashes with so many rules has read enough. */
const MOST_TOLD = 20;

/** R032 and R033, told at the rule that the loop begins with. */
function loopFindings(loop: readonly Link[]): Diagnostic[] {
  const [first] = loop;
  if (first === undefined) return [];
  const way = [...loop.map(({ from }) => from.rule.id), first.from.rule.id].join(' -> ');
  const why = [...new Set(loop.map(({ because }) => because))].join(', ');
  const isCertain = loop.length === 1 && first.isCertain;
  const remedy =
    'take "chain: allow" out of one of them, or add a condition that what was written does not meet.';
  const message = isCertain
    ? `Certain loop: ${way} (${why}), and nothing in the rule ends it; ${remedy}`
    : `Possible loop: ${way} (${why}); see that conditions end it, or ${remedy}`;
  return [
    isCertain
      ? finding(first.from, 'R032', 'certain', message, 'error')
      : finding(first.from, 'R033', 'possible', message),
  ];
}

function finding(
  { file, idAt }: CompiledRule,
  code: string,
  certainty: NonNullable<Diagnostic['certainty']>,
  message: string,
  severity: Diagnostic['severity'] = 'warning',
): Diagnostic {
  return { code, severity, message, file, ...idAt, path: 'id', certainty };
}

const words = { certain: 'Certain', possible: 'Possible' } as const;

/** R034, told at the second of two rules that one change can start. */
function clashOf(one: CompiledRule, other: CompiledRule): Diagnostic | null {
  const events = eventsOf(one.rule);
  const shared = eventsOf(other.rule).find((event) => events.includes(event));
  if (shared === undefined || !canBothHold(one, other)) return null;
  const how = partsOf(one).conditions === partsOf(other).conditions ? 'certain' : 'possible';
  const id = one.rule.id;
  for (const step of partsOf(other).steps)
    for (const earlier of partsOf(one).steps) {
      const clash = step.action === earlier.action ? clashOfSteps(earlier, step) : null;
      if (clash === 'same')
        return finding(
          other,
          'R034',
          how,
          `${words[how]}: at ${shared} the rule "${id}" does the same (${step.action}); remove one, or let their conditions exclude each other.`,
        );
      if (clash !== null)
        return finding(
          other,
          'R034',
          how,
          `${words[how]}: at ${shared} the rule "${id}" sets "${clash}" to another value (${step.action}); remove one, or let their conditions exclude each other.`,
        );
    }
  return null;
}

/** `same`, or the input that the two set differently; null when each does its own. */
function clashOfSteps(one: StepPart, other: StepPart): string | null {
  if (one.text === other.text) return 'same';
  if (!one.action.endsWith('.update')) return null;
  const record = one.action.split('.').at(-2) ?? '';
  if (!isSameJson(one.with[record], other.with[record])) return null;
  const isPlain = (value: unknown) => value !== undefined && !JSON.stringify(value).includes('{{');
  const differs = Object.keys(one.with).find(
    (key) =>
      isPlain(one.with[key]) && isPlain(other.with[key]) && !isSameJson(one.with[key], other.with[key]),
  );
  return differs ?? null;
}

function canBothHold(one: CompiledRule, other: CompiledRule): boolean {
  const limits = [...partsOf(one).limits, ...partsOf(other).limits];
  const fields = new Set(limits.map(({ field }) => field));
  const zone = one.rule.timezone ?? 'UTC';
  return ![...fields].some((field) =>
    isImpossible(
      limits.filter((limit) => limit.field === field),
      { zone },
    ),
  );
}

type StepPart = StepSpec & { text: string };

interface Parts {
  /** As text: the same conditions give the same. */
  conditions: string;
  limits: PlacedLimit[];
  steps: StepPart[];
}

const known = new WeakMap<CompiledRule, Parts>();

/** What a rule is compared by; it is compared with many. */
function partsOf(compiled: CompiledRule): Parts {
  const before = known.get(compiled);
  if (before !== undefined) return before;
  const { conditions } = compiled.rule;
  const parts = {
    conditions: canonicalJson(conditions),
    limits: limitsIn(conditions, ['conditions']).filter(({ field }) => field !== 'trigger.id'),
    steps: compiled.steps.map(({ spec }) => ({ ...spec, text: canonicalJson(spec.with) })),
  };
  known.set(compiled, parts);
  return parts;
}
