import { z } from 'zod';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fitInput } from './fit-input.js';
import { choicesOf, isOptional, schemaOf, type Schema } from './input-schema.js';
import { misfitOf, optionsOf, type Misfit } from './misfit-words.js';
import type { KnownPaths } from './known-paths.js';
import { lintComputed } from './lint-computed.js';
import type { Place } from './place.js';
import { provenAt } from './proven-paths.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import type { StepSpec } from './step.js';
import type { ActionVocabulary, Vocabulary } from './rule-vocabulary.js';
import { isAction, stepsOf } from './step-tree.js';
import { isAt, sampleInput, type ComputedPart } from './sample-input.js';

/** R020: actions exist, have the inputs they need and no others, and what they are given can fit. */
export function lintActions(rule: Rule, vocabulary: Vocabulary, known: KnownPaths, report: Report): void {
  const ids = new Set<string>();
  for (const { spec, place } of stepsOf(rule)) {
    if (spec.id !== undefined && ids.has(spec.id))
      report(
        'R021',
        `Two steps have the id "${spec.id}"; outputs.${spec.id} would be ambiguous. Give one of them another.`,
        [...place, 'id'],
      );
    ids.add(spec.id ?? '');
  }
  const steps = stepsOf(rule);
  for (const placed of steps.filter(isAction)) {
    const { spec: step, index, place } = placed;
    const action = vocabulary.actions.get(step.action);
    if (action === undefined) {
      const hint = hintFor(step.action, [...vocabulary.actions.keys()]);
      report('R020', `There is no action "${step.action}".${hint}`, [...place, 'action']);
      continue;
    }
    const computed = lintInput(step, action, [...place, 'with'], report);
    const proven = provenAt(rule.conditions, placed, steps);
    for (const part of computed)
      lintComputed(part, { step, index, input: place.length + 1, action, proven, known }, report);
  }
}

const MAKES = /(?<![a-z])(add|new|make|insert)(?![a-z])/;
const CHANGES = /(?<![a-z])(edit|change|modify|set)(?![a-z])/;

/** The action that has the same words in another order or without "clio", else the one spelled most like it. */
function hintFor(name: string, known: readonly string[]): string {
  if (name.includes('{{')) return ' The name of an action is written out; for one of several write "choose".';
  const words = (text: string) =>
    text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word !== 'clio')
      .sort()
      .join();
  const same = known.find(
    (each) => words(each) === words(name.replace(MAKES, 'create').replace(CHANGES, 'update')),
  );
  const hint = same === undefined ? didYouMean(name, known) : ` Did you mean "${same}"?`;
  return hint === '' ? ' docs/actions.md lists what there is.' : hint;
}

/** Checks one input as far as it stands in the rule; what is computed comes back. */
function lintInput(
  step: StepSpec,
  action: ActionVocabulary,
  place: Place,
  report: Report,
): readonly ComputedPart[] {
  const shape = new Map(Object.entries<z.core.$ZodType>(action.input.shape));
  const computed: ComputedPart[] = [];
  let isSound = true;
  const complain = (message: string, at: Place) => {
    isSound = false;
    report('R020', message, at);
  };
  for (const [name, node] of Object.entries(step.with)) {
    const schema = shape.get(name);
    const at = [...place, name];
    if (schema === undefined)
      complain(
        `${action.name} takes no "${name}".${didYouMean(name, shape.keys()) || ` It takes ${[...shape.keys()].join(', ')}.`}`,
        at,
      );
    else {
      const field = lintField(node, schema, at);
      computed.push(...field.computed);
      if (field.problem !== undefined)
        complain(`"${name}" of ${action.name}: ${field.problem.message}`, field.problem.at);
      isSound &&= field.isSound;
    }
  }
  for (const [name, schema] of shape)
    if (!Object.hasOwn(step.with, name) && !isOptional(action, name))
      complain(`${action.name} needs "${name}": ${optionsOf(choicesOf(schemaOf(schema)))}.`, place);
  for (const { path, message } of action.lint?.(step.with, isComputedHere) ?? [])
    complain(message, [...place, ...path]);
  if (isSound) lintWhole(step.with, action, place, report);
  return computed;
}

interface CheckedField {
  computed: readonly ComputedPart[];
  problem?: { message: string; at: Place };
  /** False when it is wrong, or when nothing could be put in the place of what is computed. */
  isSound: boolean;
}

function lintField(node: unknown, schema: z.core.$ZodType, at: Place): CheckedField {
  const { value, computed, misshapen } = sampleInput(node, schemaOf(schema), at, 0);
  const parsed = z.safeParse(schema, computed.length === 0 ? fitInput(node, schema) : value);
  if (parsed.success) return { computed, isSound: true };
  const given = computed.length === 0 ? fitInput(node, schema) : value;
  const placed = parsed.error.issues.map((issue) => wordsOf(issue, given, schemaOf(schema), at));
  const [first = { message: 'it does not fit', at }] = placed;
  const problem = computed.length === 0 ? first : placed.find((issue) => !isAt(issue.at, computed));
  if (problem === undefined) return { computed, isSound: false };
  // A union tells nothing but that it does not fit, and that may be the sample's fault.
  const isCertain = computed.length === 0 || misshapen.length > 0 || problem.at.length > at.length;
  return { computed, isSound: false, ...(isCertain ? { problem } : {}) };
}

/** In our words where the schema can tell them, else in those of the action. */
function wordsOf(issue: z.core.$ZodIssue, value: unknown, schema: Schema, at: Place): Misfit {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const told = issue.code === 'custom' ? null : misfitOf(value, schema, at);
  if (told?.at.slice(at.length, at.length + path.length).join() === path.join()) return told;
  const isEmpty = issue.code === 'too_small' && issue.origin === 'string' && issue.minimum === 1;
  return { message: isEmpty ? 'it may not be empty.' : issue.message, at: [...at, ...path] };
}

const VARIANTS = 8;

/** What the action asks of its inputs together. What is so for every value that a computed input may have is so. */
function lintWhole(given: StepSpec['with'], action: ActionVocabulary, place: Place, report: Report): void {
  const found = Array.from({ length: VARIANTS }, (_, variant) => {
    const { value, computed } = sampleInput(given, schemaOf(action.input), place, variant);
    const parsed = action.input.safeParse(fitInput(value, action.input));
    const issues = parsed.success ? [] : parsed.error.issues;
    return issues
      .filter(({ code }) => code === 'custom')
      .map(({ message, path }) => ({ message, at: [...place, ...path.map(String)] }))
      .filter(({ at }) => !isAt(at, computed));
  });
  for (const issue of found[0] ?? [])
    if (found.every((issues) => issues.some(({ message }) => message === issue.message)))
      report('R020', `${action.name}: ${issue.message}`, issue.at);
}

/** Whether a value, apart from what is inside it, is only known when the step runs: a text with paths, logic, a date. */
function isComputedHere(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return isObject(value) && ('logic' in value || 'add' in value);
}
