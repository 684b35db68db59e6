/** What stands below `custom_fields` in a path: `['matter', 'Retainer']`. Null for any other path. */
export function customFieldIn(path: string): { root: string; parts: readonly string[] } | null {
  const [root = '', field, ...parts] = path.split('.');
  return field === 'custom_fields' && parts.length > 0 ? { root, parts } : null;
}
