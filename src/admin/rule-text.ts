import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { parseApiText, type RuleFormat } from '../rules/api-rules.js';
import { callsOf, callsOfRun } from '../rules/calls-of.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { CurrentRules } from '../rules/current-rules.js';
import { formatDiagnostic, type Diagnostic } from '../rules/diagnostic.js';
import { lintBeside } from '../rules/lint-book.js';
import { lintTimes } from '../rules/lint-times.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { triggerId } from '../rules/trigger.js';
import { diagnosticView } from './rule-views.js';

/** What a text is checked by: the language, and the rules that it would stand beside. */
export interface Checking {
  vocabulary: Vocabulary;
  rules: CurrentRules;
  now: Date;
}

export const ruleText = z.string().min(1).describe('YAML, or JSON; kept as it is, comments too.');

export const validateBody = z.strictObject({
  text: z.string(),
  format: z.enum(['yaml', 'json']).default('yaml'),
});
export type ValidateBody = z.infer<typeof validateBody>;

const outline = z.object({
  id: z.string(),
  name: z.string(),
  triggers: z.array(z.string()),
  actions: z.array(z.object({ id: z.string(), action: z.string(), calls: z.number().int() })),
  calls_a_run: z.number().int().describe('Calls to Clio of one run at most.'),
});

/** What the engine says of a text without doing anything about it. */
export const validation = z.object({
  ok: z.boolean().describe('Whether it could be put in force: warnings do not stand in its way.'),
  diagnostics: z.array(diagnosticView),
  outlines: z.array(outline).describe('Of every rule in the text that can be read.'),
});
export type Validation = z.infer<typeof validation>;

/** Checks a text as if it were to be put in force. */
export function validate({ text, format }: ValidateBody, checking: Checking): Validation {
  const { rules, diagnostics } = check(text, checking, format);
  const { actions } = checking.vocabulary;
  return {
    ok: !diagnostics.some(isError),
    diagnostics,
    outlines: rules.map((compiled) => ({
      id: compiled.rule.id,
      name: compiled.rule.name,
      triggers: compiled.rule.triggers.map(triggerId),
      actions: compiled.steps.map(({ key, spec }) => ({
        id: key,
        action: spec.action,
        calls: callsOf(spec.action, spec.with, actions),
      })),
      calls_a_run: callsOfRun(compiled, actions),
    })),
  };
}

/**
 * The one rule of a text that may be put in force.
 * @throws RequestError `rule.invalid` (422) with the diagnostics.
 */
export function soundRule(text: string, checking: Checking): CompiledRule {
  const { rules, diagnostics } = check(text, checking);
  const [rule, second] = rules;
  if (diagnostics.some(isError) || rule === undefined) throw refused(diagnostics);
  if (second === undefined) return rule;
  const message = `The text holds a second rule, "${second.rule.id}"; send each by itself, or all of them to POST /api/v1/rules/import.`;
  const finding = { code: 'R006', severity: 'error', message, path: 'id' } as const;
  throw refused([{ ...finding, file: rule.file, ...second.idAt }]);
}

/** The refusal of a text, with every finding, errors first. */
export function refused(diagnostics: readonly Diagnostic[]): RequestError {
  const errors = diagnostics.filter(isError);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const what = first === undefined ? 'it holds no rule.' : `${formatDiagnostic(first)}${more}`;
  return new RequestError('rule.invalid', `The text cannot be used: ${what}`, {
    details: {
      diagnostics: [...errors, ...diagnostics.filter((one) => !isError(one))],
      problems: errors.map(formatDiagnostic),
    },
  });
}

/** The rules of a text that can be used, and all that is found about it, in the order of its lines. */
export function check(
  text: string,
  { vocabulary, rules: current, now }: Checking,
  format?: RuleFormat,
): { rules: CompiledRule[]; diagnostics: Diagnostic[] } {
  const { rules, diagnostics } = parseApiText(text, vocabulary, current.commons(), format);
  const book = current.book();
  const beside = rules.flatMap((rule) => [...rule.remarks, ...lintBeside(rule, book, vocabulary)]);
  const all = [...diagnostics, ...beside, ...lintTimes(rules, now)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  );
  return { rules, diagnostics: all };
}

/** A text with another id than the address: ids stay, because decisions and runs name them. */
export function otherId({ rule, file, idAt }: CompiledRule, id: string): RequestError {
  const message = `The text has the id "${rule.id}", and it is sent for "${id}"; an id stays. Write "${id}", or make a new rule (POST /api/v1/rules).`;
  return refused([{ code: 'R006', severity: 'error', message, file, ...idAt, path: 'id' }]);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
