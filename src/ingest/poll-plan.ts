import { resourceFacts } from '../clio/catalog/catalog.js';
import { fieldList, webhookFields } from '../clio/field-list.js';
import { pathsToRead } from './custom-field-paths.js';
import { hasWebhooks } from './event-names.js';

const MINUTE_MS = 60_000;

/** What has no webhook is asked for this often: people wait for it. One call a model, of 25 that are spare a minute. */
const POLL_MS = 5 * MINUTE_MS;
/** What has webhooks is looked through this often: only what they lost waits for it. */
const SWEEP_MS = 20 * MINUTE_MS;

/** A walk begins this much before the one before it began: Clio's lists may lag behind its changes. */
export const OVERLAP_MS = 5 * MINUTE_MS;
/** So young a change is left to its webhook, which is on its way; the overlap has it again next time. */
export const GRACE_MS = MINUTE_MS;
/** Pages of known records that are asked for after each walk, whether they are still there. */
export const CHECKED_PAGES = 3;
/** What was not shown so recently is asked for before the others: several walks, for those that the budget puts off. */
export const VANISHED_MS = 2 * 60 * MINUTE_MS;
/** Records a page, and ids a question. */
export const PAGE_SIZE = 200;
/** A list of more pages than two million records fill has no end. */
export const MOST_PAGES = 10_000;

/** How long after the beginning of one walk the next is due, in milliseconds. */
export function intervalOf(model: string): number {
  return hasWebhooks(model) ? SWEEP_MS : POLL_MS;
}

/** One list of a model's records: the filters that it needs. */
export type ListPart = Readonly<Record<string, string | boolean>>;

/**
 * The lists that together have every record of a model. Clio's notes are asked for by type; a document is told of while it
 * is being uploaded, and would look like one that is gone.
 */
export function listParts(model: string): readonly ListPart[] {
  if (model === 'note') return [{ type: 'Matter' }, { type: 'Contact' }];
  const { filters } = resourceFacts(model);
  return [filters['show_uncompleted'] === undefined ? {} : { show_uncompleted: true }];
}

/** What makes a list show the trash too, where there is one. */
export function withTrash(model: string): ListPart {
  return resourceFacts(model).filters['include_deleted'] === undefined ? {} : { include_deleted: true };
}

/** Payments have no such filter: their list is read whole and compared. */
export function takesSince(model: string): boolean {
  return resourceFacts(model).filters['updated_since'] !== undefined;
}

/** Fields that say of a record that is still shown that it is gone. */
export const TELLS_GONE: readonly string[] = ['deleted_at', 'deleted'];

/** What a walk reads of each record: what the rules read, and what tells that it is gone. */
export function walkFields(model: string, paths: ReadonlySet<string>): string {
  const { fields, isCut } = webhookFields(model, [...pathsToRead(paths), ...TELLS_GONE]);
  // More than Clio takes: enough is read to notice a change, and enrich reads the rest.
  return isCut ? fieldList(model, TELLS_GONE) : fields;
}
