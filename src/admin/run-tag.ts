import type { Run } from '../store/run.entity.js';
import type { Step } from '../store/step.entity.js';
import { isoTime, isoTimeOrNull } from './answer-fields.js';
import { etagOf } from './entity-tag.js';
import type { RunStory } from './run-story.js';

/** The ETag of a run as it is shown: another one as soon as the run, a step or a try has moved. */
export function tagOfStory({ id, status, finished_at, steps }: RunStory): string {
  return etagOf([
    id,
    status,
    finished_at,
    steps.map((one) => [one.id, one.status, one.due_at, one.attempts.length]),
  ]);
}

/** The same of its rows; the steps in their order. */
export function tagOfRun({ id, status, finishedAt }: Run, steps: readonly Step[]): string {
  const rows = steps.map((one) => [one.id, one.status, isoTime(one.dueAt), one.attempts]);
  return etagOf([id, status, isoTimeOrNull(finishedAt), rows]);
}
