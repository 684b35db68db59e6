/** A change at Clio that an action causes, and that comes back as an event. */
export interface ActionEffect {
  model: string;
  what: 'created' | 'updated' | 'deleted';
  /** The fields that an update may change; null when it writes what its inputs are called after. */
  fields: readonly string[] | null;
}

const creates = (model: string): ActionEffect[] => [{ model, what: 'created', fields: [] }];
const updates = (model: string, fields: readonly string[] | null = null): ActionEffect[] => [
  { model, what: 'updated', fields },
];

/** What each action writes, by name: what may start other rules. `clio.request` may write anything, so it tells nothing. */
export const actionEffects: ReadonlyMap<string, readonly ActionEffect[]> = new Map([
  ['clio.task.create', creates('task')],
  ['clio.task.update', updates('task')],
  ['clio.task.complete', updates('task', ['status', 'completed_at'])],
  ['clio.task.list', []],
  ['clio.task_list.assign', creates('task')],
  ['clio.note.create', creates('note')],
  ['clio.note.update', updates('note')],
  ['clio.communication.log_phone_call', creates('communication')],
  ['clio.communication.log_email', creates('communication')],
  ['clio.calendar_entry.create', creates('calendar_entry')],
  ['clio.calendar_entry.update', updates('calendar_entry')],
  ['clio.reminder.create', []],
  ['clio.matter_docket.preview', []],
  ['clio.matter_docket.create', creates('calendar_entry')],
  ['clio.conversation_message.send', []],
  ['clio.document.upload', creates('document')],
  ['clio.document.generate', creates('document')],
  ['clio.folder.create', creates('folder')],
  ['clio.matter.create', creates('matter')],
  ['clio.matter.update', updates('matter')],
  ['clio.matter.close', updates('matter', ['status', 'close_date'])],
  ['clio.relationship.create', creates('relationship')],
  ['clio.relationship.remove', [{ model: 'relationship', what: 'deleted', fields: [] }]],
  ['clio.contact.create', creates('contact')],
  ['clio.contact.update', updates('contact')],
  ['clio.contact.find', []],
  ['clio.time_entry.create', creates('activity')],
  ['clio.expense_entry.create', creates('activity')],
  ['clio.bill.update', updates('bill')],
  ['clio.custom_action.create', []],
  ['clio.request', []],
  ['http.request', []],
  ['email.send', []],
  ['notify.owner', []],
  ['log.write', []],
]);
