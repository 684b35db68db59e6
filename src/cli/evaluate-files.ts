import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { evaluateEvent, givenEvent, type EventEvaluation, type GivenEvent } from '../admin/evaluate-event.js';
import { requestWords } from '../admin/request-words.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { systemClock } from '../lib/clock.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { notJson } from '../rules/yaml-words.js';
import { vocabulary } from '../vocabulary.js';
import { problemsIn } from './checked.js';
import { verdictText } from './event-report.js';
import { wouldFail } from './simulate-report.js';
import { readRules, refuseBroken, theRule } from './rule-files.js';

/** What a rule file makes of an event file. Nothing is sent and nothing stored. */
export async function evaluateFiles(options: {
  rule: string;
  event: string;
  id?: string;
}): Promise<EventEvaluation> {
  const compiled = await oneRule(options.rule, options.id);
  return evaluateEvent(compiled, await readEvent(options.event), vocabulary(), systemClock.now());
}

async function oneRule(file: string, id: string | undefined): Promise<CompiledRule> {
  const { active, broken } = await readRules([file]);
  refuseBroken(broken);
  return theRule(active, id, file, '--id');
}

async function readEvent(file: string): Promise<GivenEvent> {
  const refused = (problem: string, cause?: unknown) =>
    new RequestError(
      'request.invalid',
      `The event file ${file} cannot be used: ${problem.replace(/\.$/, '')}. It holds {"event": "matter.updated", "record": {...}, "previous": {...}}; for a rule that goes by the clock {"record": {...}}.`,
      { cause },
    );
  const bytes = await readFile(file).catch((error: unknown) => {
    throw refused(messageOf(error), error);
  });
  if (!isUtf8(bytes)) throw refused('it is not UTF-8; save it with that encoding');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refused(notJsonIn(text, messageOf(error)), error);
  }
  const parsed = givenEvent.safeParse(content, { error: requestWords });
  if (parsed.success) return parsed.data;
  throw refused(problemsIn(parsed.error));
}

/** In which line and column the text stops being JSON, and what to write; `told` is what the parser says. */
function notJsonIn(text: string, told: string): string {
  if (text.trim() === '') return 'it is empty';
  const foreign = notJson(text);
  const offset = foreign?.offset ?? Number(/position (\d+)/.exec(told)?.[1] ?? 0);
  const before = text.slice(0, offset).split('\n');
  const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  const remedy = 'write keys and texts in double quotes, and a comma between two entries';
  return `at ${place} ${foreign?.message ?? `it is no JSON (${told}); ${remedy}`}`;
}

export function evaluationReport(result: EventEvaluation): string {
  const missing = result.missing.length === 0 ? '' : `Missing: ${result.missing.join(', ')}\n`;
  const key = result.idempotency_key === null ? '' : `Key: ${result.idempotency_key}\n`;
  const actions = result.actions.map(
    ({ id, action, with: input, error }) =>
      `\n${id}  ${action}\n${error === null ? JSON.stringify(input, null, 2) : wouldFail(error)}\n`,
  );
  const head = `Rule ${result.rule_id} (version ${result.version.slice(0, 8)}): ${result.outcome}, ${result.reason}\n`;
  const hints = result.hints.map((hint) => `Hint: ${hint}\n`).join('');
  return head + hints + missing + key + verdictText(result.explanation) + actions.join('');
}
