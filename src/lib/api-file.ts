/** What stands where rules of files have their path. A rule's id has small letters, digits and hyphens only. */
const API_FILE = /^api:([a-z0-9-]*|\(no id\))$/;

/** The name of a rule of the API in the place of its file: `api:conflict-check`, or `api:(no id)`. */
export function apiFile(id: string | null): string {
  return id !== null && id !== '' && API_FILE.test(`api:${id}`) ? `api:${id}` : 'api:(no id)';
}

/** Whether the text behind this name was given to the API. */
export function isApiFile(file: string): boolean {
  return API_FILE.test(file);
}
