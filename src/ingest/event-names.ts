/** Clio prefixes the events of a matter's status with the model; our event types have the model in front anyway. */
const STATUS_EVENTS = new Set(['opened', 'pended', 'closed']);
const PLAIN_EVENTS = new Set(['created', 'updated', 'deleted']);

/** What Clio has webhooks for. Payments are never deleted. */
const WEBHOOK_MODELS = new Set([
  'activity', 'bill', 'calendar_entry', 'clio_payments_payment', 'communication', 'contact', 'document', 'folder',
  'matter', 'task',
]); // prettier-ignore

/** Whether Clio tells of changes by webhook; of anything else they are found by polling alone. */
export function hasWebhooks(model: string): boolean {
  return WEBHOOK_MODELS.has(model);
}

/** Whether an event's type is one of the reports of a matter's status. */
export function isStatusEvent(type: string): boolean {
  const [model, event = ''] = type.split('.');
  return model === 'matter' && STATUS_EVENTS.has(event);
}

/** Events that say nothing about an earlier state. */
const WITHOUT_BASELINE = new Set(['created', 'deleted']);

/**
 * The events to ask Clio for when rules want these. Whoever asks for changes also gets `created`: without it the first
 * change of a record would be its first sight, and nothing could be said to have changed.
 */
export function eventsAsked(events: ReadonlySet<string>): Set<string> {
  const asked = new Set(events);
  if ([...events].some((event) => !WITHOUT_BASELINE.has(event))) asked.add('created');
  return asked;
}

/** Our name for Clio's: `matter_opened` of a matter is `opened`. Null when the model has no such event. */
export function eventNameOf(model: string, clioEvent: string): string | null {
  if (PLAIN_EVENTS.has(clioEvent)) return clioEvent;
  const bare = clioEvent.startsWith(`${model}_`) ? clioEvent.slice(model.length + 1) : '';
  return model === 'matter' && STATUS_EVENTS.has(bare) ? bare : null;
}

/** Clio's name for ours. */
export function clioEventOf(model: string, event: string): string {
  return STATUS_EVENTS.has(event) ? `${model}_${event}` : event;
}
