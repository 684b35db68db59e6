import type { JsonObject } from '../lib/json.js';
import { EngineError } from '../lib/errors.js';
import { compileValue, scopeOf } from './compile-value.js';
import type { StepDefinition } from './plan-steps.js';

/**
 * How the business days of a step's inputs were counted, a sentence each, from what the run was frozen with:
 * `5 business days from 1 July 2026: skips 3 July Independence Day (observed), 4-5 July weekend; ends on 9 July 2026`.
 */
export function arithmeticOf(inputs: StepDefinition['with'], facts: JsonObject): string[] {
  const notes = new Set<string>();
  for (const [field, node] of Object.entries(inputs))
    try {
      compileValue(node, `with/${field}`, () => 'plain').render({ ...scopeOf(facts), notes });
    } catch (error) {
      // Why an input could not be made is the step's own error.
      if (!(error instanceof EngineError)) throw error;
    }
  return [...notes];
}
