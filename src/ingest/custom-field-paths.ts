/** What has to be read of a record's custom field values to know what each means. */
const VALUE_FIELDS = ['custom_field', 'field_name', 'field_type', 'picklist_option', 'value'];

const isByName = (path: string) => path.split('.')[0] === 'custom_fields';
const isValue = (path: string) => path.split('.')[0] === 'custom_field_values';

/** The paths to read of a record for the paths that rules name: `custom_fields.Retainer` is made of the values. */
export function pathsToRead(paths: ReadonlySet<string>): ReadonlySet<string> {
  if (![...paths].some(isByName)) return paths;
  const values = VALUE_FIELDS.map((field) => `custom_field_values.${field}`);
  return new Set([...[...paths].filter((path) => !isByName(path)), ...values]);
}

/** The paths that a webhook may ask for: whether one delivers or watches custom field values, Clio does not say. */
export function pathsToWatch(paths: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...paths].filter((path) => !isByName(path) && !isValue(path)));
}

/** Whether records read with these fields have all that `customFieldsOf` needs. */
export function readsCustomFields(fields: readonly (readonly [string, readonly string[]])[]): boolean {
  const [, nested = []] = fields.find(([field]) => field === 'custom_field_values') ?? [];
  return VALUE_FIELDS.every((field) => nested.includes(field));
}
