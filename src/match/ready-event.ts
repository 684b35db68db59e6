import type { InboundEvent } from '../store/inbound-event.entity.js';

/** A change that has been read and compared, as far as match looks at it. */
export type ReadyEvent = Pick<
  InboundEvent,
  | 'id'
  | 'connectionId'
  | 'source'
  | 'model'
  | 'recordId'
  | 'type'
  | 'types'
  | 'payload'
  | 'receivedAt'
  | 'record'
  | 'previous'
  | 'changed'
  | 'causedByRunId'
  | 'depth'
> &
  Partial<Pick<InboundEvent, 'targetTrigger' | 'plannedAt' | 'tick'>>;
