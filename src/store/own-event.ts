import { newId } from '../lib/ids.js';
import { NOTHING_KNOWN } from './event.store.js';
import type { InboundEvent } from './inbound-event.entity.js';

/** In place of a model, where the clock alone starts a rule: there is no record. */
export const NO_RECORD = 'schedule';

/** What every event has that the clock or a person made, and not a change at Clio: nothing is read for it yet. */
export function ownEvent(
  source: 'schedule' | 'manual',
  record: Pick<InboundEvent, 'connectionId' | 'model' | 'recordId'>,
) {
  const type = `${record.model}.${source === 'schedule' ? 'scheduled' : 'manual'}`;
  const isFrom = { source, type, types: [type], subscriptionId: null, etag: null, payload: {} };
  return { ...NOTHING_KNOWN, ...record, ...isFrom, id: newId() };
}
