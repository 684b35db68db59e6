import { isUtf8 } from 'node:buffer';
import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { messageOf } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';
import type { Calendar } from './calendar.js';
import type { Commons } from './commons.js';
import type { BrokenRule } from './compiled-rule.js';
import type { Diagnostic } from './diagnostic.js';
import { lintPartial } from './lint-partial.js';
import { parseCalendar } from './parse-calendar.js';
import type { ParsedFile } from './parse-rules.js';

/** The folders below the rules folder whose files rules share. */
export const commonFolders = ['calendars', 'templates'] as const;
/** What some editors begin a file with; in a text that rules share it would go out with the text. */
const BYTE_ORDER_MARK = /^\ufeff/;
const NAMED = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What a rules folder shares, and the files of it that are broken. A folder that is not there is empty. */
export async function loadCommons(folder: string): Promise<{ commons: Commons; broken: ParsedFile[] }> {
  const calendars = new Map<string, Calendar | null>();
  const partials = new Map<string, string | null>();
  const broken: ParsedFile[] = [];
  for (const { file, name, text, error } of await filesIn(join(folder, 'calendars'), /\.ya?ml$/)) {
    const parsed = parseCalendar(file, name, text);
    const diagnostics = [...nameProblems(file, name, calendars.has(name)), ...(error ?? parsed.diagnostics)];
    const isBroken = diagnostics.some(({ severity }) => severity === 'error');
    calendars.set(name, isBroken ? null : parsed.calendar);
    if (isBroken) broken.push(brokenFile(file, text, diagnostics));
  }
  for (const { file, name, text, error } of await filesIn(join(folder, 'templates'), /\.hbs$/)) {
    const diagnostics = [...nameProblems(file, name, false), ...(error ?? lintPartial(file, text))];
    partials.set(name, diagnostics.length > 0 ? null : text);
    if (diagnostics.length > 0) broken.push(brokenFile(file, text, diagnostics));
  }
  return { commons: { calendars, partials }, broken };
}

interface CommonFile {
  file: string;
  name: string;
  text: string;
  /** Why it cannot be read. */
  error?: Diagnostic[];
}

async function filesIn(folder: string, pattern: RegExp): Promise<CommonFile[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const wanted = names.filter((name) => pattern.test(name) && !name.startsWith('.')).sort();
  return Promise.all(
    wanted.map(async (base) => {
      const file = join(folder, base);
      const { name } = parse(base);
      try {
        const bytes = await readFile(file);
        const text = bytes.toString('utf8').replace(BYTE_ORDER_MARK, '');
        return isUtf8(bytes) ? { file, name, text } : { file, name, text, error: notUtf8(file) };
      } catch (error) {
        return {
          file,
          name,
          text: '',
          error: [problem(file, 'R000', `The file cannot be read (${messageOf(error)}).`)],
        };
      }
    }),
  );
}

function notUtf8(file: string): Diagnostic[] {
  return [problem(file, 'R000', 'The file is not UTF-8; save it with that encoding.')];
}

function nameProblems(file: string, name: string, isTaken: boolean): Diagnostic[] {
  if (isTaken) return [problem(file, 'R006', `Another file is named "${name}" already; rename one.`)];
  if (NAMED.test(name)) return [];
  return [
    problem(
      file,
      'R005',
      `The name "${name}" must have small letters and digits in words joined by hyphens; rename the file.`,
    ),
  ];
}

function problem(file: string, code: string, message: string): Diagnostic {
  return { code, severity: 'error', message, file, line: 1, column: 1, path: '' };
}

function brokenFile(file: string, source: string, diagnostics: Diagnostic[]): ParsedFile {
  const broken: BrokenRule = { id: null, name: null, file, source, hash: contentHash(source), diagnostics };
  return { rules: [], broken: [broken], diagnostics };
}
