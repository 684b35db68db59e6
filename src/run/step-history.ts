import { In, Not } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { Attempt } from '../store/attempt.entity.js';
import type { Database } from '../store/database.js';
import type { Run } from '../store/run.entity.js';
import { Step } from '../store/step.entity.js';

/** The outputs of what is already done in the runs of `steps`, by run id and step key. */
export async function outputsBefore(
  database: Database,
  steps: readonly Step[],
): Promise<Map<string, JsonObject>> {
  const outputs = new Map<string, JsonObject>();
  const later = steps.filter((step) => step.position > 0 && step.input === null);
  if (later.length === 0) return outputs;
  const done = await database
    .repo(Step)
    .find({ where: { runId: In(later.map(({ runId }) => runId)), status: 'done' } });
  for (const { runId, key, output } of done) outputs.set(runId, { ...outputs.get(runId), [key]: output });
  return outputs;
}

/** The closed attempts of `steps` by step id, oldest first. */
export async function pastAttempts(
  database: Database,
  steps: readonly Step[],
): Promise<Map<string, Attempt[]>> {
  const past = new Map<string, Attempt[]>();
  const tried = steps.filter((step) => step.attempts > 0);
  if (tried.length === 0) return past;
  const attempts = await database.repo(Attempt).find({
    where: { stepId: In(tried.map(({ id }) => id)), result: Not('open') },
    order: { number: 'ASC' },
  });
  for (const attempt of attempts) past.set(attempt.stepId, [...(past.get(attempt.stepId) ?? []), attempt]);
  return past;
}

/** All rows of the runs that have a plan, by run id, in order. */
export async function rowsOf(database: Database, runs: readonly Run[]): Promise<Map<string, Step[]>> {
  const rows = new Map<string, Step[]>();
  const ids = [...new Set(runs.filter(({ plan }) => plan !== null).map(({ id }) => id))];
  if (ids.length === 0) return rows;
  const found = await database.repo(Step).find({ where: { runId: In(ids) }, order: { position: 'ASC' } });
  for (const step of found) rows.set(step.runId, [...(rows.get(step.runId) ?? []), step]);
  return rows;
}
