/** Clio prefixes the events of a matter's status with the model; our event types have the model in front anyway. */
const STATUS_EVENTS = new Set(['opened', 'pended', 'closed']);
const PLAIN_EVENTS = new Set(['created', 'updated', 'deleted']);

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
