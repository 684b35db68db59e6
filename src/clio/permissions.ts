/** The permission an app needs at Clio for a model's records, as its developer portal calls it. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  activity: 'Activities',
  bill: 'Billing',
  calendar_entry: 'Calendars',
  clio_payments_payment: 'Clio Payments',
  communication: 'Communications',
  contact: 'Contacts',
  document: 'Documents',
  folder: 'Documents',
  matter: 'Matters',
  task: 'Tasks',
  webhook: 'Webhooks',
};

/** `Matters` for `matter`; the model's own name where Clio's word is not known. */
export function permissionFor(model: string): string {
  return PERMISSIONS[model] ?? model;
}
