import type { FindOptionsWhere } from 'typeorm';
import type { z } from 'zod';
import { Attempt } from '../store/attempt.entity.js';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { Run } from '../store/run.entity.js';
import { Step } from '../store/step.entity.js';
import {
  exactly,
  fieldsOf,
  longTextFilter,
  recordFilter,
  severalOf,
  shown,
  sortedBy,
  strictQuery,
  timeFilters,
} from './list-query.js';
import { mapPage, pageOf, pageQuery, type Page } from './page.js';
import { besides, connectionsOf, eachOf, filtersOf, readList, spanOf } from './read-list.js';
import { runStory, runView, viewRun, type RunStory, type RunView } from './run-story.js';

export const runsPage = pageOf(runView);
const statuses = runView.shape.status.options;
export const runsQuery = strictQuery({
  ...pageQuery,
  connection_id: exactly.optional(),
  event_id: exactly.optional(),
  rule_id: exactly.optional(),
  record: recordFilter.optional(),
  status: severalOf(statuses).optional(),
  ...timeFilters,
  q: longTextFilter('id, rule_id, record_id, reason and error'),
  sort: sortedBy(['-created_at', 'created_at']),
  fields: fieldsOf(runView),
});
export type RunsQuery = z.infer<typeof runsQuery>;

export async function listRuns(database: Database, query: RunsQuery, now: Date): Promise<Page<RunView>> {
  const source = {
    list: 'runs',
    repository: database.repo(Run),
    order: ['createdAt', 'id'] as const,
    like: [0, ''],
    branches: await branchesOf(database, query),
    isSorted: query.record !== undefined || query.event_id !== undefined,
    span: spanOf(query, now),
    searched: ['id', 'ruleId', 'recordId', 'reason', 'error'] as const,
    without: ['facts', 'plan', 'control', 'cancelKeys'] as const,
  };
  return mapPage(await readList(source, query), (run) => shown(viewRun(run), query.fields));
}

async function branchesOf(
  database: Database,
  { connection_id: connectionId, event_id: eventId, rule_id: ruleId, record, status: wanted }: RunsQuery,
): Promise<FindOptionsWhere<Run>[]> {
  if (eventId !== undefined || record !== undefined) {
    const of = filtersOf<Run>({ eventId, model: record?.model, recordId: record?.id });
    return [{ ...besides<Run>({ connectionId, ruleId, status: wanted }), ...of }];
  }
  const status = wanted ?? statuses;
  if (ruleId !== undefined) return eachOf(filtersOf<Run>({ ruleId, connectionId }), { status });
  if (connectionId === undefined && wanted === undefined) return [{}];
  return eachOf<Run>({}, { connectionId: await connectionsOf(database, connectionId), status });
}

/** The run with everything that led to it and came of it, or null when there is none of that id. */
export async function readRunStory(database: Database, id: string): Promise<RunStory | null> {
  const run = await database.repo(Run).findOneBy({ id });
  if (run === null) return null;
  const { eventId, ruleId } = run;
  const [event, decision, revert, steps, attempts] = await Promise.all([
    database.repo(InboundEvent).findOneBy({ id: eventId }),
    database.repo(Decision).findOneBy({ eventId, ruleId }),
    database.repo(Run).findOne({ select: { id: true }, where: { revertsRunId: id } }),
    database.repo(Step).find({ where: { runId: id }, order: { position: 'ASC' } }),
    database.repo(Attempt).find({ where: { runId: id }, order: { number: 'ASC' } }),
  ]);
  return runStory({ run, event, decision, revert, steps, attempts });
}
