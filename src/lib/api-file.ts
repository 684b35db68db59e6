/** What stands where rules of files have their path. A rule's id has small letters, digits and hyphens only. */
const API_FILE = /^api:[a-z0-9-]*$/;

/** The name of a rule of the API in the place of its file: `api:conflict-check`. Without an id it has none yet. */
export function apiFile(id: string | null): string {
  return `api:${id !== null && API_FILE.test(`api:${id}`) ? id : ''}`;
}

/** Whether the text behind this name was given to the API. */
export function isApiFile(file: string): boolean {
  return API_FILE.test(file);
}
