import { z } from 'zod';
import { EngineError, messageOf, type ErrorCode } from '../lib/errors.js';
import { oneLine } from './table.js';

/** 0: fine. 1: the answer is no, or it cannot be done now (the database, the port, Clio). 2: wrong usage or settings. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes, and how. */
export interface CommandLine {
  /** Whether `--json` was given: then standard output carries one JSON value and nothing else. */
  isJson(): boolean;
  out(text: string): void;
  /** For people only: notices and errors. */
  err(text: string): void;
  finish(code: ExitCode): void;
}

/** Prints `value` as JSON, or `text` for people. */
export function print(line: CommandLine, value: unknown, text: () => string): void {
  line.out(line.isJson() ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** Asked rightly, and the answer is no. */
const ANSWERS: readonly ErrorCode[] = ['request.not_found', 'request.conflict'];

/** The one place that says how `praetor` and `npm start` end after an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof z.ZodError) return 2;
  if (!(error instanceof EngineError) || ANSWERS.includes(error.code)) return 1;
  return /^(request|config)[.]/.test(error.code) ? 2 : 1;
}

/** What is wrong with the options of a command, which have the names of the API's fields. */
function optionProblems({ issues }: z.ZodError): string {
  const problems = issues.map(({ path, message }) => `--${path.join('-').replaceAll('_', '-')}: ${message}`);
  return `That cannot be asked: ${problems.join('; ')}.`;
}

/** One line for the error stream. Settings list their problems, one a line. */
export function errorText(error: unknown): string {
  if (error instanceof z.ZodError) return `praetor: ${oneLine(optionProblems(error))}\n`;
  const message = messageOf(error);
  const isList = error instanceof EngineError && error.code === 'config.invalid';
  return `praetor: ${isList ? message : oneLine(message)}\n`;
}
