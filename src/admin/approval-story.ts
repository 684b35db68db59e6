import { z } from 'zod';
import { isObject, readPath, textOf, type JsonObject } from '../lib/json.js';
import { renderVerdict } from '../rules/describe-verdict.js';
import type { Verdict } from '../rules/verdict.js';
import { Approval } from '../store/approval.entity.js';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { Run } from '../store/run.entity.js';
import { Step } from '../store/step.entity.js';
import { anyJson } from './answer-fields.js';
import { approvalView, viewApproval } from './approval-views.js';
import { MAY } from './roles.js';

const named = z.object({ id: z.string(), name: z.string().nullable() });

/** One approval with what it is about, and why it came to it. */
export const approvalStory = approvalView.extend({
  may_decide: z
    .array(z.string())
    .describe('The roles of tokens that may decide; the people asked are in people.'),
  record: named.extend({ model: z.string() }).nullable().describe('The record that the run is about.'),
  matter: named.nullable().describe('The matter: the record itself, or the one it belongs to.'),
  because: anyJson.describe('The verdicts of the conditions of the rule.'),
  reasons: z.array(z.string()).describe('The same in words, a line each, indented by depth.'),
  way: z
    .array(z.object({ step: z.string(), took: z.string(), because: z.string() }))
    .describe('The branches that the run took to come here.'),
});
export type ApprovalStory = z.infer<typeof approvalStory>;

/** Null when there is none of that id. */
export async function readApproval(database: Database, id: string): Promise<ApprovalStory | null> {
  const approval = await database.repo(Approval).findOneBy({ id });
  if (approval === null) return null;
  const { runId } = approval;
  const [run, steps] = await Promise.all([
    database.repo(Run).findOneBy({ id: runId }),
    database.repo(Step).find({ where: { runId }, order: { position: 'ASC' } }),
  ]);
  const { eventId = '', ruleId = '' } = run ?? {};
  const decision = await database.repo(Decision).findOneBy({ eventId, ruleId });
  const because = decision?.explanation ?? null;
  return {
    ...viewApproval(approval),
    may_decide: Object.entries(MAY).flatMap(([role, needs]) => (needs.includes('approve') ? [role] : [])),
    record: run && { model: run.model, id: run.recordId, name: nameOf(run.facts[run.model]) },
    matter: run && matterOf(run),
    because,
    reasons: linesOf(because),
    way: steps.flatMap(branchOf),
  };
}

function matterOf({ model, recordId, facts }: Run): ApprovalStory['matter'] {
  if (model === 'matter') return { id: recordId, name: nameOf(facts['matter']) };
  const matter = readPath(facts, `${model}.matter`) ?? readPath(facts, `${model}.matters.0`);
  const id = readPath(matter, 'id');
  return typeof id === 'number' || typeof id === 'string' ? { id: String(id), name: nameOf(matter) } : null;
}

/** What people call a record, as far as the rule has read it. */
function nameOf(record: unknown): string | null {
  const words = ['display_number', 'name', 'number', 'subject', 'summary'].map((field) =>
    readPath(record, field),
  );
  return words.find((word) => typeof word === 'string') ?? null;
}

function linesOf(because: object | null): string[] {
  if (!isObject(because) || typeof because['node'] !== 'string') return [];
  return renderVerdict(because as unknown as Verdict);
}

function branchOf({ key, action, output }: Step): ApprovalStory['way'] {
  const { name, branch, because }: JsonObject = output ?? {};
  if ((action !== 'if' && action !== 'choose') || typeof because !== 'string') return [];
  return [{ step: key, took: textOf(name ?? branch ?? ''), because }];
}
