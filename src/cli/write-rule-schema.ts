import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { SCHEMA_FILE } from '../rules/load-rules.js';
import { ruleJsonSchema } from '../rules/rule-json-schema.js';
import { vocabulary } from '../vocabulary.js';

/**
 * Writes `rule.schema.json` into the folder of rules, where the first line of each rule looks for it.
 * @throws RequestError `request.invalid` when it cannot be written there.
 */
export async function writeRuleSchema(folder: string): Promise<{ file: string; schema: JsonObject }> {
  const file = join(folder, SCHEMA_FILE);
  const schema = ruleJsonSchema(vocabulary());
  try {
    await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`);
  } catch (cause) {
    throw new RequestError(
      'request.invalid',
      `${file} cannot be written (${messageOf(cause)}); name the folder of the rules with --dir.`,
      { cause },
    );
  }
  return { file, schema };
}
