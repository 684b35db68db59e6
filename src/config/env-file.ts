import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { environmentSchema, SECRETS } from './settings.js';

/** What other programs read from the same file. */
const OF_OTHERS = /^(NODE_\w+|TZ|\w+_PROXY|COMPOSE_\w+|POSTGRES_\w+)$/i;
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;

/**
 * The file `.env` of the working folder: its variables, and one line for each mistake in it.
 * @throws RequestError `config.invalid` when there is one that cannot be read.
 */
export function readEnvFile(file = '.env'): { variables: NodeJS.Dict<string>; problems: string[] } {
  try {
    const text = readFileSync(file, 'utf8');
    return { variables: parseEnv(text), problems: problemsIn(file, text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { variables: {}, problems: [] };
    throw new RequestError(
      'config.invalid',
      `The file ${file} cannot be read (${messageOf(error)}); fix its permissions or remove it.`,
      { cause: error },
    );
  }
}

function problemsIn(file: string, text: string): string[] {
  const known = [...Object.keys(environmentSchema.shape), ...SECRETS.map((name) => `${name}_FILE`)];
  const problems: string[] = [];
  let quote: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const where = `line ${index + 1} of ${file}`;
    const [, name, value = ''] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) problems.push(`${where} is no assignment: write NAME=value`);
    else if (!known.includes(name) && !OF_OTHERS.test(name))
      problems.push(`${where}: there is no setting ${name}.${didYouMean(name, known)}`);
    const opening = /^["'`]/.exec(value)?.[0];
    if (opening !== undefined && !value.slice(1).includes(opening)) quote = opening;
  }
  return problems;
}
