import type { JsonObject } from '../lib/json.js';
import type { FoundLookups } from '../rules/lookup.js';
import type { ArchivedEvent } from '../store/event-archive.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';

/** A change that has been read and compared, as far as match looks at it. */
export type ReadyEvent = ArchivedEvent & Partial<Pick<InboundEvent, 'targetTrigger' | 'plannedAt' | 'tick'>>;

/** What a decision is made with: the time, where Clio's pages are, and where ids come from. */
export interface Moment {
  now: Date;
  /** The base URL of the connection: `https://eu.app.clio.com`. */
  clioUrl: string;
  newId: () => string;
  /** As in EvaluationInput; true when left out. */
  explain?: boolean;
  /** `false`: for whoever only asks whether a rule matches; the runs have no steps then. */
  plansSteps?: boolean;
  /** What the record was before this event, newest first, where a rule asks since when something is so. */
  versions?: readonly JsonObject[];
  /** What the lookups of a rule found, by its version's hash; one that is missing here has not looked anything up yet. */
  lookups?: ReadonlyMap<string, FoundLookups>;
}
