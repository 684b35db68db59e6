import { seedCourtRules } from './court-rules.js';
import { Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';

/** Practice areas and the stages of their matters. */
const PRACTICE_AREAS: Readonly<Record<string, readonly string[]>> = {
  Family: ['Intake', 'Filing', 'Discovery', 'Mediation', 'Settlement'],
  Litigation: ['Intake', 'Pleadings', 'Discovery', 'Trial', 'Appeal'],
  'Estate Planning': ['Intake', 'Drafting', 'Signing', 'Administration'],
};

const TASK_TYPES = ['Filing', 'Phone call', 'Review'];
const FEE_TYPES = ['Fixed', 'Hourly', 'Contingency'];

/** Fills an empty firm without an event: nobody was watching when these records were made. Returns who authorises. */
export function seedFirm(firm: Firm): StoredRecord {
  const seed = (model: string, values: Values) => firm.insert(model, values, true);
  const attorney = seedUser(firm, {
    first_name: 'Alexandra',
    last_name: 'Reed',
    subscription_type: 'Attorney',
  });
  seedUser(firm, { first_name: 'Paul', last_name: 'Marsh', subscription_type: 'NonAttorney' });
  for (const [area, stages] of Object.entries(PRACTICE_AREAS)) {
    const { id } = seed('practice_area', { name: area, category: null, code: null });
    stages.forEach((name, index) => seed('matter_stage', { name, order: index + 1, practice_area_id: id }));
  }
  for (const name of TASK_TYPES) seed('task_type', { name, deleted_at: null });
  const field = { parent_type: 'Matter', deleted: false, displayed: true, required: false };
  seed('custom_field', { ...field, name: 'Court file number', field_type: 'text_line', display_order: 1 });
  seed('custom_field', {
    ...field,
    name: 'Fee agreement',
    field_type: 'picklist',
    display_order: 2,
    picklist_options: FEE_TYPES.map((option) => picklistOption(firm, option)),
  });
  seedTemplates(seed, new Reference('user', attorney.id));
  seedCourtRules(firm);
  seed('calendar', { name: 'Court dates', type: 'AccountCalendar', permission: 'owner', visible: true });
  seed('contact', {
    type: 'Person',
    first_name: 'Jane',
    last_name: 'Doe',
    name: 'Jane Doe',
    ...emails(firm),
  });
  return attorney;
}

function seedTemplates(seed: (model: string, values: Values) => StoredRecord, creator: Reference): void {
  const description = 'First steps in every matter';
  const list = seed('task_template_list', { name: 'New matter', description, creator });
  const ofList = {
    task_template_list: new Reference('task_template_list', list.id),
    template_creator: creator,
    description_text_type: 'plain_text',
    private: false,
  };
  seed('task_template', {
    ...ofList,
    name: 'Check for conflicts',
    description: 'Search the parties in all matters',
    priority: 'High',
  });
  seed('task_template', {
    ...ofList,
    name: 'Send engagement letter',
    description: 'For signature by the client',
    priority: 'Normal',
  });
  const category = seed('document_category', { name: 'Correspondence' });
  const document_category = new Reference('document_category', category.id);
  for (const filename of ['Engagement letter.docx', 'Closing letter.docx'])
    seed('document_template', { filename, document_category, size: 20_480, last_modified_by: creator });
}

/** Ways in which Clio reminds somebody. */
function notificationMethods(firm: Firm, email: string): Reference[] {
  return ['Email', 'Popup'].map((type) => {
    const address = type === 'Email' ? { email_address: email, is_default_email_address: true } : {};
    return new Reference(
      'notification_method',
      firm.insert('notification_method', { type, ...address }, true).id,
    );
  });
}

function seedUser(firm: Firm, names: Readonly<Record<string, string>>): StoredRecord {
  const name = `${names['first_name'] ?? ''} ${names['last_name'] ?? ''}`;
  const calendar = firm.insert(
    'calendar',
    { name, type: 'UserCalendar', permission: 'owner', visible: true },
    true,
  );
  const isAttorney = names['subscription_type'] === 'Attorney';
  const email = `${name.toLowerCase().replace(' ', '.')}@praetor-law.example`;
  const values: Record<string, Value> = {
    ...names,
    name,
    email,
    notification_methods: notificationMethods(firm, email),
    enabled: true,
    account_owner: isAttorney,
    roles: isAttorney ? ['Admin'] : [],
    rate: isAttorney ? 300 : 120,
    time_zone: firm.zone,
    default_calendar_id: Number(calendar.id),
    account: { id: 1, etag: firm.etag('account'), name: 'Praetor Law', created_at: firm.timestamp() },
  };
  return firm.insert('user', values, true);
}

function picklistOption(firm: Firm, option: string): Value {
  const at = firm.timestamp();
  const id = firm.nextId('picklist_option');
  return { id, etag: firm.etag('picklist_option'), option, created_at: at, updated_at: at, deleted_at: null };
}

function emails(firm: Firm): Values {
  const id = firm.nextId('email_addresses');
  const address = { name: 'Home', address: 'jane.doe@example.com', default_email: true, primary: true };
  return { email_addresses: [{ id, etag: firm.etag('email_address'), ...address }] };
}
