import { readFileSync } from 'node:fs';
import { SECRETS } from './settings.js';

/**
 * The variables with every `NAME_FILE` of a secret replaced by `NAME`, read from the file it names. The end of the file's
 * last line is no part of the secret. `problems` has one line for each that cannot be used.
 */
export function withSecretFiles(given: Readonly<Record<string, string | undefined>>): {
  environment: Record<string, string | undefined>;
  problems: string[];
} {
  const environment = { ...given };
  const problems: string[] = [];
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set: keep one`);
      continue;
    }
    try {
      const secret = readFileSync(file, 'utf8').trim();
      if (secret === '') problems.push(`${name}_FILE names an empty file: ${file}`);
      else environment[name] = secret;
    } catch (error) {
      problems.push(`${name}_FILE cannot be read (${(error as Error).message}): name a readable file`);
    }
  }
  return { environment, problems };
}
