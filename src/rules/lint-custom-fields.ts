import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';

/** R010 and R022: a custom field has any name, but a dot in it would end it. */
export function lintCustomFields(uses: readonly PathUse[], report: Report): void {
  for (const { path, place, source } of uses) {
    const found = customFieldIn(path);
    if (found === null || isReadable(path)) continue;
    report(
      source === 'template' ? 'R022' : 'R010',
      `"${path}" cannot be read: a path ends the name of a custom field at a dot. If the name has a dot, rename the ` +
        'field in Clio; of a contact or matter in a field there is only the "id".',
      place,
    );
  }
}

/** Whether a path names a custom field, or the id of the contact or matter in one. */
export function isReadable(path: string): boolean {
  const { length = 0, 1: below } = customFieldIn(path)?.parts ?? [];
  return length === 1 || (length === 2 && below === 'id');
}

/** What stands below `custom_fields` in a path: `['matter', 'Retainer']`. Null for any other path. */
export function customFieldIn(path: string): { root: string; parts: readonly string[] } | null {
  const [root = '', field, ...parts] = path.split('.');
  return field === 'custom_fields' && parts.length > 0 ? { root, parts } : null;
}
