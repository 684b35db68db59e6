import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

/** The types of a client of the API under /api/v1, from its OpenAPI document. */
export async function apiTypes(document: OpenAPI3): Promise<string> {
  const paths = Object.entries(document.paths ?? {}).filter(([path]) => path.startsWith('/api/v1/'));
  const tree = await openapiTS({ ...document, paths: Object.fromEntries(paths) }, { alphabetize: true });
  return `// Made by "npm run docs:api" from /api/openapi.json.\n${astToString(tree)}`;
}
