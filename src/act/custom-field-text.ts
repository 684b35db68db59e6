import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { noMatch } from './lookup-list.js';

/** What a rule may want in a custom field, apart from nothing. */
export type WantedValue = string | number | boolean;

/** What a value must look like as text, and how to say so. Types that are not here take any text. */
const forms: Readonly<Record<string, { form: RegExp; says: string }>> = {
  checkbox: { form: /^(true|false)$/, says: 'is a checkbox and takes true or false' },
  contact: { form: /^[1-9]\d*$/, says: "holds a contact and takes the contact's id" },
  currency: { form: /^-?\d+(\.\d{1,2})?$/, says: 'holds an amount and takes a number such as 1250.50' },
  date: { form: /^\d{4}-\d{2}-\d{2}$/, says: 'holds a date and takes YYYY-MM-DD' },
  email: { form: /^[^@\s]+@[^@\s]+$/, says: 'holds an e-mail address' },
  matter: { form: /^[1-9]\d*$/, says: "holds a matter and takes the matter's id" },
  numeric: { form: /^-?\d+(\.\d+)?$/, says: 'holds a number' },
  text_line: { form: /^[^\n\r]*$/, says: 'holds one line of text' },
};

/**
 * A value as Clio takes it for a field (read with `name`, `field_type` and `picklist_options`): always a text, of a
 * picklist the option's id.
 * @throws UpstreamError `clio.no_match` for an option that the picklist lacks, RuleError `rule.input_invalid` for a value
 * that the field cannot hold.
 */
export function customFieldText(field: ClioRecord, wanted: WantedValue): string {
  const text = String(wanted);
  if (field.field_type === 'picklist') return optionId(field, text);
  const type = String(field.field_type);
  const rule = Object.hasOwn(forms, type) ? forms[type] : undefined;
  const trimmed = rule === undefined || type === 'text_line' ? text : text.trim();
  if (rule === undefined || rule.form.test(trimmed)) return trimmed;
  const name = String(field.name);
  throw new RuleError(
    'rule.input_invalid',
    `The custom field "${name}" ${rule.says}, and ${JSON.stringify(wanted)} is not that. Correct the value in the rule.`,
    { details: { custom_field: name, field_type: type } },
  );
}

/** Whether a field holds `text` already: Clio gives amounts back in its own spelling, `100.0` for `100`. */
export function holdsText(field: ClioRecord, current: unknown, text: string): boolean {
  if (typeof current !== 'string' && typeof current !== 'number' && typeof current !== 'boolean')
    return false;
  const isAmount = field.field_type === 'numeric' || field.field_type === 'currency';
  return String(current) === text || (isAmount && Number(current) === Number(text));
}

function optionId(field: ClioRecord, name: string): string {
  const options = Array.isArray(field.picklist_options) ? field.picklist_options.filter(isObject) : [];
  const offered = options.filter((option) => option.deleted_at === null || option.deleted_at === undefined);
  const found = offered.find((option) => option.option === name);
  if (found !== undefined) return String(found.id);
  const names = offered.map((option) => String(option.option));
  throw noMatch(
    `The custom field "${String(field.name)}" has no option "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
    { custom_field: field.name, option: name },
  );
}
