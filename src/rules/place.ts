/** Keys and places in a document: `['actions', 0, 'with']`. */
export type Place = readonly (string | number)[];

/** The path of what is below `path`, as text. A slash in a key is `~1`, as in a JSON pointer. */
export function below(path: string, ...parts: Place): string {
  return [path, ...parts.map((part) => String(part).replaceAll('/', '~1'))].join('/');
}

/** The place that a path names: `conditions/all/0` is `['conditions', 'all', '0']`. */
export function placeOfPath(path: string): Place {
  return path.split('/').map((part) => part.replaceAll('~1', '/'));
}
