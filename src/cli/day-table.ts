import type { DecisionView } from '../admin/decision-views.js';
import { table } from './table.js';
import { isObject } from '../lib/json.js';
import { renderVerdict } from '../rules/describe-verdict.js';
import type { Verdict } from '../rules/verdict.js';
import type { PlayedScene } from '../demo/play-day.js';

interface Line {
  scene: string;
  event: string;
  rule: string;
  decision: string;
  made: string;
}

/** `✓ ` before a rendered verdict. */
const MARK_LENGTH = 2;

/** What came in, what each rule said to it and why, and what was made of it. */
export function dayTable(scenes: readonly PlayedScene[]): string {
  return table<Line>(
    [
      { title: 'WHAT HAPPENED', value: ({ scene }) => scene, wrap: 22 },
      { title: 'EVENT', value: ({ event }) => event, wrap: 20 },
      { title: 'RULE', value: ({ rule }) => rule, wrap: 22 },
      { title: 'DECISION', value: ({ decision }) => decision, wrap: 36 },
      { title: 'MADE IN CLIO', value: ({ made }) => made, wrap: 32 },
    ],
    scenes.flatMap(linesOf),
  );
}

function linesOf(scene: PlayedScene): Line[] {
  const lines = scene.events.flatMap((event) =>
    event.decisions.flatMap((decision) => {
      const made = madeBy(scene, decision.run_id);
      const first = { rule: decision.rule_id, decision: decisionText(decision) };
      const event_ = `${event.type} ${event.record_id}`;
      return (made.length === 0 ? [''] : made).map((object, index) =>
        index === 0
          ? { scene: '', event: event_, ...first, made: object }
          : { scene: '', event: '', rule: '', decision: '', made: object },
      );
    }),
  );
  const shown = lines.length > 0 ? lines : [nothing(scene)];
  return shown.map((line, index) => (index === 0 ? { ...line, scene: scene.title } : line));
}

function nothing({ answers, events }: PlayedScene): Line {
  const refused = answers.find((status) => status >= 400);
  const decision =
    refused !== undefined
      ? `refused with ${refused}, not stored`
      : events.length > 0
        ? 'no rule was asked'
        : 'nothing was sent: no rule listens';
  return { scene: '', event: '-', rule: '-', decision, made: '' };
}

function madeBy({ runs }: PlayedScene, runId: string | null): string[] {
  const steps = runs.find(({ id }) => id === runId)?.steps ?? [];
  return steps
    .filter(({ status }) => status !== 'skipped')
    .map(({ action, status, output, error }) => {
      const model = action.split('.')[1] ?? action;
      if (status !== 'done' || !isObject(output)) return `${model}: ${status} ${errorMessage(error)}`;
      return `${model} ${String(output['id'])} "${(output['name'] ?? output['subject'] ?? '') as string}"`;
    });
}

function errorMessage(error: unknown): string {
  return isObject(error) ? String(error['message']) : '';
}

function decisionText({ outcome, reason, explanation }: DecisionView): string {
  if (outcome === 'matched') return 'matched';
  const why = isObject(explanation) ? decisiveText(explanation as unknown as Verdict) : '';
  return `${outcome.replace('_', ' ')}: ${why === '' ? reason : why}`;
}

/** The condition that decided, in words: the first leaf that has the value of the whole. */
function decisiveText(verdict: Verdict): string {
  const child = verdict.children?.find(({ value }) => value === verdict.value);
  if (child !== undefined) return decisiveText(child);
  const { children: _children, ...leaf } = verdict;
  return renderVerdict(leaf)[0]?.slice(MARK_LENGTH) ?? '';
}
