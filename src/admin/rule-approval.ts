import type { EntityManager } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import type { JsonValue } from '../lib/json.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Actor } from '../store/actor.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { found } from './found.js';

/** Which version is approved, and the hash of what the approver read. */
export interface Approval {
  id: string;
  number: number;
  hash: string;
}

/** Whether a text needs a second person: by its labels, or by those of the text that it would replace. */
export async function needsApproval(
  tx: EntityManager,
  { rule }: CompiledRule,
  labels: readonly string[],
): Promise<boolean> {
  if (labels.length === 0) return false;
  if (rule.labels?.some((label) => labels.includes(label)) === true) return true;
  const row = await tx.findOneBy(RuleRecord, { id: rule.id });
  // A deleted one counts, too: it must not come back without its label on one person's word.
  if (row === null) return false;
  const before = await tx.findOneBy(RuleVersion, { ruleId: rule.id, hash: row.versionHash ?? '' });
  const given: JsonValue = before?.document['labels'] ?? [];
  return Array.isArray(given) && given.some((label) => labels.some((one) => one === label));
}

/**
 * The version that waits to be approved.
 * @throws RequestError `request.not_found`; `request.conflict` when it does not wait or is another than was read;
 * `request.forbidden` when its author would approve it.
 */
export async function pendingVersion(
  tx: EntityManager,
  { id, number, hash }: Approval,
  actor: Actor,
): Promise<RuleVersion> {
  const version = found(
    'version',
    `${id}/${number}`,
    await tx.findOneBy(RuleVersion, { ruleId: id, number }),
  );
  const { approval, author } = version;
  const what = `Version ${number} of the rule "${id}"`;
  if (approval === 'accepted')
    throw new RequestError('request.conflict', `${what} does not wait for an approval.`);
  if (approval === 'dropped')
    throw new RequestError(
      'request.conflict',
      `${what} was overtaken by another change; send its text again if it is still meant.`,
    );
  if (hash !== version.hash)
    throw new RequestError(
      'request.conflict',
      `${what} has another hash than the one that is approved; read it again.`,
    );
  if (author?.kind === actor.kind && author.id === actor.id)
    throw new RequestError('request.forbidden', `${what} is your own; somebody else has to approve it.`);
  return version;
}
