import { z } from 'zod';
import { Attempt } from '../store/attempt.entity.js';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { Run } from '../store/run.entity.js';
import { Step } from '../store/step.entity.js';
import { filtersOf, mapPage, pageOf, pageQuery, readPage, type Page } from './page.js';
import { runStory, runView, viewRun, type RunStory, type RunView } from './run-story.js';

export const runsPage = pageOf(runView);
export const runsQuery = z.strictObject({
  ...pageQuery,
  connection_id: z.string().optional(),
  event_id: z.string().optional(),
  rule_id: z.string().optional(),
  status: runView.shape.status.optional(),
});
export type RunsQuery = z.infer<typeof runsQuery>;

export async function listRuns(database: Database, query: RunsQuery): Promise<Page<RunView>> {
  const where = filtersOf<Run>({
    connectionId: query.connection_id,
    eventId: query.event_id,
    ruleId: query.rule_id,
    status: query.status,
  });
  const source = { list: 'runs', repository: database.repo(Run), where };
  return mapPage(await readPage(source, query), viewRun);
}

/** The run with everything that led to it and came of it, or null when there is none of that id. */
export async function readRunStory(database: Database, id: string): Promise<RunStory | null> {
  const run = await database.repo(Run).findOneBy({ id });
  if (run === null) return null;
  const { eventId, ruleId } = run;
  const [event, decision, steps, attempts] = await Promise.all([
    database.repo(InboundEvent).findOneBy({ id: eventId }),
    database.repo(Decision).findOneBy({ eventId, ruleId }),
    database.repo(Step).find({ where: { runId: id }, order: { position: 'ASC' } }),
    database.repo(Attempt).find({ where: { runId: id }, order: { number: 'ASC' } }),
  ]);
  return runStory({ run, event, decision, steps, attempts });
}
