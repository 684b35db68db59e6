import type { JsonObject } from './json.js';

/** What went wrong, as rows and answers keep it. */
export interface Problem {
  code: string;
  message: string;
}

/** What becomes of a step after one try. `at` is epoch milliseconds; `unknown` waits for a person. */
export type Outcome =
  | { kind: 'done'; output: JsonObject }
  | { kind: 'retry'; at: number; error: Problem }
  | { kind: 'fail'; error: Problem }
  | { kind: 'unknown'; error: Problem };
